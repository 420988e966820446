//#import pool/window.wgsl
//#import pool/count.wgsl
//
// The mean of every window.

@group(0) @binding(0) var<storage, read> x: Images;
@group(0) @binding(1) var<storage, read_write> result: Windows;

struct Around {
  inputs: vec4u,
  count: f32,
}

fn around(at: Place) -> Around { return Around(inputs_of(at.h, at.w), count_of(at.h, at.w)); }

fn value_of(image: u32, item: u32, at: Place, window: Around) -> Value {
  let inputs = window.inputs;
  var sum = Value(0.0);
  for (var h = inputs.x; h < inputs.y; h++) {
    for (var w = inputs.z; w < inputs.w; w++) {
      sum += x[image_index(image, h, w, at.channel)];
    }
  }
  return sum / window.count;
}
