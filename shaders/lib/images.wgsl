// Kernels over images [IMAGES, height, width, CHANNELS]: a thread computes the Values (vec4f or f32) at one place of every grid.z-th image, so
// that its index arithmetic, divisions above all, serves several images.

override ITEMS: u32;    // Values of one image of the result
override IMAGES: u32;
override CHANNELS: u32; // Values of a pixel

struct Place {
  h: u32,
  w: u32,
  channel: u32,
}

fn place(item: u32, width: u32) -> Place {
  let pixel = item / CHANNELS;
  return Place(pixel / width, pixel % width, item % CHANNELS);
}

// The index of a pixel's channel in images of the given size.
fn index_of(image: u32, h: u32, w: u32, channel: u32, height: u32, width: u32) -> u32 {
  return ((image * height + h) * width + w) * CHANNELS + channel;
}
