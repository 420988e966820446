//#import resample/positions.wgsl
//
// Images at another size, by the four inputs around each output.

@group(0) @binding(0) var<storage, read> x: Small;
@group(0) @binding(1) var<storage, read_write> result: Large;

struct Taps {
  first: u32,
  second: u32, // the same as the first at the far edge
  weight: f32, // of the second; the first has the rest
}

fn taps_of(output: u32, inputs: u32, outputs: u32) -> Taps {
  let position = u32(position_of(output, inputs, outputs));
  let first = position / (2 * outputs);
  return Taps(first, min(first + 1, inputs - 1), f32(position - first * 2 * outputs) / f32(2 * outputs));
}

fn mix_of(a: Value, b: Value, weight: f32) -> Value { return (1.0 - weight) * a + weight * b; }

fn input_index(image: u32, h: u32, w: u32, channel: u32) -> u32 {
  return index_of(image, h, w, channel, HEIGHT, WIDTH);
}

struct Around {
  h: Taps,
  w: Taps,
}

fn around(at: Place) -> Around { return Around(taps_of(at.h, HEIGHT, OUT_HEIGHT), taps_of(at.w, WIDTH, OUT_WIDTH)); }

fn value_of(image: u32, item: u32, at: Place, taps: Around) -> Value {
  let h = taps.h;
  let w = taps.w;
  let upper = mix_of(x[input_index(image, h.first, w.first, at.channel)], x[input_index(image, h.first, w.second, at.channel)], w.weight);
  let lower = mix_of(x[input_index(image, h.second, w.first, at.channel)], x[input_index(image, h.second, w.second, at.channel)], w.weight);
  return mix_of(upper, lower, h.weight);
}
