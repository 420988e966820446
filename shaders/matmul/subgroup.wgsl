enable subgroups;
// C[M, N] = op(A) · op(B): f32, row-major, contiguous. Style `subgroup`: needs the feature `subgroups`, no barrier, no workgroup memory.
//
// The four lanes of a quad own a tile of 16 x 16: lane l holds columns 4l..4l+3 of B and rows 4l..4l+3 of A, four k at a time, each
// loaded once. Three quad swaps pass each row of A's blocks round, so that every lane meets every row: after the swap by s, lane l holds
// that of lane l ^ s. Accumulator c[i] holds row i of the four blocks of C, the one of lane l ^ s in its column s.
// Nothing is loaded twice in a quad and nothing needs sorting at the end.
// A quad swap is one shuffle instruction on both software adapters, where a broadcast is seven on SwiftShader.
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
// Overrides: those of the operands, and WORKGROUP (invocations a workgroup, a multiple of 4: best the subgroup size).
//            ROLLED: the results are stored by a loop, not by 16 copies of the epilogue. That is a third of the code for lavapipe, which runs it
//            faster as well; on SwiftShader, and wherever the accumulators belong in registers, it costs time.
//            PAIRED: quads 2i and 2i + 1 own tiles one below the other, and share what they load of B (b_pairs.wgsl in the place of b_vectors'
//            own loads). A quarter of the loads less, which is a fifth of the time on lavapipe.
//            The subgroup size itself does not matter; quads must be four consecutive invocations: src/gpu/quads.ts finds out.
// Bindings:  0 A, 1 B (read), 2 C (read_write); the epilogue's own follow from 3.
// Sizes:     the aliases between the `sizes` marks may be given lengths, `array<vec4f, M * K / 4>` as a number and so on; a storage array's
//            length cannot be an override. It saves SwiftShader a division for every clamped index: +8 to +12 % there, nothing elsewhere.
// Dispatch:  tiles = ceil(M / 16) · ceil(N / 16), workgroups = ceil(tiles / (WORKGROUP / 4)), as (x, y, parts) with x · y ≥ workgroups:
//            workgroup number = y · x_count + x, so any split in two works; surplus quads store nothing. z is the operands' part.

override WORKGROUP: u32 = 8;
override ROLLED: bool = false;
override PAIRED: bool = false;

// Whether this is the second quad of its pair.
var<private> second: bool;

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

const TILE = 16u;

fn add_row(a: vec4f, b: mat4x4f, c: mat4x4f) -> mat4x4f {
  return mat4x4f(c[0] + a * b, c[1] + quadSwapX(a) * b, c[2] + quadSwapY(a) * b, c[3] + quadSwapDiagonal(a) * b);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let lane = invocation & 3;
  let quad = (group.y * groups.x + group.x) * (WORKGROUP / 4) + (invocation >> 2);
  second = PAIRED && (quad & 1) == 1;
  let tile = select(quad, quad >> 1, PAIRED);
  let part = part_of(group.z);
  let tile_columns = (N + TILE - 1) / TILE;
  let tile_row = tile / tile_columns;
  let row = select(tile_row, 2 * tile_row + (quad & 1), PAIRED) * TILE;
  let column = (tile - tile_row * tile_columns) * TILE + 4 * lane;
  let a_from = a_start(part, row + 4 * lane);
  let b_from = b_start(part, column);
  var c: array<mat4x4f, 4>;
  let end = end_k(part);
  for (var k = first_k(part); k < end; k += 4) {
    let at = at_k(part, k);
    let b = b_block(b_from, at.b, k, end);
    if (TRANSPOSE_A) {
      let a = a_block(a_from, at.a, k, end);
      c[0] = add_row(a[0], b, c[0]);
      c[1] = add_row(a[1], b, c[1]);
      c[2] = add_row(a[2], b, c[2]);
      c[3] = add_row(a[3], b, c[3]);
    } else {
      // Two rows at a time: fewer values wait for their turn in fewer registers, +7 to +15 % on SwiftShader, about -2 % on lavapipe.
      let upper = a_half(a_from.xy, at.a, k, end);
      c[0] = add_row(upper[0], b, c[0]);
      c[1] = add_row(upper[1], b, c[1]);
      let lower = a_half(a_from.zw, at.a, k, end);
      c[2] = add_row(lower[0], b, c[2]);
      c[3] = add_row(lower[1], b, c[3]);
    }
  }
  // One test for the surplus quads, at the end: before the swaps it would make the control flow non-uniform.
  if (row < M) {
    if (ROLLED) {
      // 16 turns. There is a part at least, but no compiler knows it: it would unroll what has a known number of turns.
      let turns = 16 * min(1, groups.z);
      for (var i = 0u; i < turns; i++) {
        let at = row + 4 * (lane ^ (i >> 2)) + (i & 3);
        if (is_inside(at, column)) {
          store(part, at, column, c[i & 3][i >> 2]);
        }
      }
    } else {
      store_block(part, row + 4 * lane, column, mat4x4f(c[0][0], c[1][0], c[2][0], c[3][0]));
      store_block(part, row + 4 * (lane ^ 1), column, mat4x4f(c[0][1], c[1][1], c[2][1], c[3][1]));
      store_block(part, row + 4 * (lane ^ 2), column, mat4x4f(c[0][2], c[1][2], c[2][2], c[3][2]));
      store_block(part, row + 4 * (lane ^ 3), column, mat4x4f(c[0][3], c[1][3], c[2][3], c[3][3]));
    }
  }
}
