//#import elementwise/libraries.wgsl
//
// A chain of elementwise ops in one kernel: every thread computes `body` for LANES neighbouring elements, from element i
// on. The compiler fills in the bindings and the body, one line an op, each a call of a hand-written function of
// shaders/lib or shaders/loss (see src/compiler/expression.ts). As it stands, this is relu.

override ITEMS: u32;   // threads with work: elements / LANES
override LANES: u32;   // elements a thread: 4 where vec4f loads are possible, else 1

//#begin bindings
@group(0) @binding(0) var<storage, read> in0: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out0: array<vec4f>;
//#end bindings

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let i = item * LANES;
//#begin body
  let v0 = in0[i >> 2u];
  let v1 = safe_relu4(v0);
  out0[i >> 2u] = v1;
//#end body
}
