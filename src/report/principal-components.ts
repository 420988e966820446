import { ReparamError } from "../errors.ts";
import { ritzPairs } from "./ritz-pairs.ts";

export interface Projection {
  /** `[count, 2]`: codes less their mean, along the first and second principal component. */
  readonly points: Float32Array;
  /** The share of the total variance along each of the two, 0..1. */
  readonly explained: readonly [number, number];
}

/** Each round is two products with all codes; what is not settled by then differs by less than a picture shows. */
const ROUNDS = 200;
/** The search space: restarted from its best vectors when it is full. */
const FULL = 32;
const KEPT = 10;
/** A component has settled when A·v − λ·v is this part of λ, or of the largest λ: then it is lost in rounding. */
const SETTLED = 1e-9;
const ROUNDING = 1e-13;

/**
 * Projects codes `[count, dimensions]` onto their first two principal components, in float64. The sign of a component is
 * such that its entry of largest magnitude (the first of equal ones) is positive, so the same codes give the same picture.
 * Codes with a value that is not finite do not count and become NaN. With one dimension the second coordinate is 0.
 * Throws `usage` when `codes` is not `[count, dimensions]`.
 *
 * No covariance is made: the components are sought in a small space that grows by the residuals of the best two (a block
 * Krylov space with Rayleigh-Ritz, restarted thick: Golub and Van Loan, Matrix Computations, 4th ed., sections 10.1 and
 * 10.5), so that time and memory are linear in the width of the code. Unlike power iteration it does not stall where
 * eigenvalues are close, as those of a VAE's codes are.
 */
export function principalComponents2(codes: Float32Array, count: number, dimensions: number): Projection {
  if (dimensions < 1 || codes.length !== count * dimensions) {
    const what = `${codes.length} values are not ${count} codes of ${dimensions} dimensions`;
    throw new ReparamError("usage", `Principal components cannot be computed: ${what}.`);
  }
  const { rows, kept } = centred(codes, count, dimensions);
  const components = leadingComponents(rows, kept.length, dimensions);
  let total = 0;
  for (const value of rows) total += value * value;
  const points = new Float32Array(2 * count).fill(Number.NaN);
  const explained: [number, number] = [0, 0];
  kept.forEach((code, i) => {
    for (const axis of [0, 1]) {
      const component = components[axis];
      let along = 0;
      if (component) for (let j = 0; j < dimensions; j++) along += rows[i * dimensions + j] * component[j];
      points[2 * code + axis] = along;
      if (total > 0) explained[axis] = Math.min(1, explained[axis] + (along * along) / total);
    }
  });
  return { points, explained };
}

/** The codes that are finite, less their mean, `[kept, dimensions]`, and which they are. */
function centred(codes: Float32Array, count: number, dimensions: number): { rows: Float64Array; kept: number[] } {
  const kept: number[] = [];
  for (let i = 0; i < count; i++) {
    if (codes.subarray(i * dimensions, (i + 1) * dimensions).every(Number.isFinite)) kept.push(i);
  }
  const rows = new Float64Array(kept.length * dimensions);
  kept.forEach((code, i) => {
    rows.set(codes.subarray(code * dimensions, (code + 1) * dimensions), i * dimensions);
  });
  for (let j = 0; j < dimensions; j++) {
    // Divided once, at the end: a sum of equal f32 numbers is exact, so that codes which do not vary become 0.
    let sum = 0;
    for (let at = j; at < rows.length; at += dimensions) sum += rows[at];
    for (let at = j; at < rows.length; at += dimensions) rows[at] -= sum / kept.length;
  }
  return { rows, kept };
}

/** The unit eigenvectors of rowsᵀ·rows with the two largest eigenvalues; fewer where the rows span less. */
function leadingComponents(rows: Float64Array, count: number, dimensions: number): Float64Array[] {
  let basis: Float64Array[] = [];
  let images: Float64Array[] = []; // A·v of each vector of the basis
  const grow = (candidates: readonly Float64Array[]) => {
    const added = candidates.filter((vector) => joins(vector, basis));
    images.push(...added.map((vector) => scatterTimes(rows, count, vector)));
    return added.length > 0;
  };
  // What the codes make of random numbers lies in the space that they span, and has a part along every component.
  if (!grow(randomVectors(2, dimensions).map((vector) => scatterTimes(rows, count, vector)))) return [];
  let leading: Float64Array[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { values, vectors } = ritzPairs(basis, images);
    leading = vectors.slice(0, 2).map((weights) => combine(basis, weights));
    const residuals = leading.map((vector, k) => {
      const image = combine(images, vectors[k]);
      return image.map((value, j) => value - values[k] * vector[j]);
    });
    const open = residuals.filter((residual, k) => norm(residual) > SETTLED * values[k] + ROUNDING * values[0]);
    if (open.length === 0) break;
    if (basis.length + open.length > FULL) {
      const best = vectors.slice(0, KEPT);
      [basis, images] = [basis, images].map((space) => best.map((weights) => combine(space, weights)));
    }
    if (!grow(open)) break;
  }
  return leading.map(withFixedSign);
}

/** rowsᵀ·(rows·v), in one pass over the rows. */
function scatterTimes(rows: Float64Array, count: number, vector: Float64Array): Float64Array {
  const width = vector.length;
  const result = new Float64Array(width);
  for (let i = 0; i < count; i++) {
    const start = i * width;
    let along = 0;
    for (let j = 0; j < width; j++) along += rows[start + j] * vector[j];
    for (let j = 0; j < width; j++) result[j] += along * rows[start + j];
  }
  return result;
}

/** Makes a vector a unit vector across the basis and adds it; false where nothing of it but rounding is left. */
function joins(vector: Float64Array, basis: Float64Array[]): boolean {
  const before = norm(vector);
  if (before === 0) return false;
  // Twice is enough: Giraud, Langou and Rozložník 2005.
  for (let pass = 0; pass < 2; pass++) {
    for (const other of basis) {
      const along = dot(vector, other);
      for (let j = 0; j < vector.length; j++) vector[j] -= along * other[j];
    }
  }
  const after = norm(vector);
  if (after <= 1e-12 * before) return false;
  for (let j = 0; j < vector.length; j++) vector[j] /= after;
  basis.push(vector);
  return true;
}

function combine(space: readonly Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(space[0].length);
  space.forEach((vector, k) => {
    for (let j = 0; j < sum.length; j++) sum[j] += weights[k] * vector[j];
  });
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

const norm = (vector: Float64Array): number => Math.sqrt(dot(vector, vector));

/** Numbers in −1..1 that are the same everywhere: a linear congruential generator, by its upper bits. */
function randomVectors(count: number, length: number): Float64Array[] {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: count }, () => Float64Array.from({ length }, next));
}

function withFixedSign(component: Float64Array): Float64Array {
  let largest = 0;
  for (let j = 1; j < component.length; j++) {
    // Entries that are equal but for rounding count as equal.
    if (Math.abs(component[j]) > Math.abs(component[largest]) * (1 + 1e-9)) largest = j;
  }
  return component[largest] < 0 ? component.map((value) => -value) : component;
}
