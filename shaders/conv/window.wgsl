//#import conv/quotient.wgsl
//
// Where a convolution finds its images: x [B, HEIGHT, WIDTH, CHANNELS], padding included. The input that output pixel m = (b, oh, ow) meets
// under tap k = (kh, kw, c) of the kernel is x[pixel(m) + tap(k)], of vec4f where
// SHIFT_A is 2.

override HEIGHT: u32;
override WIDTH: u32;
override CHANNELS: u32;
override OUT_HEIGHT: u32;
override OUT_WIDTH: u32;
override KERNEL_WIDTH: u32;
override STRIDE_H: u32;
override STRIDE_W: u32;
override DILATION_H: u32;
override DILATION_W: u32;

fn pixel(m: u32) -> u32 {
  let line = quotient(m, OUT_WIDTH);
  let image = quotient(line, OUT_HEIGHT);
  let h = (line - image * OUT_HEIGHT) * STRIDE_H;
  let w = (m - line * OUT_WIDTH) * STRIDE_W;
  return ((image * HEIGHT + h) * WIDTH + w) * (CHANNELS >> SHIFT_A);
}

fn tap(k: u32) -> u32 {
  if (DILATION_W == 1) {
    // A row of the kernel lies on neighbours in memory.
    let line = quotient(k, KERNEL_WIDTH * CHANNELS);
    return (k >> SHIFT_A) + line * (DILATION_H * WIDTH - KERNEL_WIDTH) * (CHANNELS >> SHIFT_A);
  }
  let position = quotient(k, CHANNELS);
  let line = quotient(position, KERNEL_WIDTH);
  let w = (position - line * KERNEL_WIDTH) * DILATION_W;
  return (line * DILATION_H * WIDTH + w - position) * (CHANNELS >> SHIFT_A) + (k >> SHIFT_A);
}
