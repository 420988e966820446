// By how many the sum of a window is divided: by all its taps, or by those that are no padding.

override COUNT_PADDING: bool;

fn count_of(h: u32, w: u32) -> f32 {
  if (COUNT_PADDING) {
    return f32(KERNEL_H * KERNEL_W);
  }
  let inputs = inputs_of(h, w);
  return f32((inputs.y - inputs.x) * (inputs.w - inputs.z));
}
