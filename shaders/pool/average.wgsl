//#import pool/window.wgsl
//#import pool/count.wgsl
//
// The mean of every window.

@group(0) @binding(0) var<storage, read> x: Images;
@group(0) @binding(1) var<storage, read_write> y: Windows;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let at = place(item, OUT_WIDTH);
  let inputs = inputs_of(at.h, at.w);
  let count = count_of(at.h, at.w);
  for (var image = id.z; image < IMAGES; image += grid.z) {
    var sum = Value(0.0);
    for (var h = inputs.x; h < inputs.y; h++) {
      for (var w = inputs.z; w < inputs.w; w++) {
        sum += x[image_index(image, h, w, at.channel)];
      }
    }
    y[image * ITEMS + item] = sum / count;
  }
}
