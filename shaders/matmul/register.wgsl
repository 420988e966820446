// C[M, N] = op(A) · op(B): f32, row-major, contiguous. Style `register`: no subgroups, no workgroup memory, WebGPU's default limits.
//
// Each invocation owns 8 rows x 8 columns of C in four mat4x4f accumulators and walks k four at a time: a 4x4 block of A, a 4x4 block
// of B, one product of 4x4 blocks. A block of C holds its row i as column i of the mat4x4f.
//
//   layout   A stored   B stored   overrides
//   NN       [M, K]     [K, N]     TRANSPOSE_A = 0, TRANSPOSE_B = 0
//   TN       [K, M]     [K, N]     TRANSPOSE_A = 1, TRANSPOSE_B = 0
//   NT       [M, K]     [N, K]     TRANSPOSE_A = 0, TRANSPOSE_B = 1
// N is a multiple of 4; A and B are read as vec4f, or as single numbers where their innermost extent is no multiple of 4. Other sizes:
// general.wgsl.
//
// Operands:  what lies between the `operands` marks says where the elements of A, B and C are: matrices (matmul/matrices.wgsl), or the
//            images and kernels of a convolution (shaders/conv). It brings overrides of its own.
// Loads:     what lies between the `loads` marks reads blocks of A and B as vec4f (a_vectors, b_vectors) or f32 (a_scalars, b_scalars).
// Overrides: those of the operands, and WORKGROUP (invocations a workgroup; 4 is best on both software adapters, 64 for a real GPU);
//            ROLLED as in subgroup.wgsl.
// Bindings:  0 A, 1 B (read), 2 C (read_write); the epilogue's own follow from 3.
// Sizes:     the aliases between the `sizes` marks may be given lengths, `array<vec4f, M * K / 4>` as a number and so on; a storage array's
//            length cannot be an override. It saves SwiftShader a division for every clamped index: +8 to +12 % there, nothing elsewhere.
// Dispatch:  tiles = ceil(M / 8) · ceil(N / 8), workgroups = ceil(tiles / WORKGROUP), as (x, y, parts) with x · y ≥ workgroups:
//            workgroup number = y · x_count + x, so any split in two works; surplus invocations do nothing. z is the operands' part.

override WORKGROUP: u32 = 4;
override ROLLED: bool = false;

//#begin sizes
alias MatrixA = array<vec4f>;
alias MatrixB = array<vec4f>;
alias ReadA = vec4f;
alias ReadB = vec4f;
alias MatrixC = array<vec4f>;
alias ResultC = vec4f;
//#end sizes

//#begin memory
//#import matmul/buffers.wgsl
//#end memory
@group(0) @binding(2) var<storage, read_write> C: MatrixC;

//#begin epilogue
fn epilogue(accumulator: vec4f, row: u32, column: u32) -> vec4f { return accumulator; }
//#end epilogue

//#begin operands
//#import matmul/matrices.wgsl
//#end operands
//#begin loads
//#import matmul/a_vectors.wgsl
//#import matmul/b_vectors.wgsl
//#end loads
//#import matmul/mask.wgsl
//#import matmul/blocks.wgsl

const TILE = 8u;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let tile = (group.y * groups.x + group.x) * WORKGROUP + invocation;
  let part = part_of(group.z);
  let tile_columns = (N + TILE - 1) / TILE;
  let tile_row = tile / tile_columns;
  let row = tile_row * TILE;
  let column = (tile - tile_row * tile_columns) * TILE;
  if (row >= M) {
    return;
  }
  let a0_start = a_start(part, row);
  let a1_start = a_start(part, row + 4);
  let b0_start = b_start(part, column);
  let b1_start = b_start(part, column + 4);
  var c00: mat4x4f;
  var c01: mat4x4f;
  var c10: mat4x4f;
  var c11: mat4x4f;
  let end = end_k(part);
  for (var k = first_k(part); k < end; k += 4) {
    let at = at_k(part, k);
    let b0 = b_block(b0_start, at.b, k, end);
    let b1 = b_block(b1_start, at.b, k, end);
    let a0 = a_block(a0_start, at.a, k, end);
    c00 = multiply_add(a0, b0, c00);
    c01 = multiply_add(a0, b1, c01);
    let a1 = a_block(a1_start, at.a, k, end);
    c10 = multiply_add(a1, b0, c10);
    c11 = multiply_add(a1, b1, c11);
  }
  if (ROLLED) {
    // As in subgroup.wgsl: 16 turns that no compiler can count.
    var blocks = array(c00, c01, c10, c11);
    let turns = 16 * min(1, groups.z);
    for (var i = 0u; i < turns; i++) {
      let at = row + 4 * (i >> 3) + (i & 3);
      let first = column + (i & 4);
      if (is_inside(at, first)) {
        store(part, at, first, blocks[i >> 2][i & 3]);
      }
    }
  } else {
    store_block(part, row, column, c00);
    store_block(part, row, column + 4, c01);
    store_block(part, row + 4, column, c10);
    store_block(part, row + 4, column + 4, c11);
  }
}
