//#import resample/taps.wgsl
//
// Images at another size, by the four inputs around each output.

@group(0) @binding(0) var<storage, read> x: Small;
@group(0) @binding(1) var<storage, read_write> y: Large;

fn input_at(image: u32, h: u32, w: u32, channel: u32) -> Value {
  return x[((image * HEIGHT + h) * WIDTH + w) * CHANNELS + channel];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let at = place(item, OUT_HEIGHT, OUT_WIDTH, CHANNELS);
  let h = taps_of(at.h, HEIGHT, OUT_HEIGHT);
  let w = taps_of(at.w, WIDTH, OUT_WIDTH);
  let upper = (1.0 - w.weight) * input_at(at.image, h.first, w.first, at.channel) + w.weight * input_at(at.image, h.first, w.second, at.channel);
  let lower = (1.0 - w.weight) * input_at(at.image, h.second, w.first, at.channel) + w.weight * input_at(at.image, h.second, w.second, at.channel);
  y[item] = (1.0 - h.weight) * upper + h.weight * lower;
}
