// C[M, N] = op(A) · op(B): f32, row-major, contiguous. Style `workgroup`: tiles of A and B in workgroup memory, with barriers; for real GPUs.
// On software adapters it loses to register.wgsl, and takes SwiftShader long to compile. WebGPU's default limits.
//
// A workgroup of 64 invocations owns TILE x TILE of C and walks k DEPTH at a time: each invocation loads one 4x4 block of A and one of B from
// storage into registers, puts them into workgroup memory, and while the loads of the next blocks are under way all multiply what is there.
// An invocation (x, y) of the 8 x 8 owns rows 4y..4y+3 and columns 4x..4x+3 of each 32 x 32 part of the tile: 8x8 sums at TILE = 64, which
// four vec4f from workgroup memory serve 64 multiply-adds, and 4x4 at TILE = 32, for products with too few tiles of 64.
//
// Storage:   neighbouring invocations load neighbouring vec4f: DEPTH / 4 of them along a row where k is innermost in memory (64 bytes of each
//            row at TILE = 64, 128 at 32, whole sectors), TILE / 4 where rows or columns are (256 and 128 bytes).
// Workgroup: [k][rows of A or columns of B] in vec4f of one k. Eight neighbouring invocations, as many as 32 banks serve at once, have one y:
// memory     they read one vec4f of A and eight neighbouring ones of B. Every four k are followed by 32 / DEPTH vec4f of padding, so that in
//            each layout eight neighbours also write to different banks. 8448 bytes in all.
//
// N is a multiple of 4; A and B are read as vec4f, or as single numbers where their innermost extent is no multiple of 4. Other sizes:
// general.wgsl.
//
// Operands, loads, bindings, sizes, epilogue: as in register.wgsl.
// Overrides: those of the operands, and TILE (64 or 32).
// Dispatch:  workgroups = ceil(M / TILE) · ceil(N / TILE), as (x, y, parts) with x · y ≥ workgroups: tile number = y · x_count + x, so any
//            split in two works; surplus workgroups do nothing. z is the operands' part.

override TILE: u32 = 64;
override DEPTH: u32 = 1024 / TILE;

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

// vec4f of one k, and of four k with their padding; (DEPTH / 4) · PITCH is 264 for both tiles.
override SIDE: u32 = TILE / 4;
override PITCH: u32 = TILE + 32 / DEPTH;
var<workgroup> tile_a: array<vec4f, 264>;
var<workgroup> tile_b: array<vec4f, 264>;

// The block that an invocation loads: its place along the tile's side, and along k, in blocks. Neighbours along k, or along the side.
fn block_along_k(invocation: u32) -> vec2u { return vec2u(invocation / (DEPTH / 4), invocation % (DEPTH / 4)); }
fn block_along_side(invocation: u32) -> vec2u { return vec2u(invocation % SIDE, invocation / SIDE); }

// Blocks of op(A) and op(B) for k..k+3, zeros from the end of the sum on.
fn load_a(part: Part, start: vec4u, k: u32, end: u32) -> mat4x4f {
  if (k >= end) {
    return mat4x4f();
  }
  return a_block(start, at_k(part, k).a, k, end);
}

fn load_b(part: Part, start: vec4u, k: u32, end: u32) -> mat4x4f {
  if (k >= end) {
    return mat4x4f();
  }
  return b_block(start, at_k(part, k).b, k, end);
}

// Column i of c is row i of C: a[i] · b is added to it.
fn add_outer(c: mat4x4f, a: vec4f, b: vec4f) -> mat4x4f {
  return mat4x4f(c[0] + a.x * b, c[1] + a.y * b, c[2] + a.z * b, c[3] + a.w * b);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let tile = group.y * groups.x + group.x;
  let tile_columns = (N + TILE - 1) / TILE;
  let tile_row = tile / tile_columns;
  let row = tile_row * TILE;
  let column = (tile - tile_row * tile_columns) * TILE;
  if (row >= M) {
    return;
  }
  let part = part_of(group.z);
  let end = end_k(part);

  var own_a = block_along_k(invocation);
  if (TRANSPOSE_A) {
    own_a = block_along_side(invocation);
  }
  var own_b = block_along_side(invocation);
  if (TRANSPOSE_B) {
    own_b = block_along_k(invocation);
  }
  let a_from = a_start(part, row + 4 * own_a.x);
  let b_from = b_start(part, column + 4 * own_b.x);
  let a_to = own_a.y * PITCH + own_a.x;
  let b_to = own_b.y * PITCH + own_b.x;
  let x = invocation % 8;
  let y = invocation / 8;

  var c00: mat4x4f;
  var c01: mat4x4f;
  var c10: mat4x4f;
  var c11: mat4x4f;
  let first = first_k(part);
  var a = load_a(part, a_from, first + 4 * own_a.y, end);
  var b = load_b(part, b_from, first + 4 * own_b.y, end);
  for (var k = first; k < end; k += DEPTH) {
    let a_lines = transpose(a);
    let b_lines = transpose(b);
    // Nobody multiplies the last tiles any more.
    workgroupBarrier();
    tile_a[a_to] = a_lines[0];
    tile_a[a_to + SIDE] = a_lines[1];
    tile_a[a_to + 2 * SIDE] = a_lines[2];
    tile_a[a_to + 3 * SIDE] = a_lines[3];
    tile_b[b_to] = b_lines[0];
    tile_b[b_to + SIDE] = b_lines[1];
    tile_b[b_to + 2 * SIDE] = b_lines[2];
    tile_b[b_to + 3 * SIDE] = b_lines[3];
    workgroupBarrier();
    // Asked for now, needed after the multiplications.
    a = load_a(part, a_from, k + DEPTH + 4 * own_a.y, end);
    b = load_b(part, b_from, k + DEPTH + 4 * own_b.y, end);
    for (var four = 0u; four < DEPTH / 4; four++) {
      var at = four * PITCH;
      for (var line = 0u; line < 4; line++) {
        let a0 = tile_a[at + y];
        let b0 = tile_b[at + x];
        c00 = add_outer(c00, a0, b0);
        if (TILE == 64) {
          let a1 = tile_a[at + 8 + y];
          let b1 = tile_b[at + 8 + x];
          c01 = add_outer(c01, a0, b1);
          c10 = add_outer(c10, a1, b0);
          c11 = add_outer(c11, a1, b1);
        }
        at += SIDE;
      }
    }
  }
  store_block(part, row + 4 * y, column + 4 * x, c00);
  if (TILE == 64) {
    store_block(part, row + 4 * y, column + 32 + 4 * x, c01);
    store_block(part, row + 32 + 4 * y, column + 4 * x, c10);
    store_block(part, row + 32 + 4 * y, column + 32 + 4 * x, c11);
  }
}
