// Several loops (elementwise/map.wgsl, reduce/reduce.wgsl) in one launch: what costs a launch each and little else. Every
// loop is a function `part_<k>` in the place of its entry point, with its module's names numbered alike; a workgroup
// belongs to one loop, or to a chain of small loops, which it runs one after the other: a barrier makes what one wrote
// visible to the next (src/kernels/together.ts writes both). As it stands, this is one relu.

//#begin parts
@group(0) @binding(0) var<storage, read> in0: array<f32>;
@group(0) @binding(1) var<storage, read_write> out0: array<f32>;

fn part_0(id: vec3u, grid: vec3u) {
  if (id.x < arrayLength(&in0)) {
    out0[id.x] = max(in0[id.x], 0.0);
  }
}
//#end parts

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) invocation: u32,
  @builtin(num_workgroups) groups: vec3u,
) {
//#begin calls
  part_0(vec3u(group.x * 64u + invocation, 0u, 0u), groups);
//#end calls
}
