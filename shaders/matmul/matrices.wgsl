//#import matmul/slices.wgsl
//
// The operands of a plain product, or of BATCH of them. Indices count elements, or where four of them are one vec4f (SHIFT_A, SHIFT_B are 2) vectors.
//
//   NN: A [M, K], B [K, N]   TN: A [K, M], TRANSPOSE_A = 1   NT: B [N, K], TRANSPOSE_B = 1
//
// A's matrices lie one after another, or there is one that all share (SHARED_A); so with B.

override TRANSPOSE_A: bool = false;
override TRANSPOSE_B: bool = false;
override SHARED_A: bool = false;
override SHARED_B: bool = false;

fn a_row(part: Part, row: u32) -> u32 {
  let within = select(row * (K >> SHIFT_A), row >> SHIFT_A, TRANSPOSE_A);
  if (BATCH == 1 || SHARED_A) {
    return within;
  }
  return part % BATCH * ((M * K) >> SHIFT_A) + within;
}

fn b_column(part: Part, column: u32) -> u32 {
  let within = select(column >> SHIFT_B, column * (K >> SHIFT_B), TRANSPOSE_B);
  if (BATCH == 1 || SHARED_B) {
    return within;
  }
  return part % BATCH * ((K * N) >> SHIFT_B) + within;
}

fn at_k(part: Part, k: u32) -> Indices {
  if (TRANSPOSE_A) {
    return Indices(lines(k, M >> SHIFT_A), lines(k, N >> SHIFT_B));
  }
  if (TRANSPOSE_B) {
    return Indices(neighbours(k, SHIFT_A), neighbours(k, SHIFT_B));
  }
  return Indices(neighbours(k, SHIFT_A), lines(k, N >> SHIFT_B));
}
