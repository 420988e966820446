// Rows of x [outer, COUNT, INNER] in the order of the indices: y[o, j, i] = x[o, indices[j], i], and 0 where an index is none of 0 .. COUNT − 1.

//#begin sizes
alias Value = vec4f; // or f32
alias Bits = vec4u;
alias Rows = array<Value>;
alias Copies = array<Value>;
alias Indices = array<f32>;
//#end sizes

override ITEMS: u32; // Values of the result
override COUNT: u32;
override INDICES: u32;
override INNER: u32; // Values of a row

@group(0) @binding(0) var<storage, read> x: Rows;
@group(0) @binding(1) var<storage, read> indices: Indices;
@group(0) @binding(2) var<storage, read_write> y: Copies;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let copy = item / INNER;
  let index = indices[copy % INDICES];
  let row = u32(clamp(index, 0.0, f32(COUNT - 1)));
  // False for NaN, a fraction, and whatever was clamped.
  let exists = f32(row) == index;
  y[item] = select(Value(0.0), x[((copy / INDICES) * COUNT + row) * INNER + item % INNER], exists);
}
