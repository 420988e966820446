// Dots of a scatter: one instance a dot, a square of four corners in which the disc is drawn.
struct Look {
  // The place in the middle of the picture, and pixels a unit.
  middle: vec2f,
  scale: f32,
  // How much of the way is behind the dots, 0..1.
  part: f32,
  // Of the picture, in pixels.
  size: vec2f,
  radius: f32,
  rim: f32,
  // Red, green, blue and strength.
  rim_colour: vec4f,
}
@group(0) @binding(0) var<uniform> look: Look;
@group(0) @binding(1) var<storage, read> starts: array<vec2f>;
@group(0) @binding(2) var<storage, read> ends: array<vec2f>;
@group(0) @binding(3) var<storage, read> classes: array<u32>;
// Of each class: red, green, blue and strength.
@group(0) @binding(4) var<storage, read> palette: array<vec4f>;
//#import view/pixels.wgsl

struct Corner {
  @builtin(position) position: vec4f,
  // Pixels from the middle of the dot.
  @location(0) offset: vec2f,
  @location(1) @interpolate(flat) colour: vec4f,
}

@vertex
fn corner(@builtin(vertex_index) vertex: u32, @builtin(instance_index) dot: u32) -> Corner {
  let side = vec2f(f32(vertex & 1u), f32(vertex >> 1u)) * 2.0 - 1.0;
  let offset = side * (look.radius + look.rim * 0.5 + 1.0);
  let place = mix(starts[dot], ends[dot], look.part);
  let pixel = (place - look.middle) * look.scale + offset;
  return Corner(clip_of(pixel + 0.5 * look.size, look.size), offset, palette[classes[dot]]);
}

@fragment
fn disc(at: Corner) -> @location(0) vec4f {
  let distance = length(at.offset);
  let inside = clamp(look.radius + look.rim * 0.5 + 0.5 - distance, 0.0, 1.0);
  let on_rim = clamp(distance - look.radius + look.rim * 0.5 + 0.5, 0.0, 1.0) * look.rim_colour.a;
  let strength = inside * at.colour.a;
  let colour = mix(at.colour.rgb, look.rim_colour.rgb, select(0.0, on_rim, look.rim > 0.0));
  return premultiplied(vec4f(colour, strength));
}
