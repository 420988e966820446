//#import lib/feistel.wgsl
//#import lib/state.wgsl
//
// Picks the rows of the current batch out of a data set of bytes, in the order of the epoch's permutation, and scales
// them to 0..1. Rows past the end of the data set (the last batch may be ragged) become zeros of weight 0.
//   x[row, :] = data[permute(batch · ROWS + row), :] / 255,   weight[row] = 1 where there is such a row

override ROWS: u32;       // batch size
override WIDTH: u32;      // loads a row: features / 4 if LANES is 4, else features
override SEGMENTS: u32;   // threads a row
override SHUFFLE: u32;    // 0: rows in the order of the data set
override LANES: u32;

@group(0) @binding(0) var<storage, read> data: array<u32>;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> weight: array<f32>;
@group(0) @binding(3) var<uniform> state: State;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  let row = item / SEGMENTS;
  let segment = item % SEGMENTS;
  if (row >= ROWS) {
    return;
  }
  let position = state.batch * ROWS + row;
  let valid = position < state.examples;
  var index = select(0u, position, valid);
  if (SHUFFLE != 0u) {
    index = permute(index, state.examples, state.seed, state.epoch);
  }
  if (segment == 0u) {
    weight[row] = select(0.0, 1.0, valid);
  }
  let scale = select(0.0, 1.0, valid);
  for (var column = segment; column < WIDTH; column += SEGMENTS) {
    let source = index * WIDTH + column;
    let target_index = (row * WIDTH + column) * LANES;
    if (LANES == 4u) {
      let word = data[source];
      let bytes = vec4u(word & 255u, (word >> 8u) & 255u, (word >> 16u) & 255u, word >> 24u);
      let values = scale * vec4f(bytes) / 255.0;
      x[target_index] = values.x;
      x[target_index + 1u] = values.y;
      x[target_index + 2u] = values.z;
      x[target_index + 3u] = values.w;
    } else {
      let byte = extractBits(data[source >> 2u], (source & 3u) * 8u, 8u);
      x[target_index] = scale * f32(byte) / 255.0;
    }
  }
}
