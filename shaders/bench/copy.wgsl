// The bandwidth ceiling of an adapter: `to` = `from`, one vec4f a load, EACH loads a thread, neighbours side by side.

override COUNT: u32;   // vec4f
override EACH: u32;    // vec4f a thread

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> copy: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (group.x + group.y * grid.x) * 64u * EACH + lane;
  for (var k = 0u; k < EACH; k++) {
    let i = first + k * 64u;
    if (i < COUNT) {
      copy[i] = source[i];
    }
  }
}
