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
  return mask_rows(mat4x4f(f32(B[i.x]), f32(B[i.y]), f32(B[i.z]), f32(B[i.w]), f32(B[j.x]), f32(B[j.y]), f32(B[j.z]), f32(B[j.w]), f32(B[l.x]), f32(B[l.y]), f32(B[l.z]), f32(B[l.w]), f32(B[m.x]), f32(B[m.y]), f32(B[m.z]), f32(B[m.w])), k, end);
}
