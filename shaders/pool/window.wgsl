// Where the windows of a pooling lie in its images [IMAGES, HEIGHT, WIDTH, CHANNELS], and which windows of [IMAGES, OUT_HEIGHT, OUT_WIDTH,
// CHANNELS] an input is in. TOP and LEFT are rows and columns of padding, less than the kernel's, so every window holds an input.

//#begin sizes
alias Value = vec4f; // or f32
alias Bits = vec4u;
alias Images = array<Value>;
alias Windows = array<Value>;
//#end sizes

override HEIGHT: u32;
override WIDTH: u32;
override OUT_HEIGHT: u32;
override OUT_WIDTH: u32;
override KERNEL_H: u32;
override KERNEL_W: u32;
override STRIDE_H: u32;
override STRIDE_W: u32;
override TOP: u32;
override LEFT: u32;

// The inputs under the window of output (h, w): first row, row past the last; first column, column past the last.
fn inputs_of(h: u32, w: u32) -> vec4u {
  return vec4u(
    max(h * STRIDE_H, TOP) - TOP,
    min(h * STRIDE_H + KERNEL_H, HEIGHT + TOP) - TOP,
    max(w * STRIDE_W, LEFT) - LEFT,
    min(w * STRIDE_W + KERNEL_W, WIDTH + LEFT) - LEFT,
  );
}

// The outputs whose windows hold input (h, w), likewise; none where the stride leaves it out.
fn outputs_of(h: u32, w: u32) -> vec4u {
  return vec4u(
    (max(h + TOP + 1, KERNEL_H) - KERNEL_H + STRIDE_H - 1) / STRIDE_H,
    min((h + TOP) / STRIDE_H + 1, OUT_HEIGHT),
    (max(w + LEFT + 1, KERNEL_W) - KERNEL_W + STRIDE_W - 1) / STRIDE_W,
    min((w + LEFT) / STRIDE_W + 1, OUT_WIDTH),
  );
}

// Which tap of the window of (out_h, out_w) the input (h, w) is under.
fn tap_of(h: u32, w: u32, out_h: u32, out_w: u32) -> u32 {
  return (h + TOP - out_h * STRIDE_H) * KERNEL_W + (w + LEFT - out_w * STRIDE_W);
}

fn image_index(image: u32, h: u32, w: u32, channel: u32) -> u32 {
  return index_of(image, h, w, channel, HEIGHT, WIDTH);
}

fn window_index(image: u32, h: u32, w: u32, channel: u32) -> u32 {
  return index_of(image, h, w, channel, OUT_HEIGHT, OUT_WIDTH);
}
