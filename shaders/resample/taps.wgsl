//#import lib/place.wgsl
//
// Between which inputs an output of a resampling lies. Pixel centres are at halves, so output o of OUT is at (o + ½) · IN / OUT − ½ among the
// inputs: a fraction of whole numbers, which are exact, so that an operation and its adjoint have the same weights to the bit.

//#begin sizes
alias Value = vec4f; // or f32
alias Bits = vec4u;
alias Small = array<Value>;
alias Large = array<Value>;
//#end sizes

override ITEMS: u32; // Values of the result
override HEIGHT: u32;
override WIDTH: u32;
override CHANNELS: u32; // Values of a pixel
override OUT_HEIGHT: u32;
override OUT_WIDTH: u32;

struct Taps {
  first: u32,
  second: u32, // the same as the first at the far edge
  weight: f32, // of the second; the first has the rest
}

fn taps_of(output: u32, inputs: u32, outputs: u32) -> Taps {
  let numerator = max((2 * output + 1) * inputs, outputs) - outputs;
  let first = numerator / (2 * outputs);
  return Taps(first, min(first + 1, inputs - 1), f32(numerator - first * 2 * outputs) / f32(2 * outputs));
}

// The weight of an input in an output.
fn weight_of(input: u32, taps: Taps) -> f32 {
  return select(0.0, 1.0 - taps.weight, taps.first == input) + select(0.0, taps.weight, taps.second == input);
}

// The outputs in which an input may have a weight, first and one past the last: those less than a pixel away from it.
fn outputs_of(input: u32, inputs: u32, outputs: u32) -> vec2u {
  let before = (max(2 * input, 1) - 1) * outputs / inputs;
  let behind = (2 * input + 3) * outputs / inputs;
  return vec2u(select((max(before, 1) - 1) / 2, 0, input == 0), min(behind / 2 + 1, outputs));
}
