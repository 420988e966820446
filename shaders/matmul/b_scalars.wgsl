// B's blocks from single numbers, where k is innermost in memory and K no multiple of 4.
const SHIFT_B = 0u;

// Where columns column..column+3 start.
fn b_start(part: Part, column: u32) -> vec4u {
  let last = N - 1;
  return vec4u(b_column(part, min(column, last)), b_column(part, min(column + 1, last)), b_column(part, min(column + 2, last)), b_column(part, min(column + 3, last)));
}

// Column j is column j of op(B), for k..k+3.
fn b_block(start: vec4u, at: vec4u, k: u32, end: u32) -> mat4x4f {
  let i = start.x + at;
  let j = start.y + at;
  let l = start.z + at;
  let m = start.w + at;
  return mask_rows(mat4x4f(read_b(i.x), read_b(i.y), read_b(i.z), read_b(i.w), read_b(j.x), read_b(j.y), read_b(j.z), read_b(j.w), read_b(l.x), read_b(l.y), read_b(l.z), read_b(l.w), read_b(m.x), read_b(m.y), read_b(m.z), read_b(m.w)), k, end);
}
