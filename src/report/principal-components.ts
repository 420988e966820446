import { ReparamError } from "../errors.ts";

export interface Projection {
  /** `[count, 2]`: codes less their mean, along the first and second principal component. */
  readonly points: Float32Array;
  /** The share of the total variance along each of the two, 0..1. */
  readonly explained: readonly [number, number];
}

/**
 * Projects codes `[count, dimensions]` onto their first two principal components, in float64. The sign of a component is
 * such that its entry of largest magnitude (the first of equal ones) is positive, so the same codes give the same picture.
 * Codes with a value that is not finite do not count and become NaN. With one dimension the second coordinate is 0.
 * Throws `usage` when `codes` is not `[count, dimensions]`.
 */
export function principalComponents2(codes: Float32Array, count: number, dimensions: number): Projection {
  if (dimensions < 1 || codes.length !== count * dimensions) {
    const what = `${codes.length} values are not ${count} codes of ${dimensions} dimensions`;
    throw new ReparamError("usage", `Principal components cannot be computed: ${what}.`);
  }
  const rows: Float64Array[] = [];
  for (let i = 0; i < count; i++) rows.push(Float64Array.from(codes.subarray(i * dimensions, (i + 1) * dimensions)));
  const finite = rows.filter((row) => row.every(Number.isFinite));
  const mean = new Float64Array(dimensions);
  for (const row of finite) for (let j = 0; j < dimensions; j++) mean[j]! += row[j]! / finite.length;
  for (const row of rows) for (let j = 0; j < dimensions; j++) row[j]! -= mean[j]!;

  const { values, vectors } = symmetricEigen(covariance(finite, dimensions));
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
  const points = new Float32Array(2 * count);
  const explained: [number, number] = [0, 0];
  const total = values.reduce((sum, value) => sum + value, 0);
  for (const axis of [0, 1]) {
    const index = order[axis];
    if (index === undefined) continue;
    const component = withFixedSign(vectors[index]!);
    explained[axis as 0 | 1] = total > 0 ? Math.max(0, values[index]! / total) : 0;
    rows.forEach((row, i) => {
      points[2 * i + axis] = row.reduce((sum, value, j) => sum + value * component[j]!, 0);
    });
  }
  return { points, explained };
}

function covariance(rows: readonly Float64Array[], dimensions: number): Float64Array[] {
  const matrix = Array.from({ length: dimensions }, () => new Float64Array(dimensions));
  for (const row of rows) {
    for (let i = 0; i < dimensions; i++) {
      const target = matrix[i]!;
      for (let j = i; j < dimensions; j++) target[j]! += (row[i]! * row[j]!) / rows.length;
    }
  }
  for (let i = 0; i < dimensions; i++) for (let j = 0; j < i; j++) matrix[i]![j] = matrix[j]![i]!;
  return matrix;
}

/**
 * Eigenvalues and unit eigenvectors of a symmetric matrix (which is overwritten) by cyclic Jacobi rotations:
 * Golub and Van Loan, Matrix Computations, 4th ed., section 8.5. Unlike power iteration it does not slow down where
 * eigenvalues are close, as those of a VAE's codes are.
 */
function symmetricEigen(a: Float64Array[]): { values: number[]; vectors: Float64Array[] } {
  const n = a.length;
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  const scale = Math.max(...a.map((row) => Math.max(...row.map(Math.abs))));
  for (let sweep = 0; sweep < 60; sweep++) {
    let largest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p]![q]!;
        largest = Math.max(largest, Math.abs(off));
        if (off === 0) continue;
        const tau = (a[q]![q]! - a[p]![p]!) / (2 * off);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t);
        for (const row of a) rotate(row, p, q, c, t * c);
        rotateRows(a[p]!, a[q]!, c, t * c);
        rotateRows(vectors[p]!, vectors[q]!, c, t * c);
      }
    }
    if (largest <= 1e-15 * scale) break;
  }
  return { values: a.map((row, i) => row[i]!), vectors };
}

function rotate(row: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [row[p]!, row[q]!];
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
}

function rotateRows(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const [first, second] = [x[i]!, y[i]!];
    x[i] = c * first - s * second;
    y[i] = s * first + c * second;
  }
}

function withFixedSign(component: Float64Array): Float64Array {
  let largest = 0;
  for (let j = 1; j < component.length; j++) {
    // Entries that are equal but for rounding count as equal.
    if (Math.abs(component[j]!) > Math.abs(component[largest]!) * (1 + 1e-9)) largest = j;
  }
  return component[largest]! < 0 ? component.map((value) => -value) : component;
}
