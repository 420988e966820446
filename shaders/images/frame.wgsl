// Kernels over images [IMAGES, height, width, CHANNELS]: a thread computes the Values (vec4f or f32) at one place of every grid.z-th image, so
// that its index arithmetic, divisions above all, serves several images. What lies between the `operation` marks (a file of shaders/pool or
// shaders/resample) binds `result`, and says what all images have in common at a place and what the Value of one image is there. As it
// stands, images are copied.

override ITEMS: u32;        // Values of one image of the result
override IMAGES: u32;
override RESULT_WIDTH: u32; // pixels of a row of the result
override CHANNELS: u32;     // Values of a pixel

struct Place {
  h: u32,
  w: u32,
  channel: u32,
}

fn place(item: u32) -> Place {
  let pixel = item / CHANNELS;
  return Place(pixel / RESULT_WIDTH, pixel % RESULT_WIDTH, item % CHANNELS);
}

// The index of a pixel's channel in images of the given size.
fn index_of(image: u32, h: u32, w: u32, channel: u32, height: u32, width: u32) -> u32 {
  return ((image * height + h) * width + w) * CHANNELS + channel;
}

//#begin operation
alias Value = vec4f; // or f32

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read_write> result: array<Value>;

alias Around = u32;
fn around(at: Place) -> Around { return at.channel; }
fn value_of(image: u32, item: u32, at: Place, channel: Around) -> Value { return x[image * ITEMS + item]; }
//#end operation

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let at = place(item);
  let shared_by_all = around(at);
  for (var image = id.z; image < IMAGES; image += grid.z) {
    result[image * ITEMS + item] = value_of(image, item, at, shared_by_all);
  }
}
