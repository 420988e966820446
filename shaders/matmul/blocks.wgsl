// 4x4 blocks of A, B and C for the tiles with vec4f bindings (register.wgsl, subgroup.wgsl).
// Needs an operands file (a_row, b_column, at_k, c_row, is_row, M, N, K and TRANSPOSE_A, TRANSPOSE_B: whether four neighbours in memory are
// four rows of op(A) rather than four k, four k of op(B) rather than four columns), TILE, the bindings A, B, C and `epilogue`.
//
// Whatever lies outside a matrix is read from inside it (the index is clamped) and never stored; every such test is on override
// constants and folds away where the sizes are multiples of the block. Indices are shifted, not divided: SwiftShader divides lane by
// lane, four `idiv` for a vector.

// Where A's vec4f for rows row..row+3 start: one a row, or where neighbours are rows, the same for each k.
fn a_start(part: Part, row: u32) -> vec4u {
  if (TRANSPOSE_A) {
    return vec4u(a_row(part, min(row, M - 4)));
  }
  let last = M - 1;
  return vec4u(a_row(part, min(row, last)), a_row(part, min(row + 1, last)), a_row(part, min(row + 2, last)), a_row(part, min(row + 3, last)));
}

// The same for B's columns column..column+3.
fn b_start(part: Part, column: u32) -> vec4u {
  let first = min(column, N - 4);
  if (TRANSPOSE_B) {
    return vec4u(b_column(part, first), b_column(part, first + 1), b_column(part, first + 2), b_column(part, first + 3));
  }
  return vec4u(b_column(part, first));
}

// Column i is row i of op(A), for k..k+3.
fn a_block(i: vec4u, k: u32) -> mat4x4f {
  let values = mat4x4f(A[i.x], A[i.y], A[i.z], A[i.w]);
  if (TRANSPOSE_A) {
    return transpose(mask_k(values, k));
  }
  return values;
}

// Column j is column j of op(B), for k..k+3.
fn b_block(i: vec4u, k: u32) -> mat4x4f {
  let values = mat4x4f(B[i.x], B[i.y], B[i.z], B[i.w]);
  if (TRANSPOSE_B) {
    return values;
  }
  return transpose(mask_k(values, k));
}

// Zeros for what comes after K, where it is no multiple of 4 (only with k outermost in memory: a batch of any size).
fn mask_k(values: mat4x4f, k: u32) -> mat4x4f {
  if (K % 4 == 0) {
    return values;
  }
  let none = vec4f();
  return mat4x4f(values[0], select(none, values[1], k + 1 < K), select(none, values[2], k + 2 < K), select(none, values[3], k + 3 < K));
}

// Column i of a block of C is its row i: row i of A times B is added to it. Row by row, SwiftShader's register allocator does best.
fn multiply_add(a: mat4x4f, b: mat4x4f, c: mat4x4f) -> mat4x4f {
  return mat4x4f(c[0] + a[0] * b, c[1] + a[1] * b, c[2] + a[2] * b, c[3] + a[3] * b);
}

// The epilogue is called once for each four columns of a row that is in C, and nowhere else.
fn store(part: Part, row: u32, column: u32, accumulator: vec4f) {
  if (is_row(part, row)) {
    let to = c_row(part, row);
    C[(to * N + column) >> 2] = epilogue(accumulator, to, column);
  }
}

fn store_block(part: Part, row: u32, column: u32, values: mat4x4f) {
  if ((M % TILE == 0 || row < M) && (N % TILE == 0 || column < N)) {
    store(part, row, column, values[0]);
    store(part, row + 1, column, values[1]);
    store(part, row + 2, column, values[2]);
    store(part, row + 3, column, values[3]);
  }
}
