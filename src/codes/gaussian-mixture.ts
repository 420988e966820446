import { ReparamError } from "../errors.ts";
import { columnsOf, type RowsOption } from "../metrics/rows.ts";
import { streamOf } from "../ops/noise.ts";
import { createStream } from "../random/stream.ts";
import { atLeast, checked, oneOf, whole } from "../schema/constraints.ts";
import { choleskyFactor } from "./cholesky.ts";
import { type CovarianceName, expectationMaximisation, type GaussianMixture } from "./mixture-rounds.ts";
import { drawnBy, startingMixture } from "./mixture-start.ts";
import { drawNormalCode } from "./normal-code.ts";

export const covarianceNames = ["diagonal", "full"] as const satisfies readonly CovarianceName[];

export interface MixtureOptions extends RowsOption {
  /** How many normal distributions, fewer where fewer codes differ; 10 unless given. */
  readonly components?: number;
  /** Whether a component's numbers vary together; "full" unless given. */
  readonly covariance?: CovarianceName;
  /** Selects the codes that the components begin at; 0 unless given. */
  readonly seed?: number;
  /** The most rounds; 100 unless given. */
  readonly rounds?: number;
  /** A round that gains less, in nats a code, is the last; 0.001 unless given. */
  readonly tolerance?: number;
}

export interface FittedMixture extends GaussianMixture {
  /** ln p of all codes before each round, in nats. */
  readonly logLikelihoods: readonly number[];
}

/** Added to every variance: this part of the codes' mean variance. */
const FLOOR = 1e-6;
/** The floor of codes that are all the same. */
const LEAST_FLOOR = 1e-12;

/**
 * A Gaussian mixture fitted to codes in float64, from which codes can be drawn where a model has no prior: components begin
 * at codes far from each other (k-means++), and are improved by expectation maximisation.
 *
 * @param codes [rows, latent], those of the training examples as a rule
 * @throws ReparamError "data" where these are no rows of equal length, fewer than the components, or a code is not finite;
 *   "config" for the options.
 */
export function gaussianMixture(codes: ArrayLike<number>, options: MixtureOptions): FittedMixture {
  const { rows, components = 10, covariance = "full", seed = 0, rounds = 100, tolerance = 1e-3 } = options;
  checked("gaussianMixture", "components", components, whole(1));
  checked("gaussianMixture", "covariance", covariance, oneOf(covarianceNames));
  checked("gaussianMixture", "seed", seed, whole(0, 0xffff_ffff));
  checked("gaussianMixture", "rounds", rounds, whole(1));
  checked("gaussianMixture", "tolerance", tolerance, atLeast(0));
  const latent = columnsOf("gaussianMixture", codes, rows);
  if (rows < components) {
    const sentence = `${rows} codes are fewer than the ${components} components: lower components.`;
    throw new ReparamError("data", `gaussianMixture: ${sentence}`);
  }
  const values = Float64Array.from(codes);
  const round = { covariance, floor: Math.max(FLOOR * meanVariance(values, latent), LEAST_FLOOR) };
  const { uniform } = createStream(streamOf("mixture start"), seed);
  let mixture = startingMixture(values, { latent, components }, uniform, round);
  const logLikelihoods: number[] = [];
  for (let k = 0; k < rounds; k++) {
    const next = expectationMaximisation(values, mixture, round);
    logLikelihoods.push(next.logLikelihood);
    mixture = next.mixture;
    if (k > 0 && next.logLikelihood - logLikelihoods[k - 1] < tolerance * rows) break;
  }
  return { ...mixture, logLikelihoods };
}

/**
 * Codes drawn from a mixture.
 *
 * @returns [count, latent]
 * @throws ReparamError "config" for `count` and `seed`.
 */
export function mixtureCodes(
  { weights, means, covariances }: GaussianMixture,
  count: number,
  { seed = 0 }: { readonly seed?: number } = {},
): Float32Array<ArrayBuffer> {
  checked("mixtureCodes", "count", count, whole(1));
  checked("mixtureCodes", "seed", seed, whole(0, 0xffff_ffff));
  const latent = means[0].length;
  const { uniform } = createStream(streamOf("mixture component"), seed);
  const { normal } = createStream(streamOf("mixture code"), seed);
  const factors = covariances.map((covariance) =>
    covariance.length === latent ? covariance.map(Math.sqrt) : choleskyFactor(covariance, latent),
  );
  const codes = new Float32Array(count * latent);
  for (let row = 0; row < count; row++) {
    const component = drawnBy(weights, uniform(row));
    drawNormalCode(codes, row * latent, means[component], factors[component], normal);
  }
  return codes;
}

/** Over the columns of [rows, latent]. */
function meanVariance(values: Float64Array, latent: number): number {
  const rows = values.length / latent;
  const means = new Float64Array(latent);
  for (let at = 0; at < values.length; at++) means[at % latent] += values[at] / rows;
  return values.reduce((sum, value, at) => sum + (value - means[at % latent]) ** 2, 0) / values.length;
}
