import { FACTOR_COUNT, FACTORS } from "./factors.ts";

/** Numbers of a pose, as `Pose` of shaders/data/shapes.wgsl has them: centre, cosine and sine, radius, shape. */
export const POSE_NUMBERS = 6;

/** The frame that the distances below are of: 64 steps a side. */
const STEPS = 64;
/** Of the circle that holds a shape of scale 1. From the outermost centres it stays within the frame. */
const LARGEST_RADIUS = 15;
/** The centre of class 0 of x and y. Classes are a step apart, so that the middle of them is the middle of the frame. */
const FIRST_CENTRE = (STEPS - FACTORS.x + 1) / 2;
const SMALLEST_SCALE = 0.5;

/**
 * Where and how each shape lies: [count, 6] in pixels of an image of `size` x `size`, from factors [count, 5]. Scale goes
 * from 0.5 to 1 in equal steps, rotation counter-clockwise from 0 to 351 degrees in steps of 9, x to the right, y down.
 */
export function posesOf(factors: Uint8Array, size: number): Float32Array<ArrayBuffer> {
  const count = factors.length / FACTOR_COUNT;
  const poses = new Float32Array(count * POSE_NUMBERS);
  const step = size / STEPS;
  for (let index = 0; index < count; index++) {
    const [shape, scale, rotation, x, y] = factors.subarray(index * FACTOR_COUNT, (index + 1) * FACTOR_COUNT);
    const [cosine, sine] = ROTATIONS[rotation];
    const radius = LARGEST_RADIUS * (SMALLEST_SCALE + ((1 - SMALLEST_SCALE) * scale) / (FACTORS.scale - 1));
    poses.set(
      [(FIRST_CENTRE + x) * step, (FIRST_CENTRE + y) * step, cosine, sine, radius * step, shape],
      index * POSE_NUMBERS,
    );
  }
  return poses;
}

/**
 * Cosine and sine of each rotation's angle, by square roots and products alone, whose bits all engines agree on, unlike
 * those of Math.cos. Quarter turns change places and signs only.
 */
const ROTATIONS: readonly (readonly [number, number])[] = rotations();

function rotations(): [number, number][] {
  const quarter = FACTORS.rotation / 4;
  // cos 36° = (1 + √5) / 4; half of that angle twice is the step of 9°.
  const half = (cosine: number) => Math.sqrt((1 + cosine) / 2);
  const cosineOfStep = half(half((1 + Math.sqrt(5)) / 4));
  const sineOfStep = Math.sqrt(1 - cosineOfStep * cosineOfStep);
  const all: [number, number][] = [[1, 0]];
  while (all.length < FACTORS.rotation) {
    if (all.length < quarter) {
      const [cosine, sine] = all[all.length - 1];
      all.push([cosine * cosineOfStep - sine * sineOfStep, sine * cosineOfStep + cosine * sineOfStep]);
    } else {
      const [cosine, sine] = all[all.length - quarter];
      all.push([-sine, cosine]);
    }
  }
  return all;
}
