// The adjoint of gather.wgsl: x[o, n, i] = Σ y[o, j, i] over all j with indices[j] = n. Every row walks the indices and adds up its own, so
// no two threads write to one place, and the order is that of the indices. Where rows are few, slice s of them takes the indices from s · DEPTH on, and a
// second dispatch (reduce/reduce.wgsl) adds up the slices.

//#begin sizes
alias Value = vec4f; // or f32
alias Bits = vec4u;
alias Rows = array<Value>;
alias Copies = array<Value>;
alias Indices = array<vec4f>;
//#end sizes

override ITEMS: u32; // Values of all slices
override OUTER: u32;
override COUNT: u32;
override INDICES: u32;
override INNER: u32; // Values of a row
override DEPTH: u32; // a multiple of 4

@group(0) @binding(0) var<storage, read> y: Copies;
@group(0) @binding(1) var<storage, read> indices: Indices;
@group(0) @binding(2) var<storage, read_write> x: Rows;

// A long sum is one of sums of so many indices: for its last digits.
const BLOCK = 256u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let inner = item % INNER;
  let row = f32((item / INNER) % COUNT);
  let outer = (item / (INNER * COUNT)) % OUTER;
  let slice = item / (INNER * COUNT * OUTER);
  let end = min((slice + 1) * DEPTH, INDICES);
  var total = Value(0.0);
  for (var start = slice * DEPTH; start < end; start += BLOCK) {
    var sum = Value(0.0);
    let stop = min(start + BLOCK, end);
    for (var j = start; j < stop; j += 4) {
      let matches = indices[j >> 2] == vec4f(row);
      if (any(matches)) {
        for (var k = 0u; k < 4; k++) {
          // Behind the last index there may be anything.
          if (matches[k] && j + k < stop) {
            sum += y[(outer * INDICES + j + k) * INNER + inner];
          }
        }
      }
    }
    total += sum;
  }
  x[item] = total;
}
