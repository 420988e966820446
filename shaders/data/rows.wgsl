//#import lib/feistel.wgsl
//#import lib/state.wgsl
//
// Which examples the rows of the current batch are, in the order of the epoch's permutation.
//   index[row] = permute(batch · ROWS + row), its place in the split,   weight[row] = 1
// Both are 0 for rows past the end of the split. f32 has every place below 2²⁴.

override ROWS: u32;       // batch size
override SHUFFLE: u32;    // 0: rows in the order of the split

@group(0) @binding(0) var<storage, read_write> weight: array<f32>;
@group(0) @binding(1) var<storage, read_write> index: array<f32>;
@group(0) @binding(2) var<uniform> state: State;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let row = id.x + id.y * grid.x * 64u;
  if (row >= ROWS) {
    return;
  }
  let position = state.batch * ROWS + row;
  let valid = position < state.examples;
  var place = position;
  if (SHUFFLE != 0u) {
    place = permute(place, state.examples, state.seed, state.epoch);
  }
  weight[row] = select(0.0, 1.0, valid);
  index[row] = select(0.0, f32(place), valid);
}
