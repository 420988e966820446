// C[M, N] = op(A) · op(B) with N < 4, where k is innermost in memory on both sides and K a multiple of 4: the last layer of a decoder. Style
// `narrow`: no subgroups, no workgroup memory, WebGPU's default limits.
//
// Each invocation owns 8 rows of C. A tile with four columns would compute columns in vain; here the vec4f are k..k+3 throughout.
//
// Operands, overrides, bindings, sizes and dispatch: as in general.wgsl, with tiles = ceil(M / 8), A and B as array<vec4f>, C as array<f32>,
// and no epilogue.

override WORKGROUP: u32 = 16;

//#begin sizes
alias MatrixA = array<vec4f>;
alias MatrixB = array<vec4f>;
alias ReadA = vec4f;
alias ReadB = vec4f;
alias MatrixC = array<f32>;
alias ResultC = f32;
//#end sizes

//#begin memory
//#import matmul/buffers.wgsl
//#end memory
@group(0) @binding(2) var<storage, read_write> C: MatrixC;

//#begin operands
//#import matmul/matrices.wgsl
//#end operands
//#import matmul/a_vectors.wgsl
//#import matmul/mask.wgsl
const SHIFT_B = 2u;

// A column of four rows of C.
fn store(part: Part, row: u32, column: u32, values: vec4f) {
  for (var i = 0u; i < 4; i++) {
    if (row + i < M && is_row(part, row + i)) {
      C[c_row(part, row + i) * N + column] = values[i];
    }
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) invocation: u32) {
  let row = ((group.y * groups.x + group.x) * WORKGROUP + invocation) * 8;
  if (row >= M) {
    return;
  }
  let part = part_of(group.z);
  let a0_start = a_start(part, row);
  let a1_start = a_start(part, row + 4);
  let b0_start = b_column(part, 0);
  let b1_start = b_column(part, min(1, N - 1));
  let b2_start = b_column(part, N - 1);
  // Of each column of C, rows 0..3 and rows 4..7.
  var c00: vec4f;
  var c01: vec4f;
  var c10: vec4f;
  var c11: vec4f;
  var c20: vec4f;
  var c21: vec4f;
  let end = end_k(part);
  for (var k = first_k(part); k < end; k += 4) {
    let at = at_k(part, k);
    let a0 = a_block(a0_start, at.a, k, end);
    let a1 = a_block(a1_start, at.a, k, end);
    let b0 = read_b(b0_start + at.b.x);
    c00 += b0 * a0;
    c01 += b0 * a1;
    if (N > 1) {
      let b1 = read_b(b1_start + at.b.x);
      c10 += b1 * a0;
      c11 += b1 * a1;
    }
    if (N > 2) {
      let b2 = read_b(b2_start + at.b.x);
      c20 += b2 * a0;
      c21 += b2 * a1;
    }
  }
  store(part, row, 0, c00);
  store(part, row + 4, 0, c01);
  if (N > 1) {
    store(part, row, 1, c10);
    store(part, row + 4, 1, c11);
  }
  if (N > 2) {
    store(part, row, 2, c20);
    store(part, row + 4, 2, c21);
  }
}
