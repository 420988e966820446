//#import pool/window.wgsl
//
// The adjoint of select.wgsl and the gradient of max pooling: an input gets the dy of those of its windows whose chosen tap it is, added up
// row by row. Every input gathers, so no two threads write to one place.

@group(0) @binding(0) var<storage, read> dy: Windows;
@group(0) @binding(1) var<storage, read> taps: Windows;
@group(0) @binding(2) var<storage, read_write> result: Images;

alias Around = vec4u;

fn around(at: Place) -> Around { return outputs_of(at.h, at.w); }

fn value_of(image: u32, item: u32, at: Place, outputs: Around) -> Value {
  var sum = Value(0.0);
  for (var h = outputs.x; h < outputs.y; h++) {
    for (var w = outputs.z; w < outputs.w; w++) {
      let window = window_index(image, h, w, at.channel);
      let chosen = taps[window] == Value(f32(tap_of(at.h, at.w, h, w)));
      sum += select(Value(0.0), dy[window], chosen);
    }
  }
  return sum;
}
