//#import lib/expressions.wgsl
//
// A chain of elementwise ops in one kernel: `body` computes LANES neighbouring elements, from element i on, and a thread
// does so for every SEGMENTS-th item of a row. The compiler fills in the bindings and the body, one line an op, each a
// call of a hand-written function of shaders/lib or shaders/loss (see src/compiler/expression.ts). Where the body needs
// coordinates, a row is one line of the innermost axis and the others' coordinates are computed once a thread; else
// everything is one row. As it stands, this is relu.

override ROWS: u32;
override WIDTH: u32;      // items a row
override SEGMENTS: u32;   // threads a row
override LANES: u32;      // elements an item: 4 where vec4f loads are possible, else 1
override ROLLED: bool = false; // no compiler shall unroll the loop: none knows that the grid is one deep (src/gpu/profile.ts)

//#begin bindings
@group(0) @binding(0) var<storage, read> in0: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> out0: array<vec4f>;
//#end bindings

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let thread = id.x + id.y * grid.x * 64u;
  let row = thread / SEGMENTS;
  if (row >= ROWS) {
    return;
  }
  let turns = select(1u, grid.z, ROLLED);
//#begin coordinates
//#end coordinates
  for (var column = thread % SEGMENTS; column < WIDTH; column += SEGMENTS * turns) {
    let i = (row * WIDTH + column) * LANES;
//#begin body
    let v0 = in0[i >> 2u];
    let v1 = safe_relu4(v0);
    out0[i >> 2u] = v1;
//#end body
  }
}
