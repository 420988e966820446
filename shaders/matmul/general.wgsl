// C[M, N] = op(A) · op(B): f32, row-major, contiguous. Any M, N, K ≥ 1 and any layout, scalar bindings, WebGPU's default limits: for the
// sizes that the styles with vec4f bindings refuse.
//
// Each invocation owns 4 rows x 4 columns of C. Rows and columns beyond the matrix are read from its last one and not stored.
//
// Operands:  what lies between the `operands` marks says where the elements of A, B and C are: matrices (matmul/matrices.wgsl), or the
//            images and kernels of a convolution (shaders/conv). It brings overrides of its own.
// Overrides: those of the operands, and WORKGROUP (invocations a workgroup; 16 is best on both software adapters, 64 for a real GPU).
// Bindings:  0 A, 1 B (read), 2 C (read_write), all f32; the epilogue's own follow from 3.
// Sizes:     the aliases between the `sizes` marks may be given lengths, as in register.wgsl.
// Epilogue:  is called once for each row and four columns; where N is no multiple of 4, columns ≥ N of the last four are no part of C:
//            their accumulators repeat the last column, their results are dropped, and the epilogue must not read or write there.
// Dispatch:  tiles = ceil(M / 4) · ceil(N / 4), workgroups = ceil(tiles / WORKGROUP), as (x, y, parts) with x · y ≥ workgroups:
//            workgroup number = y · x_count + x, so any split in two works; surplus invocations do nothing. z is the operands' part.

override WORKGROUP: u32 = 16;

//#begin sizes
alias MatrixA = array<f32>;
alias MatrixB = array<f32>;
alias ReadA = f32;
alias ReadB = f32;
alias MatrixC = array<f32>;
alias ResultC = f32;
//#end sizes

//#begin memory
//#import matmul/buffers.wgsl
//#end memory
@group(0) @binding(2) var<storage, read_write> C: MatrixC;

const SHIFT_A = 0u;
const SHIFT_B = 0u;

//#begin operands
//#import matmul/matrices.wgsl
//#end operands

//#begin epilogue
fn epilogue(accumulator: vec4f, row: u32, column: u32) -> vec4f { return accumulator; }
//#end epilogue

const TILE = 4u;

fn store(part: Part, row: u32, column: u32, accumulator: vec4f) {
  if (is_row(part, row)) {
    let to = c_row(part, row);
    let value = epilogue(accumulator, to, column);
    let i = to * N + column;
    C[i] = ResultC(value.x);
    if (column + 1 < N) {
      C[i + 1] = ResultC(value.y);
    }
    if (column + 2 < N) {
      C[i + 2] = ResultC(value.z);
    }
    if (column + 3 < N) {
      C[i + 3] = ResultC(value.w);
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
  let part = part_of(group.z);
  let rows = min(row + vec4u(0, 1, 2, 3), vec4u(M - 1));
  let columns = min(column + vec4u(0, 1, 2, 3), vec4u(N - 1));
  let a_start = vec4u(a_row(part, rows.x), a_row(part, rows.y), a_row(part, rows.z), a_row(part, rows.w));
  let b_start = vec4u(b_column(part, columns.x), b_column(part, columns.y), b_column(part, columns.z), b_column(part, columns.w));
  var c0: vec4f;
  var c1: vec4f;
  var c2: vec4f;
  var c3: vec4f;
  let end = end_k(part);
  for (var k = first_k(part); k < end; k++) {
    let at = at_k(part, k);
    let a_index = a_start + at.a.x;
    let b_index = b_start + at.b.x;
    let b = vec4f(read_b(b_index.x), read_b(b_index.y), read_b(b_index.z), read_b(b_index.w));
    c0 += read_a(a_index.x) * b;
    c1 += read_a(a_index.y) * b;
    c2 += read_a(a_index.z) * b;
    c3 += read_a(a_index.w) * b;
  }
  store(part, row, column, c0);
  store(part, row + 1, column, c1);
  store(part, row + 2, column, c2);
  store(part, row + 3, column, c3);
}
