//#import pool/window.wgsl
//
// What lies in an image at the chosen tap of every window; nothing (0) where that tap is no input.

@group(0) @binding(0) var<storage, read> x: Images;
@group(0) @binding(1) var<storage, read> taps: Windows;
@group(0) @binding(2) var<storage, read_write> result: Windows;

alias Around = vec4u;

fn around(at: Place) -> Around { return inputs_of(at.h, at.w); }

fn value_of(image: u32, item: u32, at: Place, inputs: Around) -> Value {
  let wanted = taps[image * ITEMS + item];
  var value = Value(0.0);
  for (var h = inputs.x; h < inputs.y; h++) {
    for (var w = inputs.z; w < inputs.w; w++) {
      let chosen = wanted == Value(f32(tap_of(h, w, at.h, at.w)));
      if (any(chosen)) {
        value = select(value, x[image_index(image, h, w, at.channel)], chosen);
      }
    }
  }
  return value;
}
