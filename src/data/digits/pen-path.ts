import type { ControlPoints } from "./control-points.ts";
import type { Random } from "./random.ts";

/** Pixels between points of a path: a chord of this length leaves a circle of radius 3 by less than 0.1 pixel. */
const STEP = 1.2;
const MAX_STEPS = 12;
/** The longer side of the ink, in pixels, as in MNIST. */
const BOX = 20;

/** The way of a pen over the paper, in pixels. Valid entries are `[0, count)`. */
export interface PenPath {
  count: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Half the width of the ink. */
  readonly radius: Float64Array;
  /** 1 where the pen is set down, so that no ink leads from the point before. */
  readonly starts: Uint8Array;
}

/** Room for any path through `controlPoints` points. */
export function createPenPath(controlPoints: number): PenPath {
  const capacity = controlPoints * MAX_STEPS;
  return {
    count: 0,
    x: new Float64Array(capacity),
    y: new Float64Array(capacity),
    radius: new Float64Array(capacity),
    starts: new Uint8Array(capacity),
  };
}

/**
 * Draws the curve through the control points: a cubic Hermite spline whose tangents are those of the parabola through
 * three neighbours (Catmull-Rom with chord lengths). Corners turn sharply or, as hands do, more or less roundly.
 */
export function tracePath({ skeleton, x: px, y: py }: ControlPoints, random: Random, path: PenPath): void {
  const { count, starts, corners } = skeleton;
  const roundness = random.uniform() * random.uniform();
  const scale = BOX / longerSide(px, py, count);
  let n = 0;
  for (let i = 0; i < count; i++) {
    px[i] *= scale;
    py[i] *= scale;
  }
  for (let i = 0; i < count; i++) {
    if (starts[i] === 1) {
      n = addPoint(path, n, px[i], py[i], 1);
      continue;
    }
    const hasBefore = starts[i - 1] === 0;
    const hasAfter = i + 1 < count && starts[i + 1] === 0;
    const dx = px[i] - px[i - 1];
    const dy = py[i] - py[i - 1];
    const length = Math.sqrt(dx * dx + dy * dy) + 1e-6;

    let startX = dx;
    let startY = dy;
    if (hasBefore) {
      const bx = px[i - 1] - px[i - 2];
      const by = py[i - 1] - py[i - 2];
      const before = Math.sqrt(bx * bx + by * by) + 1e-6;
      const share = (corners[i - 1] === 1 ? roundness : 1) / (before + length);
      startX += share * length * ((bx / before) * length - dx);
      startY += share * length * ((by / before) * length - dy);
    }
    let endX = dx;
    let endY = dy;
    if (hasAfter) {
      const ax = px[i + 1] - px[i];
      const ay = py[i + 1] - py[i];
      const after = Math.sqrt(ax * ax + ay * ay) + 1e-6;
      const share = (corners[i] === 1 ? roundness : 1) / (after + length);
      endX += share * length * ((ax / after) * length - dx);
      endY += share * length * ((ay / after) * length - dy);
    }

    const steps = Math.max(1, Math.min(MAX_STEPS, Math.ceil(length / STEP)));
    for (let k = 1; k <= steps; k++) {
      const t = k / steps;
      const s = 1 - t;
      // The Hermite basis functions of the far end, of the tangent at the start and (negated) of the one at the end.
      const along = t * t * (3 - 2 * t);
      const out = s * s * t;
      const back = s * t * t;
      n = addPoint(
        path,
        n,
        px[i - 1] + along * dx + out * startX - back * endX,
        py[i - 1] + along * dy + out * startY - back * endY,
        0,
      );
    }
  }
  path.count = n;
}

function addPoint(path: PenPath, n: number, x: number, y: number, start: number): number {
  path.x[n] = x;
  path.y[n] = y;
  path.starts[n] = start;
  return n + 1;
}

/** Width of the ink: a pen, its pressure swelling and fading along the way, thinner ends, and a slight tremor. */
export function pressPen(path: PenPath, random: Random): void {
  const heavy = random.uniform() * random.uniform();
  let length = 0;
  for (let i = 1; i < path.count; i++) {
    const dx = path.x[i] - path.x[i - 1];
    const dy = path.y[i] - path.y[i - 1];
    if (path.starts[i] === 0) length += Math.sqrt(dx * dx + dy * dy);
  }
  const chosen = 0.8 + 0.66 * random.uniform() + 1.0 * heavy * heavy + 0.4 * heavy;
  // Nobody writes an 8 with a pen that would fill its rings.
  const pen = Math.min(chosen, 0.75 + 70 / length);
  const swing = 0.2 * random.uniform();
  const downstroke = 0.25 * random.uniform() - 0.05;
  const tip = 0.55 + 0.5 * random.uniform();
  const tremor = 0.1 * random.uniform();
  let pressure = random.normal();
  let drift = 0;
  for (let i = 0; i < path.count; i++) {
    // A second-order random walk around 0: smooth over some five points.
    drift = 0.75 * drift + 0.3 * random.normal() - 0.12 * pressure;
    pressure += 0.5 * drift;
    const start = path.starts[i] === 1;
    const end = i + 1 === path.count || path.starts[i + 1] === 1;
    const j = start ? i + 1 : i;
    const dx = path.x[j] - path.x[j - 1];
    const dy = path.y[j] - path.y[j - 1];
    const vertical = (dy * dy) / (dx * dx + dy * dy + 1e-9);
    let radius = pen * (1 + downstroke * (vertical - 0.5)) * (1 + swing * Math.max(-1.6, Math.min(1.6, pressure)));
    if (start || end) radius *= tip;
    path.radius[i] = Math.max(0.45, radius);
    path.x[i] += tremor * random.normal();
    path.y[i] += tremor * random.normal();
  }
}

/** Scales the way of the pen so that the ink's longer side is 20 pixels, and centres the ink by its mass. */
export function fitToFrame(path: PenPath, size: number): void {
  const { count, x, y, radius, starts } = path;
  let mean = 0;
  for (let i = 0; i < count; i++) mean += radius[i];
  mean /= count;
  const scale = (BOX - 2 * mean - 0.6) / longerSide(x, y, count);
  let mass = 0;
  let massX = 0;
  let massY = 0;
  for (let i = 0; i < count; i++) {
    x[i] *= scale;
    y[i] *= scale;
    if (starts[i] === 1) continue;
    const dx = x[i] - x[i - 1];
    const dy = y[i] - y[i - 1];
    const ink = Math.sqrt(dx * dx + dy * dy) * (radius[i] + radius[i - 1]);
    mass += 2 * ink;
    massX += ink * (x[i] + x[i - 1]);
    massY += ink * (y[i] + y[i - 1]);
  }
  const shiftX = size / 2 - massX / mass;
  const shiftY = size / 2 - massY / mass;
  for (let i = 0; i < count; i++) {
    x[i] += shiftX;
    y[i] += shiftY;
  }
}

function longerSide(x: Float64Array, y: Float64Array, count: number): number {
  let left = x[0];
  let right = x[0];
  let top = y[0];
  let bottom = y[0];
  for (let i = 1; i < count; i++) {
    if (x[i] < left) left = x[i];
    else if (x[i] > right) right = x[i];
    if (y[i] < top) top = y[i];
    else if (y[i] > bottom) bottom = y[i];
  }
  return Math.max(right - left, bottom - top);
}
