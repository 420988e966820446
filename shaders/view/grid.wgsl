// Pictures side by side, read from a buffer as a kernel left them: [count, height, width, channels].
struct Grid {
  columns: u32,
  rows: u32,
  count: u32,
  height: u32,
  width: u32,
  channels: u32,
  // 1: between pixels, colours are mixed.
  smooth_between: u32,
  padding: u32,
  // Of the target, in pixels.
  size: vec2f,
  padding_2: vec2f,
  // What 0 and 1 of a grey picture look like: red, green, blue and strength.
  ground: vec4f,
  ink: vec4f,
}
@group(0) @binding(0) var<uniform> grid: Grid;
@group(0) @binding(1) var<storage, read> pixels: array<f32>;
//#import view/pixels.wgsl

@vertex
fn everywhere(@builtin(vertex_index) vertex: u32) -> @builtin(position) vec4f {
  return vec4f(f32(vertex & 1u) * 4.0 - 1.0, f32(vertex >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn pixel_of(picture: u32, y: u32, x: u32) -> vec4f {
  let at = ((picture * grid.height + y) * grid.width + x) * grid.channels;
  if (grid.channels < 3u) {
    return mix(grid.ground, grid.ink, clamp(pixels[at], 0.0, 1.0));
  }
  return vec4f(clamp(vec3f(pixels[at], pixels[at + 1u], pixels[at + 2u]), vec3f(), vec3f(1.0)), 1.0);
}

@fragment
fn picture(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let cell = position.xy / grid.size * vec2f(f32(grid.columns), f32(grid.rows));
  let index = u32(cell.y) * grid.columns + u32(cell.x);
  if (index >= grid.count) {
    return vec4f();
  }
  let last = vec2f(f32(grid.width), f32(grid.height)) - 1.0;
  let at = fract(cell) * (last + 1.0);
  var colour: vec4f;
  if (grid.smooth_between == 1u) {
    let between = clamp(at - 0.5, vec2f(), last);
    let low = vec2u(between);
    let high = min(low + 1u, vec2u(last));
    let part = fract(between);
    let top = mix(pixel_of(index, low.y, low.x), pixel_of(index, low.y, high.x), part.x);
    let bottom = mix(pixel_of(index, high.y, low.x), pixel_of(index, high.y, high.x), part.x);
    colour = mix(top, bottom, part.y);
  } else {
    let near = vec2u(min(at, last + 0.5));
    colour = pixel_of(index, near.y, near.x);
  }
  return premultiplied(colour);
}
