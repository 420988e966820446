import { POSE_NUMBERS } from "./pose.ts";

// The reference of shaders/data/shapes.wgsl, in float64. Only `+ - * /` and square roots are used, which IEEE 754 fixes to
// the last bit: all JavaScript engines make the same bytes.

/** Draws shapes white on black, by their poses [count, 6]: bytes [count, size, size, 1]. Edges fade over one pixel. */
export function drawShapes(poses: Float32Array, size: number): Uint8Array<ArrayBuffer> {
  const count = poses.length / POSE_NUMBERS;
  const images = new Uint8Array(count * size * size);
  for (let index = 0; index < count; index++) {
    const pose = poses.subarray(index * POSE_NUMBERS, (index + 1) * POSE_NUMBERS);
    drawShape(pose, images.subarray(index * size * size, (index + 1) * size * size), size);
  }
  return images;
}

function drawShape(pose: Float32Array, image: Uint8Array, size: number): void {
  const [centreX, centreY, cosine, sine, radius, shape] = pose;
  const distance = DISTANCES[shape];
  const reach = radius + 0.5;
  // Pixels have their centres at halves.
  const from = (centre: number) => Math.max(0, Math.ceil(centre - reach - 0.5));
  const to = (centre: number) => Math.min(size - 1, Math.floor(centre + reach - 0.5));
  for (let row = from(centreY); row <= to(centreY); row++) {
    const up = (centreY - row - 0.5) / radius;
    for (let column = from(centreX); column <= to(centreX); column++) {
      const right = (column + 0.5 - centreX) / radius;
      const outside = radius * distance(cosine * right + sine * up, cosine * up - sine * right);
      const coverage = Math.max(0, Math.min(1, 0.5 - outside));
      image[row * size + column] = Math.floor(255 * coverage + 0.5);
    }
  }
}

/**
 * How far a point is outside a shape, below 0 inside; exact where it matters, near the edge. Every shape has its centre of
 * mass at 0, lies within the unit circle, and has the area 0.6 π. y goes up.
 */
type Distance = (x: number, y: number) => number;

const ELLIPSE_HEIGHT = 0.6;
const SQUARE_HALF = 0.6864684246478268;
const HEART_HALF = 0.5137514067066538;
/** From the middle of the heart's square up to its centre of mass. */
const HEART_CENTRE = 0.2276296380762237;
/** The middle of an ellipse would be 0 / 0. */
const TINY = 1e-6;

/** Half axes 1 and 0.6: an implicit function over the length of its gradient, exact to first order. */
const ellipse: Distance = (x, y) => {
  const v = y / ELLIPSE_HEIGHT;
  const slopeY = v / ELLIPSE_HEIGHT;
  const level = Math.sqrt(x * x + v * v);
  const slope = Math.sqrt(x * x + slopeY * slopeY);
  return ((level - 1) * (level + TINY)) / (slope + TINY);
};

const square: Distance = (x, y) => squareOf(SQUARE_HALF, x, y);

/** A square on its corner, and on each of its upper sides a disc whose diameter the side is. */
const heart: Distance = (x, y) => {
  const aside = Math.abs(x);
  const up = y + HEART_CENTRE;
  // Turned by 45°, the square has its sides along the axes.
  const p = (aside + up) * Math.SQRT1_2;
  const q = (up - aside) * Math.SQRT1_2;
  const fromDisc = p - HEART_HALF;
  return Math.min(squareOf(HEART_HALF, p, q), Math.sqrt(fromDisc * fromDisc + q * q) - HEART_HALF);
};

function squareOf(half: number, x: number, y: number): number {
  const besides = Math.abs(x) - half;
  const above = Math.abs(y) - half;
  const dx = Math.max(besides, 0);
  const dy = Math.max(above, 0);
  return Math.sqrt(dx * dx + dy * dy) + Math.min(Math.max(besides, above), 0);
}

const DISTANCES: readonly Distance[] = [ellipse, square, heart];
