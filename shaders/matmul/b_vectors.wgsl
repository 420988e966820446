// B's blocks from vec4f: N is a multiple of 4, or where neighbours in memory are k, K is.
const SHIFT_B = 2u;

// Where the vec4f for columns column..column+3 start: the same for each k, or where neighbours are k, one a column.
fn b_start(part: Part, column: u32) -> vec4u {
  if (TRANSPOSE_B) {
    let last = N - 1;
    return vec4u(b_column(part, min(column, last)), b_column(part, min(column + 1, last)), b_column(part, min(column + 2, last)), b_column(part, min(column + 3, last)));
  }
  return vec4u(b_column(part, min(column, N - 4)));
}

//#begin lines
fn b_lines(i: vec4u) -> mat4x4f {
  return mat4x4f(read_b(i.x), read_b(i.y), read_b(i.z), read_b(i.w));
}
//#end lines

// Column j is column j of op(B), for k..k+3.
fn b_block(start: vec4u, at: vec4u, k: u32, end: u32) -> mat4x4f {
  let values = b_lines(start + at);
  if (TRANSPOSE_B) {
    return values;
  }
  return transpose(mask_columns(values, k, end));
}
