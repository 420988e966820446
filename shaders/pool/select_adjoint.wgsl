//#import pool/window.wgsl
//
// The adjoint of select.wgsl and the gradient of max pooling: an input gets the dy of those of its windows whose chosen tap it is, added up
// row by row. Every input gathers, so no two threads write to one place.

@group(0) @binding(0) var<storage, read> dy: Windows;
@group(0) @binding(1) var<storage, read> taps: Windows;
@group(0) @binding(2) var<storage, read_write> dx: Images;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let at = place(item, WIDTH);
  let outputs = outputs_of(at.h, at.w);
  for (var image = id.z; image < IMAGES; image += grid.z) {
    var sum = Value(0.0);
    for (var h = outputs.x; h < outputs.y; h++) {
      for (var w = outputs.z; w < outputs.w; w++) {
        let window = window_index(image, h, w, at.channel);
        let chosen = taps[window] == Value(f32(tap_of(at.h, at.w, h, w)));
        sum += select(Value(0.0), dy[window], chosen);
      }
    }
    dx[image * ITEMS + item] = sum;
  }
}
