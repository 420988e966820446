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
  return mat2x4f(mask_row(vec4f(A[i.x], A[i.y], A[i.z], A[i.w]), k, end), mask_row(vec4f(A[j.x], A[j.y], A[j.z], A[j.w]), k, end));
}

// Column i is row i of op(A), for k..k+3.
fn a_block(start: vec4u, at: vec4u, k: u32, end: u32) -> mat4x4f {
  let i = start.x + at;
  let j = start.y + at;
  let l = start.z + at;
  let m = start.w + at;
  return mask_rows(mat4x4f(A[i.x], A[i.y], A[i.z], A[i.w], A[j.x], A[j.y], A[j.z], A[j.w], A[l.x], A[l.y], A[l.z], A[l.w], A[m.x], A[m.y], A[m.z], A[m.w]), k, end);
}
