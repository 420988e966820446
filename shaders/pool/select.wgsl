//#import pool/window.wgsl
//
// What lies in an image at the chosen tap of every window; nothing (0) where that tap is no input.

@group(0) @binding(0) var<storage, read> x: Images;
@group(0) @binding(1) var<storage, read> taps: Windows;
@group(0) @binding(2) var<storage, read_write> y: Windows;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let at = place(item, OUT_WIDTH);
  let inputs = inputs_of(at.h, at.w);
  for (var image = id.z; image < IMAGES; image += grid.z) {
    let wanted = taps[image * ITEMS + item];
    var value = Value(0.0);
    for (var h = inputs.x; h < inputs.y; h++) {
      for (var w = inputs.z; w < inputs.w; w++) {
        let chosen = wanted == Value(f32(tap_of(h, w, at.h, at.w)));
        if (any(chosen)) {
          value = select(value, x[image_index(image, h, w, at.channel)], chosen);
        }
      }
    }
    y[image * ITEMS + item] = value;
  }
}
