// A's blocks from vec4f: K is a multiple of 4, or where neighbours in memory are rows, M is.
const SHIFT_A = 2u;

// Where the vec4f for rows row..row+3 start: one a row, or where neighbours are rows, the same for each k.
fn a_start(part: Part, row: u32) -> vec4u {
  if (TRANSPOSE_A) {
    return vec4u(a_row(part, min(row, M - 4)));
  }
  let last = M - 1;
  return vec4u(a_row(part, min(row, last)), a_row(part, min(row + 1, last)), a_row(part, min(row + 2, last)), a_row(part, min(row + 3, last)));
}

// Two rows of op(A) for k..k+3, where k are neighbours in memory.
fn a_half(start: vec2u, at: vec4u, k: u32, end: u32) -> mat2x4f {
  let i = start + at.xy;
  return mat2x4f(read_a(i.x), read_a(i.y));
}

// Column i is row i of op(A), for k..k+3.
fn a_block(start: vec4u, at: vec4u, k: u32, end: u32) -> mat4x4f {
  let i = start + at;
  let values = mat4x4f(read_a(i.x), read_a(i.y), read_a(i.z), read_a(i.w));
  if (TRANSPOSE_A) {
    return transpose(mask_columns(values, k, end));
  }
  return values;
}
