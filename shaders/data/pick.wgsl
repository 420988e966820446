//#import lib/feistel.wgsl
//#import lib/state.wgsl
//
// Picks one field of the current batch out of a shard of the split, in the order of the epoch's permutation, and makes
// f32 of what is stored. Rows that lie in another shard are that shard's; rows past the end of the split (the last batch
// may be ragged) become zeros of weight 0, which the first shard writes.
//   picked[row, :] = shard[permute(batch · ROWS + row) − FIRST, :] / UNIT,   weight[row] = 1 where there is such a row

override ROWS: u32;       // batch size
override WIDTH: u32;      // loads a row: numbers of an example / LANES
override SEGMENTS: u32;   // threads a row
override SHUFFLE: u32;    // 0: rows in the order of the split
override LANES: u32;      // 4 or 1
override BYTES: u32;      // of a stored number: 1 and 2 are unsigned integers, 4 is f32
override UNIT: f32;       // the stored number that stands for 1
override FIRST: u32;      // the shard holds the split's rows from here
override COUNT: u32;      // and so many of them

@group(0) @binding(0) var<storage, read> shard: array<u32>;
@group(0) @binding(1) var<storage, read_write> picked: array<f32>;
@group(0) @binding(2) var<storage, read_write> weight: array<f32>;
@group(0) @binding(3) var<uniform> state: State;

// Four stored numbers, the first of which is number `at` of the shard, a multiple of 4.
fn stored4(at: u32) -> vec4f {
  if (BYTES == 1u) {
    let word = shard[at >> 2u];
    return vec4f(vec4u(word & 255u, (word >> 8u) & 255u, (word >> 16u) & 255u, word >> 24u));
  }
  if (BYTES == 2u) {
    let low = shard[at >> 1u];
    let high = shard[(at >> 1u) + 1u];
    return vec4f(vec4u(low & 65535u, low >> 16u, high & 65535u, high >> 16u));
  }
  return bitcast<vec4f>(vec4u(shard[at], shard[at + 1u], shard[at + 2u], shard[at + 3u]));
}

fn stored(at: u32) -> f32 {
  if (BYTES == 1u) {
    return f32(extractBits(shard[at >> 2u], (at & 3u) * 8u, 8u));
  }
  if (BYTES == 2u) {
    return f32(extractBits(shard[at >> 1u], (at & 1u) * 16u, 16u));
  }
  return bitcast<f32>(shard[at]);
}

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
  var index = position;
  if (SHUFFLE != 0u) {
    index = permute(index, state.examples, state.seed, state.epoch);
  }
  let local = index - FIRST; // below FIRST it wraps to more than any COUNT
  if (!select(FIRST == 0u, local < COUNT, valid)) {
    return;
  }
  if (segment == 0u) {
    weight[row] = select(0.0, 1.0, valid);
  }
  let first = select(0u, local, valid) * WIDTH;
  for (var column = segment; column < WIDTH; column += SEGMENTS) {
    let target_index = (row * WIDTH + column) * LANES;
    // Whole numbers are exact only without a division: an adapter may round one.
    if (LANES == 4u) {
      var values = select(vec4f(0.0), stored4((first + column) * 4u), valid);
      if (UNIT != 1.0) {
        values /= UNIT;
      }
      picked[target_index] = values.x;
      picked[target_index + 1u] = values.y;
      picked[target_index + 2u] = values.z;
      picked[target_index + 3u] = values.w;
    } else {
      var value = select(0.0, stored(first + column), valid);
      if (UNIT != 1.0) {
        value /= UNIT;
      }
      picked[target_index] = value;
    }
  }
}
