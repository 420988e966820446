// A's blocks from single numbers, for sizes that are no multiples of 4: images of one channel or three, say.
const SHIFT_A = 0u;

// Where rows row..row+3 start.
fn a_start(part: Part, row: u32) -> vec4u {
  let last = M - 1;
  return vec4u(a_row(part, min(row, last)), a_row(part, min(row + 1, last)), a_row(part, min(row + 2, last)), a_row(part, min(row + 3, last)));
}

// Two rows of op(A) for k..k+3.
fn a_half(start: vec2u, at: vec4u, k: u32, end: u32) -> mat2x4f {
  let i = start.x + at;
  let j = start.y + at;
  return mat2x4f(mask_row(vec4f(read_a(i.x), read_a(i.y), read_a(i.z), read_a(i.w)), k, end), mask_row(vec4f(read_a(j.x), read_a(j.y), read_a(j.z), read_a(j.w)), k, end));
}

// Column i is row i of op(A), for k..k+3.
fn a_block(start: vec4u, at: vec4u, k: u32, end: u32) -> mat4x4f {
  let i = start.x + at;
  let j = start.y + at;
  let l = start.z + at;
  let m = start.w + at;
  return mask_rows(mat4x4f(read_a(i.x), read_a(i.y), read_a(i.z), read_a(i.w), read_a(j.x), read_a(j.y), read_a(j.z), read_a(j.w), read_a(l.x), read_a(l.y), read_a(l.z), read_a(l.w), read_a(m.x), read_a(m.y), read_a(m.z), read_a(m.w)), k, end);
}
