// A curve over numbers as they lie in a buffer: one instance a piece between two of them.
struct Curve {
  count: u32,
  // The first number, and from one to the next.
  offset: u32,
  stride: u32,
  // Of the line, in pixels.
  width: f32,
  // What the lower and the upper edge of the picture stand for.
  low: f32,
  high: f32,
  // Of the picture, in pixels.
  size: vec2f,
  colour: vec4f,
}
@group(0) @binding(0) var<uniform> curve: Curve;
@group(0) @binding(1) var<storage, read> values: array<f32>;
//#import view/pixels.wgsl

fn pixel_of(index: u32) -> vec2f {
  let value = values[curve.offset + index * curve.stride];
  let x = f32(index) / f32(max(curve.count, 2u) - 1u);
  return vec2f(x, (value - curve.low) / (curve.high - curve.low)) * curve.size;
}

@vertex
fn corner(@builtin(vertex_index) vertex: u32, @builtin(instance_index) piece: u32) -> @builtin(position) vec4f {
  let a = pixel_of(piece);
  let b = pixel_of(piece + 1u);
  let along = normalize(b - a + vec2f(1e-6, 0.0));
  let across = vec2f(-along.y, along.x) * (f32(vertex & 1u) - 0.5) * curve.width;
  // Half a line's width farther at both ends, so that pieces meet.
  let end = select(a - along * curve.width * 0.5, b + along * curve.width * 0.5, vertex >= 2u);
  return clip_of(end + across, curve.size);
}

@fragment
fn line() -> @location(0) vec4f {
  return premultiplied(curve.colour);
}
