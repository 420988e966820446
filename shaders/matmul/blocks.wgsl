// 4x4 blocks of A, B and C for the tiles with vec4f bindings (register.wgsl, subgroup.wgsl).
// Needs an operands file (a_row, b_column, at_k, c_row, is_row, M, N, K and TRANSPOSE_A, TRANSPOSE_B: whether four neighbours in memory are
// four rows of op(A) rather than four k, four k of op(B) rather than four columns), for A and for B a file that loads vectors or scalars,
// TILE, the binding C and `epilogue`.
//
// Whatever lies outside a matrix is read from inside it (the index is clamped) and never stored; every such test is on override
// constants and folds away where the sizes are multiples of the block. Indices are shifted, not divided: SwiftShader divides lane by
// lane, four `idiv` for a vector.

// Column i of a block of C is its row i: row i of A times B is added to it. Row by row, SwiftShader's register allocator does best.
fn multiply_add(a: mat4x4f, b: mat4x4f, c: mat4x4f) -> mat4x4f {
  return mat4x4f(c[0] + a[0] * b, c[1] + a[1] * b, c[2] + a[2] * b, c[3] + a[3] * b);
}

// The epilogue is called once for each four columns of a row that is in C, and nowhere else.
fn store(part: Part, row: u32, column: u32, accumulator: vec4f) {
  if (is_row(part, row)) {
    let to = c_row(part, row);
    C[(to * N + column) >> 2] = ResultC(epilogue(accumulator, to, column));
  }
}

fn is_inside(row: u32, column: u32) -> bool { return (M % TILE == 0 || row < M) && (N % TILE == 0 || column < N); }

fn store_block(part: Part, row: u32, column: u32, values: mat4x4f) {
  if (is_inside(row, column)) {
    store(part, row, column, values[0]);
    store(part, row + 1, column, values[1]);
    store(part, row + 2, column, values[2]);
    store(part, row + 3, column, values[3]);
  }
}
