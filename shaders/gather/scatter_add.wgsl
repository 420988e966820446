// The adjoint of gather.wgsl: x[o, n, i] = Σ y[o, j, i] over all j with indices[j] = n. Every row walks the indices and adds up its own, so
// no two threads write to one place, and the order is that of the indices. A thread has four rows, since the walk is what costs. Where rows
// are few, slice s of them takes the indices from s · DEPTH on, and a second dispatch (reduce/reduce.wgsl) adds up the slices.

//#begin sizes
alias Value = vec4f; // or f32
alias Bits = vec4u;
alias Rows = array<Value>;
alias Copies = array<Value>;
alias Indices = array<vec4f>;
//#end sizes

override ITEMS: u32; // Values of every fourth row, of all slices
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
  let quads = (COUNT + 3) / 4;
  let inner = item % INNER;
  let quad = item / INNER;
  let row = (quad % quads) * 4;
  let part = quad / quads; // slice and outer
  let outer = part % OUTER;
  let first = (part / OUTER) * DEPTH;
  let end = min(first + DEPTH, INDICES);
  let wanted = f32(row);
  var total0 = Value(0.0);
  var total1 = Value(0.0);
  var total2 = Value(0.0);
  var total3 = Value(0.0);
  for (var start = first; start < end; start += BLOCK) {
    let stop = min(start + BLOCK, end);
    var sum0 = Value(0.0);
    var sum1 = Value(0.0);
    var sum2 = Value(0.0);
    var sum3 = Value(0.0);
    for (var j = start; j < stop; j += 4) {
      let four = indices[j >> 2] - wanted;
      if (any((four >= vec4f(0.0)) & (four < vec4f(4.0)))) {
        for (var k = 0u; k < 4; k++) {
          // Behind the last index there may be anything.
          if (four[k] >= 0.0 && four[k] < 4.0 && j + k < stop) {
            let value = y[(outer * INDICES + j + k) * INNER + inner];
            sum0 += select(Value(0.0), value, four[k] == 0.0);
            sum1 += select(Value(0.0), value, four[k] == 1.0);
            sum2 += select(Value(0.0), value, four[k] == 2.0);
            sum3 += select(Value(0.0), value, four[k] == 3.0);
          }
        }
      }
    }
    total0 += sum0;
    total1 += sum1;
    total2 += sum2;
    total3 += sum3;
  }
  let to = (part * COUNT + row) * INNER + inner;
  x[to] = total0;
  if (row + 1 < COUNT) {
    x[to + INNER] = total1;
  }
  if (row + 2 < COUNT) {
    x[to + 2 * INNER] = total2;
  }
  if (row + 3 < COUNT) {
    x[to + 3 * INNER] = total3;
  }
}
