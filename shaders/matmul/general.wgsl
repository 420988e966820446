// C[M, N] = op(A) · op(B): f32, row-major, contiguous. Any M, N, K ≥ 1 and any layout, scalar bindings, WebGPU's default limits: for the
// sizes that the styles with vec4f bindings refuse.
//
// Each invocation owns 4 rows x 4 columns of C. Rows and columns beyond the matrix are read from its last one and not stored.
//
//   NN: A [M, K], B [K, N]   TN: A [K, M], TRANSPOSE_A = 1   NT: B [N, K], TRANSPOSE_B = 1
//
// Overrides: M, N, K, TRANSPOSE_A, TRANSPOSE_B, WORKGROUP (invocations a workgroup; 16 is best on both software adapters, 64 for a real GPU).
// Bindings:  0 A, 1 B (read), 2 C (read_write), all array<f32>; the epilogue's own follow from 3.
// Epilogue:  is called once for each row and four columns; where N is no multiple of 4, columns ≥ N of the last four are no part of C:
//            their accumulators repeat the last column, their results are dropped, and the epilogue must not read or write there.
// Dispatch:  tiles = ceil(M / 4) · ceil(N / 4), workgroups = ceil(tiles / WORKGROUP), as (x, y, 1) with x · y ≥ workgroups:
//            workgroup number = y · x_count + x, so any split in two works; surplus invocations do nothing.

override M: u32;
override N: u32;
override K: u32;
override TRANSPOSE_A: bool = false;
override TRANSPOSE_B: bool = false;
override WORKGROUP: u32 = 16;

@group(0) @binding(0) var<storage, read> A: array<f32>;
@group(0) @binding(1) var<storage, read> B: array<f32>;
@group(0) @binding(2) var<storage, read_write> C: array<f32>;

//#begin epilogue
fn epilogue(accumulator: vec4f, row: u32, column: u32) -> vec4f { return accumulator; }
//#end epilogue

const TILE = 4u;

fn store(row: u32, column: u32, accumulator: vec4f) {
  if (row < M) {
    let value = epilogue(accumulator, row, column);
    let i = row * N + column;
    C[i] = value.x;
    if (column + 1 < N) {
      C[i + 1] = value.y;
    }
    if (column + 2 < N) {
      C[i + 2] = value.z;
    }
    if (column + 3 < N) {
      C[i + 3] = value.w;
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let tile = (group.y * groups.x + group.x) * WORKGROUP + invocation;
  let tile_columns = (N + TILE - 1) / TILE;
  let row = tile / tile_columns * TILE;
  let column = tile % tile_columns * TILE;
  if (row >= M) {
    return;
  }
  // Element (row, k) of op(A) is A[row · row stride + k · step]; the same for B's columns.
  let a_step = select(1u, M, TRANSPOSE_A);
  let b_step = select(N, 1u, TRANSPOSE_B);
  var a_index = min(row + vec4u(0, 1, 2, 3), vec4u(M - 1)) * select(K, 1u, TRANSPOSE_A);
  var b_index = min(column + vec4u(0, 1, 2, 3), vec4u(N - 1)) * select(1u, K, TRANSPOSE_B);
  var c0: vec4f;
  var c1: vec4f;
  var c2: vec4f;
  var c3: vec4f;
  for (var k = 0u; k < K; k++) {
    let b = vec4f(B[b_index.x], B[b_index.y], B[b_index.z], B[b_index.w]);
    c0 += A[a_index.x] * b;
    c1 += A[a_index.y] * b;
    c2 += A[a_index.z] * b;
    c3 += A[a_index.w] * b;
    a_index += a_step;
    b_index += b_step;
  }
  store(row, column, c0);
  store(row + 1, column, c1);
  store(row + 2, column, c2);
  store(row + 3, column, c3);
}
