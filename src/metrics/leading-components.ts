import { ritzPairs } from "./ritz-pairs.ts";

/** What is not settled after so many rounds differs by less than a picture shows. */
const ROUNDS = 200;
/** What is this part of the largest λ is lost in rounding. */
const ROUNDING = 1e-13;

interface ComponentOptions {
  readonly count: number;
  readonly components: number;
  /** A component has settled when A·v − λ·v is this part of λ; 1e-9 unless given. */
  readonly settled?: number;
}

/**
 * The unit eigenvectors of rowsᵀ·rows with the largest eigenvalues, in float64, where rows are [count, dimensions] less their
 * mean; fewer where the rows span less. The sign of a component is such that its entry of largest magnitude (the first of equal
 * ones) is positive.
 *
 * No covariance is made: the components are sought in a small space that grows by the residuals of the best ones (a block
 * Krylov space with Rayleigh-Ritz, restarted thick: Golub and Van Loan, Matrix Computations, 4th ed., sections 10.1 and
 * 10.5), so that time and memory are linear in the dimensions. Unlike power iteration it does not stall where eigenvalues are
 * close, as those of a VAE's codes are.
 */
export function leadingComponents(
  rows: Float64Array,
  { count, components, settled = 1e-9 }: ComponentOptions,
): Float64Array[] {
  const dimensions = rows.length / Math.max(1, count);
  // The search space: restarted from its best vectors when it is full.
  const full = Math.max(32, 4 * components);
  const best = components + 8;
  let basis: Float64Array[] = [];
  let images: Float64Array[] = []; // A·v of each vector of the basis
  const grow = (candidates: readonly Float64Array[]) => {
    const added = candidates.filter((vector) => joins(vector, basis));
    images.push(...added.map((vector) => scatterTimes(rows, count, vector)));
    return added.length > 0;
  };
  // What the codes make of random numbers lies in the space that they span, and has a part along every component.
  if (!grow(randomVectors(components, dimensions).map((vector) => scatterTimes(rows, count, vector)))) return [];
  let leading: Float64Array[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { values, vectors } = ritzPairs(basis, images);
    leading = vectors.slice(0, components).map((weights) => combine(basis, weights));
    const residuals = leading.map((vector, k) => {
      const image = combine(images, vectors[k]);
      return image.map((value, j) => value - values[k] * vector[j]);
    });
    const open = residuals.filter((residual, k) => norm(residual) > settled * values[k] + ROUNDING * values[0]);
    if (open.length === 0) break;
    if (basis.length + open.length > full) {
      const kept = vectors.slice(0, best);
      [basis, images] = [basis, images].map((space) => kept.map((weights) => combine(space, weights)));
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
