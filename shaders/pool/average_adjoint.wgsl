//#import pool/window.wgsl
//#import pool/count.wgsl
//
// The adjoint of average.wgsl: an input gets its share of every window that it is in, added up row by row.

@group(0) @binding(0) var<storage, read> dy: Windows;
@group(0) @binding(1) var<storage, read_write> dx: Images;

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
        sum += dy[window_index(image, h, w, at.channel)] / count_of(h, w);
      }
    }
    dx[image * ITEMS + item] = sum;
  }
}
