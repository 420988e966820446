// Codes as they lie on a plane: from where each dot is shown now, to where its code is.
struct Plane {
  count: u32,
  latent: u32,
  // How much of the last way is behind the dots, 0..1.
  part: f32,
  // 1: nothing was shown before, so the dots are at once where they belong.
  fresh: u32,
}
@group(0) @binding(0) var<uniform> plane: Plane;
// The mean code [latent], then the two axes [2, latent].
@group(0) @binding(1) var<storage, read> axes: array<f32>;
@group(0) @binding(2) var<storage, read> codes: array<f32>;
@group(0) @binding(3) var<storage, read_write> starts: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> ends: array<vec2f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let row = id.x + id.y * grid.x * 64u;
  if (row >= plane.count) {
    return;
  }
  var place = vec2f();
  for (var k = 0u; k < plane.latent; k++) {
    let value = codes[row * plane.latent + k] - axes[k];
    place += value * vec2f(axes[plane.latent + k], axes[2u * plane.latent + k]);
  }
  starts[row] = select(mix(starts[row], ends[row], plane.part), place, plane.fresh == 1u);
  ends[row] = place;
}
