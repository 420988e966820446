/** A plane in the space of codes: the map. Of codes of two numbers it is that space itself. */
export interface Plane {
  readonly latent: number;
  readonly mean: Float32Array;
  /** [2, latent], of length 1 and at right angles. */
  readonly axes: Float32Array;
  /** How much of the codes' spread it shows, 0..1. */
  readonly share: number;
}

export const wholePlane: Plane = { latent: 2, mean: new Float32Array(2), axes: Float32Array.of(1, 0, 0, 1), share: 1 };

/** The plane of codes before there are any. */
export const startPlane = (latent: number): Plane =>
  latent === 2
    ? wholePlane
    : {
        latent,
        mean: new Float32Array(latent),
        axes: Float32Array.from({ length: 2 * latent }, (_, k) =>
          Number(k === 0 || k === latent + Math.min(1, latent - 1)),
        ),
        share: 0,
      };

/** The plane of codes of before, as far as its axes say it. */
export const planeAlong = (latent: number, axes: readonly number[]): Plane =>
  latent === 2 || axes.length !== 2 * latent
    ? startPlane(latent)
    : { ...startPlane(latent), axes: Float32Array.from(axes) };

const ROUNDS = 60;

/**
 * The plane of the two principal components of codes [count, latent]. Near `before`, if given: its axes turn as little as
 * they can, so that the map does not flip while a model learns.
 */
export function principalPlane(codes: Float32Array, latent: number, before?: Plane): Plane {
  if (latent === 2) return wholePlane;
  const count = codes.length / latent;
  const mean = new Float32Array(latent);
  for (let i = 0; i < codes.length; i++) mean[i % latent] += codes[i] / count;
  const covariance = new Float64Array(latent * latent);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < latent; i++) {
      const a = codes[row * latent + i] - mean[i];
      for (let j = 0; j <= i; j++) covariance[i * latent + j] += (a * (codes[row * latent + j] - mean[j])) / count;
    }
  }
  for (let i = 0; i < latent; i++) for (let j = 0; j < i; j++) covariance[j * latent + i] = covariance[i * latent + j];
  let total = 0;
  for (let i = 0; i < latent; i++) total += covariance[i * latent + i];
  if (latent === 1) return { latent, mean, axes: Float32Array.of(1, 0), share: 1 };
  // Subspace iteration from the axes of before, so that few rounds are enough while a model learns.
  const near = before?.latent === latent ? before.axes : undefined;
  let axes = Array.from({ length: 2 }, (_, k) =>
    Float64Array.from({ length: latent }, (_, i) => near?.[k * latent + i] ?? Math.cos((k + 1) * (i + 0.5))),
  );
  for (let round = 0; round < ROUNDS; round++) {
    axes = axes.map((axis) =>
      axis.map((_, i) => axis.reduce((sum, value, j) => sum + covariance[i * latent + j] * value, 0)),
    );
    axes = orthonormal(axes);
  }
  const along = (axis: Float64Array) =>
    axis.reduce((sum, a, i) => sum + a * axis.reduce((inner, b, j) => inner + covariance[i * latent + j] * b, 0), 0);
  const share = total > 0 ? (along(axes[0]) + along(axes[1])) / total : 0;
  return { latent, mean, axes: Float32Array.from([...axes[0], ...axes[1]]), share };
}

function orthonormal([a, b]: readonly Float64Array[]): Float64Array<ArrayBuffer>[] {
  const unit = (v: Float64Array) => {
    const length = Math.hypot(...v);
    return Float64Array.from(v, (value) => (length > 0 ? value / length : value));
  };
  const first = unit(a);
  const overlap = first.reduce((sum, value, i) => sum + value * b[i], 0);
  return [first, unit(b.map((value, i) => value - overlap * first[i]))];
}

/** Where codes lie on the map: [count, latent] → [count, 2]. */
export function placesOf(codes: Float32Array, { latent, mean, axes }: Plane): Float32Array {
  const count = codes.length / latent;
  const places = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < latent; i++) {
      const value = codes[row * latent + i] - mean[i];
      places[2 * row] += value * axes[i];
      places[2 * row + 1] += value * axes[latent + i];
    }
  }
  return places;
}

/** The code of a place: on the plane, or as far beside it as `beside` is, a code. */
export function codeAt(x: number, y: number, { latent, mean, axes }: Plane, beside?: Float32Array): Float32Array {
  const [own] = beside ? [placesOf(beside, { latent, mean, axes, share: 1 })] : [undefined];
  return Float32Array.from({ length: latent }, (_, i) => {
    const from = beside && own ? beside[i] - own[0] * axes[i] - own[1] * axes[latent + i] : mean[i];
    return from + x * axes[i] + y * axes[latent + i];
  });
}

/** A covariance on the map: half axes at one standard deviation, and the angle of the first, in the plane's units. */
export interface Ellipse {
  readonly a: number;
  readonly b: number;
  readonly angle: number;
}

/**
 * A posterior as it lies on the map: its covariance Σ through the projection B, B Σ Bᵀ, so that a full covariance turns it.
 * posterior: mean and standard deviations, [2, latent], or mean and the rows of the Cholesky factor, [1 + latent, latent].
 */
export function ellipseOf(posterior: Float32Array, { latent, axes }: Plane): Ellipse {
  const rows = posterior.length / latent - 1;
  const projected = [0, 1].map((axis) =>
    Float64Array.from({ length: latent }, (_, column) => {
      // B L, [2, latent]: of a diagonal factor each column has one number.
      let sum = 0;
      for (let row = 0; row < rows; row++) {
        const i = rows === 1 ? column : row;
        sum += axes[axis * latent + i] * posterior[(1 + row) * latent + column];
      }
      return sum;
    }),
  );
  const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, k) => sum + value * v[k], 0);
  const [xx, xy, yy] = [
    dot(projected[0], projected[0]),
    dot(projected[0], projected[1]),
    dot(projected[1], projected[1]),
  ];
  const [middle, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  return {
    a: Math.sqrt(middle + half),
    b: Math.sqrt(Math.max(0, middle - half)),
    angle: Math.atan2(2 * xy, xx - yy) / 2,
  };
}

/** The standard deviation of each number of a code: [latent]. */
export function deviationsOf(posterior: Float32Array, latent: number): Float32Array {
  if (posterior.length === 2 * latent) return posterior.subarray(latent);
  return Float32Array.from({ length: latent }, (_, i) =>
    Math.hypot(...posterior.subarray((1 + i) * latent, (2 + i) * latent)),
  );
}
