// 4x4 blocks of A, B and C for the matmul shaders with vec4f bindings (register.wgsl, subgroup.wgsl).
// Needs the overrides M, N, K, TRANSPOSE_A, TRANSPOSE_B, the constant TILE, the bindings A, B, C and `epilogue`.
//
// Whatever lies outside a matrix is read from inside it (the index is clamped) and never stored; every such test is on override
// constants and folds away where the sizes are multiples of the block. Indices are shifted, not divided: SwiftShader divides lane by
// lane, four `idiv` for a vector.

// Where the four vec4f of A's block for rows row..row+3 start at k = 0: one a row, or where A is transposed, one a k.
fn a_start(row: u32) -> vec4u {
  if (TRANSPOSE_A) {
    return (min(row, M - 4) >> 2) + (M / 4) * vec4u(0, 1, 2, 3);
  }
  let rows = row + vec4u(0, 1, 2, 3);
  if (M % 4 == 0) {
    return min(row, M - 4) * (K / 4) + (K / 4) * vec4u(0, 1, 2, 3);
  }
  return min(rows, vec4u(M - 1)) * (K / 4);
}

// The same for B's columns column..column+3.
fn b_start(column: u32) -> vec4u {
  let first = min(column, N - 4);
  if (TRANSPOSE_B) {
    return first * (K / 4) + (K / 4) * vec4u(0, 1, 2, 3);
  }
  return (first >> 2) + (N / 4) * vec4u(0, 1, 2, 3);
}

// Column i is row i of op(A), for k..k+3.
fn a_block(start: vec4u, k: u32) -> mat4x4f {
  if (TRANSPOSE_A) {
    let i = last_k(start + k * (M / 4), k, M / 4);
    return transpose(mask_k(mat4x4f(A[i.x], A[i.y], A[i.z], A[i.w]), k));
  }
  let i = start + (k >> 2);
  return mat4x4f(A[i.x], A[i.y], A[i.z], A[i.w]);
}

// Column j is column j of op(B), for k..k+3.
fn b_block(start: vec4u, k: u32) -> mat4x4f {
  if (TRANSPOSE_B) {
    let i = start + (k >> 2);
    return mat4x4f(B[i.x], B[i.y], B[i.z], B[i.w]);
  }
  let i = last_k(start + k * (N / 4), k, N / 4);
  return transpose(mask_k(mat4x4f(B[i.x], B[i.y], B[i.z], B[i.w]), k));
}

// Where K is no multiple of 4 (only TN: a batch of any size), the last block reads row K-1 for the rows after it ...
fn last_k(index: vec4u, k: u32, stride: u32) -> vec4u {
  if (K % 4 == 0) {
    return index;
  }
  let rows = k + vec4u(0, 1, 2, 3);
  return index - stride * (max(rows, vec4u(K - 1)) - (K - 1));
}

// ... and puts zeros in their place.
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
fn store(row: u32, column: u32, accumulator: vec4f) {
  if (M % 4 == 0 || row < M) {
    C[(row * N + column) >> 2] = epilogue(accumulator, row, column);
  }
}

fn store_block(row: u32, column: u32, values: mat4x4f) {
  if ((M % TILE == 0 || row < M) && (N % TILE == 0 || column < N)) {
    store(row, column, values[0]);
    store(row + 1, column, values[1]);
    store(row + 2, column, values[2]);
    store(row + 3, column, values[3]);
  }
}
