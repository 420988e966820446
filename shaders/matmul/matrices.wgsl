//#import matmul/slices.wgsl
//
// The operands of a plain product: element (row, k) of op(A) is A[a_row + a_k], element (k, column) of op(B) is B[b_k + b_column].
//
//   NN: A [M, K], B [K, N]   TN: A [K, M], TRANSPOSE_A = 1   NT: B [N, K], TRANSPOSE_B = 1

override TRANSPOSE_A: bool = false;
override TRANSPOSE_B: bool = false;

fn a_row(slice: Part, row: u32) -> u32 { return select(row * K, row, TRANSPOSE_A); }
fn a_k(slice: Part, k: u32) -> u32 { return select(k, k * M, TRANSPOSE_A); }
fn b_k(slice: Part, k: u32) -> u32 { return select(k * N, k, TRANSPOSE_B); }
fn b_column(slice: Part, column: u32) -> u32 { return select(column, column * K, TRANSPOSE_B); }
