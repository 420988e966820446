import { choleskyFactor } from "./cholesky.ts";

/** A mixture of normal distributions of codes. */
export interface GaussianMixture {
  /** [components]; they are above 0 and add up to 1. */
  readonly weights: readonly number[];
  /** [components][latent] */
  readonly means: readonly Float64Array[];
  /** Of each component its variances, [latent], or its whole covariance, row-major [latent · latent]. */
  readonly covariances: readonly Float64Array[];
}

export type CovarianceName = "diagonal" | "full";

export interface RoundOptions {
  readonly covariance: CovarianceName;
  /** What is added to every variance, so that no component shrinks to a point. */
  readonly floor: number;
}

/**
 * A round of expectation and maximisation (Dempster, Laird and Rubin 1977; Bishop, Pattern Recognition and Machine Learning,
 * section 9.2): which component each code is of, and then what each component's codes have for a mean and a covariance.
 *
 * @param codes [rows, latent]
 * @returns the next mixture, and the log-likelihood of all codes in nats under the one given
 */
export function expectationMaximisation(
  codes: Float64Array,
  mixture: GaussianMixture,
  options: RoundOptions,
): { readonly mixture: GaussianMixture; readonly logLikelihood: number } {
  const latent = mixture.means[0].length;
  const components = mixture.weights.length;
  const rows = codes.length / latent;
  const densities = mixture.weights.map((weight, k) =>
    logDensity(mixture.means[k], mixture.covariances[k], Math.log(weight)),
  );
  const shares = new Float64Array(rows * components);
  let logLikelihood = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * components;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < components; k++) {
      shares[at + k] = densities[k](codes, row * latent);
      largest = Math.max(largest, shares[at + k]);
    }
    let sum = 0;
    for (let k = 0; k < components; k++) sum += Math.exp(shares[at + k] - largest);
    const whole = largest + Math.log(sum);
    for (let k = 0; k < components; k++) shares[at + k] = Math.exp(shares[at + k] - whole);
    logLikelihood += whole;
  }
  return { mixture: maximised(codes, shares, latent, options), logLikelihood };
}

/** ln weight + ln N(code; mean, covariance), as a function of where a code begins. */
function logDensity(mean: Float64Array, covariance: Float64Array, logWeight: number) {
  const latent = mean.length;
  const constant = logWeight - (latent * Math.log(2 * Math.PI)) / 2;
  if (covariance.length === latent) {
    const logDeterminant = covariance.reduce((sum, variance) => sum + Math.log(variance), 0);
    return (codes: Float64Array, at: number): number => {
      let square = 0;
      for (let i = 0; i < latent; i++) square += (codes[at + i] - mean[i]) ** 2 / covariance[i];
      return constant - (logDeterminant + square) / 2;
    };
  }
  const factor = choleskyFactor(covariance, latent);
  let halfLogDeterminant = 0;
  for (let i = 0; i < latent; i++) halfLogDeterminant += Math.log(factor[i * latent + i]);
  const white = new Float64Array(latent);
  return (codes: Float64Array, at: number): number => {
    let square = 0;
    for (let i = 0; i < latent; i++) {
      let rest = codes[at + i] - mean[i];
      for (let j = 0; j < i; j++) rest -= factor[i * latent + j] * white[j];
      white[i] = rest / factor[i * latent + i];
      square += white[i] ** 2;
    }
    return constant - halfLogDeterminant - square / 2;
  };
}

/**
 * The mixture of which each component has its share of each code: shares are [rows, components]. A component without a
 * share of any code is left out.
 */
export function maximised(
  codes: Float64Array,
  shares: Float64Array,
  latent: number,
  { covariance, floor }: RoundOptions,
): GaussianMixture {
  const rows = codes.length / latent;
  const components = shares.length / rows;
  const weights: number[] = [];
  const means: Float64Array[] = [];
  const covariances: Float64Array[] = [];
  for (let k = 0; k < components; k++) {
    const own = Float64Array.from({ length: rows }, (_, row) => shares[row * components + k]);
    const total = own.reduce((sum, share) => sum + share, 0);
    if (total === 0) continue;
    const parts = own.map((share) => share / total);
    const mean = new Float64Array(latent);
    for (let at = 0; at < codes.length; at++) mean[at % latent] += parts[Math.floor(at / latent)] * codes[at];
    weights.push(total / rows);
    means.push(mean);
    covariances.push((covariance === "full" ? scatter : variances)(codes, parts, mean, floor));
  }
  return { weights, means, covariances };
}

/** Σ part (code − mean)², and the floor: [latent]. */
function variances(codes: Float64Array, parts: Float64Array, mean: Float64Array, floor: number) {
  const latent = mean.length;
  const sums = new Float64Array(latent).fill(floor);
  for (let row = 0; row < codes.length / latent; row++) {
    const part = parts[row];
    for (let i = 0; i < latent; i++) sums[i] += part * (codes[row * latent + i] - mean[i]) ** 2;
  }
  return sums;
}

/** Σ part (code − mean) (code − mean)ᵀ, and the floor on the diagonal: [latent · latent]. */
function scatter(codes: Float64Array, parts: Float64Array, mean: Float64Array, floor: number) {
  const latent = mean.length;
  const sums = new Float64Array(latent * latent);
  const centred = new Float64Array(latent);
  for (let row = 0; row < codes.length / latent; row++) {
    const part = parts[row];
    if (part === 0) continue;
    for (let i = 0; i < latent; i++) centred[i] = codes[row * latent + i] - mean[i];
    for (let i = 0; i < latent; i++) {
      const weighed = part * centred[i];
      for (let j = 0; j <= i; j++) sums[i * latent + j] += weighed * centred[j];
    }
  }
  for (let i = 0; i < latent; i++) {
    sums[i * latent + i] += floor;
    for (let j = 0; j < i; j++) sums[j * latent + i] = sums[i * latent + j];
  }
  return sums;
}
