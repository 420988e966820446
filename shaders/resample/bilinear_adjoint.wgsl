//#import resample/taps.wgsl
//
// The adjoint of bilinear.wgsl: an input gathers from the outputs that it is in, row by row.

@group(0) @binding(0) var<storage, read> dy: Large;
@group(0) @binding(1) var<storage, read_write> dx: Small;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let at = place(item, HEIGHT, WIDTH, CHANNELS);
  let rows = outputs_of(at.h, HEIGHT, OUT_HEIGHT);
  let columns = outputs_of(at.w, WIDTH, OUT_WIDTH);
  var sum = Value(0.0);
  for (var h = rows.x; h < rows.y; h++) {
    var row = Value(0.0);
    for (var w = columns.x; w < columns.y; w++) {
      let weight = weight_of(at.w, taps_of(w, WIDTH, OUT_WIDTH));
      row += weight * dy[((at.image * OUT_HEIGHT + h) * OUT_WIDTH + w) * CHANNELS + at.channel];
    }
    sum += weight_of(at.h, taps_of(h, HEIGHT, OUT_HEIGHT)) * row;
  }
  dx[item] = sum;
}
