//#import lib/state.wgsl
//#import state/next_step.wgsl
//
// The end of a step that updates nothing, one thread: a batch of evaluation.

@group(0) @binding(0) var<storage, read> metrics: array<f32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;     // [TABLE, SCHEDULES]
@group(0) @binding(2) var<storage, read_write> ring: array<u32>;
@group(0) @binding(3) var<storage, read_write> state: State;

@compute @workgroup_size(1)
fn main(@builtin(num_workgroups) grid: vec3u) {
  next_step(select(1u, grid.z, ROLLED));
}
