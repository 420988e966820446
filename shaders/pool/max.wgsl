//#import pool/window.wgsl
//
// The maximum of every window, or with INDEX the tap that holds it: of equal ones the first, row by row. NaN counts as larger than any
// number, by its bits: comparisons with it are false, and the builtin max hides it.

override INDEX: bool;

@group(0) @binding(0) var<storage, read> x: Images;
@group(0) @binding(1) var<storage, read_write> result: Windows;

alias Around = vec4u;

fn around(at: Place) -> Around { return inputs_of(at.h, at.w); }

fn value_of(image: u32, item: u32, at: Place, inputs: Around) -> Value {
  var best = x[image_index(image, inputs.x, inputs.z, at.channel)];
  var taps = Value(f32(tap_of(inputs.x, inputs.z, at.h, at.w)));
  for (var h = inputs.x; h < inputs.y; h++) {
    for (var w = inputs.z; w < inputs.w; w++) {
      let value = x[image_index(image, h, w, at.channel)];
      let is_nan = (bitcast<Bits>(value) & Bits(0x7fffffffu)) > Bits(0x7f800000u);
      let better = is_nan | (value > best);
      best = select(best, value, better);
      taps = select(taps, Value(f32(tap_of(h, w, at.h, at.w))), better);
    }
  }
  if (INDEX) {
    return taps;
  }
  return best;
}
