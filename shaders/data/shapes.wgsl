// Images of one ellipse, square or heart each, white on black, as bytes [count, SIZE, SIZE, 1], four in a word: those of the
// float64 reference src/data/shapes/draw.ts, or a grey level beside. src/data/shapes/pose.ts says where shapes lie.
//   image[row, column] = round(255 · clamp(½ − pixels outside the shape, 0, 1))
// A thread has a row of an image.

override SIZE: u32;   // of a side, a multiple of 4
override ROWS: u32;   // of all images

struct Pose {
  centre: vec2f,        // in pixels, y down
  cosine_sine: vec2f,   // of the rotation, counter-clockwise
  radius: f32,          // in pixels, of the circle around the shape
  shape: f32,           // 0 ellipse, 1 square, 2 heart
}

@group(0) @binding(0) var<storage, read> poses: array<Pose>;
@group(0) @binding(1) var<storage, read_write> images: array<u32>;

// How far a point is outside a shape, below 0 inside; exact where it matters, near the edge. Every shape has its centre of
// mass at 0, lies within the unit circle, and has the area 0.6 π. y goes up.

const ELLIPSE_HEIGHT = 0.6;
const SQUARE_HALF = 0.6864684246478268;
const HEART_HALF = 0.5137514067066538;
const HEART_CENTRE = 0.2276296380762237; // from the middle of the heart's square up to its centre of mass
const SQRT_HALF = 0.7071067811865476;
const TINY = 1e-6; // the middle of an ellipse would be 0 / 0

// Half axes 1 and 0.6: an implicit function over the length of its gradient, exact to first order.
fn ellipse(point: vec2f) -> f32 {
  let v = point.y / ELLIPSE_HEIGHT;
  let level = length(vec2f(point.x, v));
  let slope = length(vec2f(point.x, v / ELLIPSE_HEIGHT));
  return (level - 1.0) * (level + TINY) / (slope + TINY);
}

fn square(half: f32, point: vec2f) -> f32 {
  let beyond = abs(point) - half;
  return length(max(beyond, vec2f(0.0))) + min(max(beyond.x, beyond.y), 0.0);
}

// A square on its corner, and on each of its upper sides a disc whose diameter the side is.
fn heart(point: vec2f) -> f32 {
  let aside = abs(point.x);
  let up = point.y + HEART_CENTRE;
  // Turned by 45°, the square has its sides along the axes.
  let turned = vec2f(aside + up, up - aside) * SQRT_HALF;
  return min(square(HEART_HALF, turned), length(turned - vec2f(HEART_HALF, 0.0)) - HEART_HALF);
}

fn grey(pose: Pose, pixel: vec2f) -> u32 {
  let p = vec2f(pixel.x - pose.centre.x, pose.centre.y - pixel.y) / pose.radius;
  let turned = vec2f(dot(pose.cosine_sine, p), pose.cosine_sine.x * p.y - pose.cosine_sine.y * p.x);
  var outside: f32;
  if (pose.shape == 0.0) {
    outside = ellipse(turned);
  } else if (pose.shape == 1.0) {
    outside = square(SQUARE_HALF, turned);
  } else {
    outside = heart(turned);
  }
  return u32(255.0 * clamp(0.5 - pose.radius * outside, 0.0, 1.0) + 0.5);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ROWS) {
    return;
  }
  let pose = poses[item / SIZE];
  let y = f32(item % SIZE) + 0.5;
  let reach = pose.radius + 0.5;
  let words = SIZE / 4u;
  for (var word = 0u; word < words; word++) {
    let x = f32(word * 4u) + 0.5; // of the first of four pixels
    var bytes = 0u;
    if (abs(y - pose.centre.y) < reach && x < pose.centre.x + reach && x + 3.0 > pose.centre.x - reach) {
      for (var k = 0u; k < 4u; k++) {
        bytes |= grey(pose, vec2f(x + f32(k), y)) << (8u * k);
      }
    }
    images[item * words + word] = bytes;
  }
}
