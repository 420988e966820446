import { type Dataset, type Split, vector } from "../../src/data/dataset.ts";
import { gaussian4 } from "../../src/random/gaussian.ts";
import { philox4x32 } from "../../src/random/philox.ts";

/** Standard normal numbers, `rows` of four. */
export const normals = (rows: number, key = 1): number[][] =>
  Array.from({ length: rows }, (_, row) => [...gaussian4(philox4x32([row, 0, 0, 0], [key, 0]))]);

/**
 * Vectors of f32 with mean 0 whose principal components are cosines and whose variances fall: what linear models find is
 * known from the covariance alone.
 */
export function wavyVectors(count: number, features: number): Dataset {
  const waves = [1, 2, 3, 4].map((n) =>
    Array.from({ length: features }, (_, k) => Math.cos((Math.PI * n * (k + 0.5)) / features)),
  );
  const scales = [1, 0.6, 0.35, 0.2];
  const x = new Float32Array(count * features);
  normals(count).forEach((four, row) => {
    for (let k = 0; k < features; k++) {
      x[row * features + k] = waves.reduce((sum, wave, n) => sum + scales[n] * four[n] * wave[k], 0);
    }
  });
  for (let k = 0; k < features; k++) {
    let mean = 0;
    for (let row = 0; row < count; row++) mean += x[row * features + k] / count;
    for (let row = 0; row < count; row++) x[row * features + k] -= mean;
  }
  const split: Split = { count, values: { x } };
  return { name: "waves", fields: { x: vector(features) }, train: split, test: split };
}

/** The covariance of rows whose mean is taken away, divided by their number. */
export function covariance(values: ArrayLike<number>, features: number): number[][] {
  const count = values.length / features;
  const mean = new Float64Array(features);
  for (let i = 0; i < values.length; i++) mean[i % features] += values[i] / count;
  const matrix = Array.from({ length: features }, () => new Array<number>(features).fill(0));
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < features; i++) {
      const a = values[row * features + i] - mean[i];
      for (let j = i; j < features; j++) matrix[i][j] += (a * (values[row * features + j] - mean[j])) / count;
    }
  }
  for (let i = 0; i < features; i++) for (let j = 0; j < i; j++) matrix[i][j] = matrix[j][i];
  return matrix;
}

/** Eigenvalues, falling, and their unit eigenvectors, of a symmetric matrix by Jacobi rotations. */
export function eigen(matrix: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const a = matrix.map((row) => [...row]);
  const n = a.length;
  const v = a.map((_, i) => a.map((_, j) => Number(i === j)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-15) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < n; k++) [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < n; k++) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
        for (let k = 0; k < n; k++) [v[k][p], v[k][q]] = [c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]];
      }
    }
  }
  const order = a.map((_, k) => k).sort((x, y) => a[y][y] - a[x][x]);
  return { values: order.map((k) => a[k][k]), vectors: order.map((k) => v.map((row) => row[k])) };
}

/**
 * The largest sine of an angle between two subspaces, the second given by an orthonormal basis: how far a unit vector of the
 * first can be from the second.
 */
export function sineBetween(spanning: readonly (readonly number[])[], basis: readonly (readonly number[])[]): number {
  const orthonormal: number[][] = [];
  for (const given of spanning) {
    let vector = [...given];
    for (const other of orthonormal) vector = minus(vector, other, dot(vector, other));
    const length = Math.sqrt(dot(vector, vector));
    orthonormal.push(vector.map((value) => value / length));
  }
  // ‖(I − B Bᵀ) Q‖ is at most the square root of the sum over columns, and at least their largest.
  const rests = orthonormal.map((q) => basis.reduce((rest, b) => minus(rest, b, dot(rest, b)), q));
  return Math.sqrt(rests.reduce((sum, rest) => sum + dot(rest, rest), 0));
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, k) => sum + value * b[k], 0);
const minus = (a: readonly number[], b: readonly number[], by: number): number[] =>
  a.map((value, k) => value - by * b[k]);
