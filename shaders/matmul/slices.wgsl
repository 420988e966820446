// The parts of a product, numbered by the dispatch's z from FIRST_PART on: part z writes a C of its own, rows z · M to z · M + M - 1 of [parts · M, N].
//
// BATCH products of equal extents, each with its own A and B (matrices.wgsl), and within each the sum over k cut into SLICES of SLICE_K (a
// multiple of 4), for products with few tiles and a large K: part z is slice z / BATCH of product z % BATCH, and a second dispatch
// (reduce/reduce.wgsl) adds the slices up in their order. With one part, the default, everything here folds away.

override M: u32;
override N: u32;
override K: u32;
override RAGGED: bool = K % 4 != 0;
override BATCH: u32 = 1;
override SLICES: u32 = 1;
override SLICE_K: u32 = 0;
override FIRST_PART: u32 = 0; // where there are more parts than one dispatch has z

alias Part = u32;

fn part_of(z: u32) -> Part { return FIRST_PART + z; }

fn first_k(part: Part) -> u32 {
  if (SLICES == 1) {
    return 0;
  }
  return part / BATCH * SLICE_K;
}

fn end_k(part: Part) -> u32 {
  if (SLICES == 1) {
    return K;
  }
  return min(first_k(part) + SLICE_K, K);
}

// The row of C for a row of op(A), and whether there is one.
fn c_row(part: Part, row: u32) -> u32 {
  if (SLICES == 1 && BATCH == 1) {
    return row;
  }
  return part * M + row;
}

fn is_row(part: Part, row: u32) -> bool { return M % 4 == 0 || row < M; }

// The indices that k adds: to A's, to B's. Those of k..k+3, or four times that of k where one vec4f holds them all.
struct Indices {
  a: vec4u,
  b: vec4u,
}

// k..k+3 times a stride. Where K is no multiple of 4 the last ones read k = K-1, and zeros take their place (mask.wgsl).
fn lines(k: u32, stride: u32) -> vec4u {
  if (!RAGGED) {
    return k * stride + stride * vec4u(0, 1, 2, 3);
  }
  return min(k + vec4u(0, 1, 2, 3), vec4u(K - 1)) * stride;
}

// k..k+3 where they are neighbours in memory.
fn neighbours(k: u32, shift: u32) -> vec4u {
  if (shift == 0) {
    return lines(k, 1);
  }
  return vec4u(k >> shift);
}
