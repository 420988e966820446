import type { Random } from "./random.ts";
import type { DigitStyles, Skeleton } from "./skeletons.ts";

/** The points through which one writer leads the pen for one digit, about 100 units high; y goes down. */
export interface ControlPoints {
  skeleton: Skeleton;
  /** Valid in `[0, skeleton.count)`. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Room for the control points of any of these styles. */
export function createControlPoints(styles: readonly DigitStyles[]): ControlPoints {
  const skeletons = styles.flatMap((style) => style.skeletons);
  const capacity = Math.max(...skeletons.map(({ count }) => count));
  return { skeleton: skeletons[0], x: new Float64Array(capacity), y: new Float64Array(capacity) };
}

/** Chooses a style and a mixture of its poses, and adds the writer's unsteadiness and proportions. */
export function placeControlPoints(points: ControlPoints, styles: DigitStyles, random: Random): void {
  points.skeleton = chooseSkeleton(styles, random);
  // Most people write fairly neatly, a few do not.
  const looseness = 0.5 + 0.9 * random.uniform() * (0.4 + random.uniform());
  mixPoses(points, random, looseness);
  bend(points, random, looseness);
  slant(points, random);
}

function chooseSkeleton({ skeletons, cumulative }: DigitStyles, random: Random): Skeleton {
  const draw = random.uniform();
  let i = 0;
  while (i < skeletons.length - 1 && draw >= cumulative[i]) i++;
  return skeletons[i];
}

/** Mixes the poses and moves every point a little; the ends of strokes fall short or run over. */
function mixPoses({ skeleton, x, y }: ControlPoints, random: Random, looseness: number): void {
  const { count, poses, starts } = skeleton;
  const mixture = poses.map(() => {
    const draw = random.uniform();
    return draw * draw + 1e-3;
  });
  const total = mixture.reduce((sum, share) => sum + share, 0);
  const spread = 2.8 * looseness;
  let driftX = 0;
  let driftY = 0;
  for (let i = 0; i < count; i++) {
    let mixedX = 0;
    let mixedY = 0;
    for (let k = 0; k < poses.length; k++) {
      mixedX += mixture[k] * poses[k][2 * i];
      mixedY += mixture[k] * poses[k][2 * i + 1];
    }
    // A hand drifts: what is off at one point is mostly still off at the next.
    driftX = 0.65 * driftX + spread * random.normal();
    driftY = 0.65 * driftY + spread * random.normal();
    x[i] = mixedX / total + driftX;
    y[i] = mixedY / total + driftY;
  }
  for (let i = 0; i < count; i++) {
    const last = i === count - 1 || starts[i + 1] === 1;
    if (!last && starts[i] === 0) continue;
    const neighbour = last ? i - 1 : i + 1;
    const overrun = 0.16 * random.normal();
    x[i] += overrun * (x[i] - x[neighbour]);
    y[i] += overrun * (y[i] - y[neighbour]);
  }
}

/**
 * The elastic change: a random polynomial of degree 3 in both coordinates displaces the plane, so that near points stay
 * together. Applied to control points, it bends whole curves and costs next to nothing.
 */
function bend({ skeleton, x, y }: ControlPoints, random: Random, looseness: number): void {
  const c: number[] = [];
  for (let k = 0; k < 14; k++) c.push((k % 7 < 3 ? 6 : 4.5) * looseness * random.normal());
  for (let i = 0; i < skeleton.count; i++) {
    const u = (x[i] - 32) / 50;
    const v = (y[i] - 50) / 50;
    x[i] += u * (c[0] * u + c[1] * v + c[3] * u * u + c[4] * u * v + c[5] * v * v);
    x[i] += v * v * (c[2] + c[6] * v);
    y[i] += u * (c[7] * u + c[8] * v + c[10] * u * u + c[11] * u * v + c[12] * v * v);
    y[i] += v * v * (c[9] + c[13] * v);
  }
}

/** The affine change: width, slant and a turn of the paper. */
function slant({ skeleton, x, y }: ControlPoints, random: Random): void {
  const width = 1.1 + 0.2 * random.normal();
  const shear = 0.16 + 0.23 * random.normal();
  const sine = 0.09 * random.normal();
  const cosine = Math.sqrt(1 - sine * sine);
  for (let i = 0; i < skeleton.count; i++) {
    const slantedX = width * (x[i] - 32) - shear * (y[i] - 50);
    const centredY = y[i] - 50;
    x[i] = cosine * slantedX - sine * centredY;
    y[i] = sine * slantedX + cosine * centredY;
  }
}
