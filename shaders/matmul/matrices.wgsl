//#import matmul/slices.wgsl
//
// The operands of a plain product. Indices count elements, or where four of them are one vec4f (SHIFT_A, SHIFT_B are 2) vectors.
//
//   NN: A [M, K], B [K, N]   TN: A [K, M], TRANSPOSE_A = 1   NT: B [N, K], TRANSPOSE_B = 1

override TRANSPOSE_A: bool = false;
override TRANSPOSE_B: bool = false;

fn a_row(slice: Part, row: u32) -> u32 { return select(row * (K >> SHIFT_A), row >> SHIFT_A, TRANSPOSE_A); }
fn b_column(slice: Part, column: u32) -> u32 { return select(column >> SHIFT_B, column * (K >> SHIFT_B), TRANSPOSE_B); }

fn at_k(slice: Part, k: u32) -> Indices {
  if (TRANSPOSE_A) {
    return Indices(lines(k, M >> SHIFT_A), lines(k, N >> SHIFT_B));
  }
  if (TRANSPOSE_B) {
    return Indices(neighbours(k, SHIFT_A), neighbours(k, SHIFT_B));
  }
  return Indices(neighbours(k, SHIFT_A), lines(k, N >> SHIFT_B));
}
