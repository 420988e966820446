/** A sample in three numbers; half of the runs were quicker than the median, a tenth quicker than p10. */
export interface Spread {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
}

/** The quantile of a sample, interpolated between its neighbours. */
export function quantile(samples: readonly number[], fraction: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = fraction * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

export const spreadOf = (samples: readonly number[]): Spread => ({
  median: quantile(samples, 0.5),
  p10: quantile(samples, 0.1),
  p90: quantile(samples, 0.9),
});

/**
 * The largest |value − exact| / max(|exact|, rms of the exact values). Numbers that are small because large ones
 * cancelled are measured by the typical size, since no f32 kernel can do better there. NaN and infinities where the
 * exact value is finite give Infinity, and so do results of another length.
 */
export function maxRelativeError(values: ArrayLike<number>, exact: ArrayLike<number>): number {
  if (values.length !== exact.length) return Number.POSITIVE_INFINITY;
  let squares = 0;
  for (let i = 0; i < exact.length; i++) squares += exact[i] ** 2;
  const typical = Math.sqrt(squares / exact.length);
  let worst = 0;
  for (let i = 0; i < exact.length; i++) {
    if (values[i] === exact[i] || Object.is(values[i], exact[i])) continue;
    const error = Math.abs(values[i] - exact[i]) / Math.max(Math.abs(exact[i]), typical);
    if (!(error <= worst)) worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return worst;
}
