//#import lib/expressions.wgsl
//
// Sums or maxima over the middle axis of [OUTER, REDUCED, INNER], of any elementwise expression, which may also be
// stored on the way: a loss, its sum over each row and its gradient are one pass over the data.
// No barrier and no workgroup memory: a thread takes every CHUNKS-th element of its row in a fixed order, and where
// CHUNKS > 1 a second dispatch of this kernel adds the partial results, so equal inputs give equal bytes.
// With LANES = 4, INNER counts groups of four columns; where INNER is 1, REDUCED counts groups of four of the row.
// As it stands, this is the sum.

override OUTER: u32;
override REDUCED: u32;
override INNER: u32;
override CHUNKS: u32;
override LANES: u32;
override ROLLED: bool = false; // as in elementwise/map.wgsl

//#begin bindings
@group(0) @binding(0) var<storage, read> in0: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out0: array<vec4f>;
//#end bindings

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= OUTER * CHUNKS * INNER) {
    return;
  }
  let inner = item % INNER;
  let chunk = (item / INNER) % CHUNKS;
  let outer = item / (INNER * CHUNKS);
  let turns = select(1u, grid.z, ROLLED);
//#begin accumulators
  var s0 = vec4f(0.0);
//#end accumulators
  for (var reduced = chunk; reduced < REDUCED; reduced += CHUNKS * turns) {
    let i = ((outer * REDUCED + reduced) * INNER + inner) * LANES;
//#begin body
    let v0 = in0[i >> 2u];
    s0 += v0;
//#end body
  }
//#begin results
  out0[item] = s0;
//#end results
}
