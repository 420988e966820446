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
  return mat2x4f(mask_row(vec4f(f32(A[i.x]), f32(A[i.y]), f32(A[i.z]), f32(A[i.w])), k, end), mask_row(vec4f(f32(A[j.x]), f32(A[j.y]), f32(A[j.z]), f32(A[j.w])), k, end));
}

// Column i is row i of op(A), for k..k+3.
fn a_block(start: vec4u, at: vec4u, k: u32, end: u32) -> mat4x4f {
  let i = start.x + at;
  let j = start.y + at;
  let l = start.z + at;
  let m = start.w + at;
  return mask_rows(mat4x4f(f32(A[i.x]), f32(A[i.y]), f32(A[i.z]), f32(A[i.w]), f32(A[j.x]), f32(A[j.y]), f32(A[j.z]), f32(A[j.w]), f32(A[l.x]), f32(A[l.y]), f32(A[l.z]), f32(A[l.w]), f32(A[m.x]), f32(A[m.y]), f32(A[m.z]), f32(A[m.w])), k, end);
}
