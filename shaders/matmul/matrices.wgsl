//#import matmul/slices.wgsl
//
// The operands of a plain product. Indices count elements, or where four of them are one vec4f (SHIFT is 2) vectors.
//
//   NN: A [M, K], B [K, N]   TN: A [K, M], TRANSPOSE_A = 1   NT: B [N, K], TRANSPOSE_B = 1

override TRANSPOSE_A: bool = false;
override TRANSPOSE_B: bool = false;

fn a_row(slice: Part, row: u32) -> u32 { return select(row * (K >> SHIFT), row >> SHIFT, TRANSPOSE_A); }
fn b_column(slice: Part, column: u32) -> u32 { return select(column >> SHIFT, column * (K >> SHIFT), TRANSPOSE_B); }

fn at_k(slice: Part, k: u32) -> Indices {
  if (TRANSPOSE_A) {
    return Indices(lines(k, M >> SHIFT), lines(k, N >> SHIFT));
  }
  if (TRANSPOSE_B) {
    return Indices(vec4u(k >> SHIFT), vec4u(k >> SHIFT));
  }
  return Indices(vec4u(k >> SHIFT), lines(k, N >> SHIFT));
}
