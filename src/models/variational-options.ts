import type { Field } from "../data/dataset.ts";
import type { ScheduleDescription } from "../nn/schedules.ts";
import { type LikelihoodName, likelihoods } from "./likelihood.ts";
import { amount, choice, positive, weight } from "./options.ts";
import { type PosteriorName, posteriors } from "./posterior.ts";
import type { VariationalParts } from "./variational.ts";

const divergences = ["analytic", "monteCarlo"] as const;

/** What families of variational autoencoders let one choose, beside their layers. */
export const variationalOptions = {
  likelihood: choice(
    likelihoods,
    "bernoulli",
    "what a number is given the decoder's output: bernoulli, continuousBernoulli, discretisedLogistic, or a Gaussian whose standard deviation is sigma, trained (gaussianShared, gaussianEach), the decoder's (gaussianDecoded), or the root of the batch's mean squared error (gaussianCalibrated)",
  ),
  sigma: positive(1, "standard deviation of likelihood gaussian"),
  posterior: choice(
    posteriors,
    "logVariance",
    "what the encoder says of a code's spread: logVariance, logSigma or softplus of each number, or full, a Cholesky factor",
  ),
  divergence: choice(divergences, "analytic", "the KL term: in closed form, or monteCarlo, by the code that was drawn"),
  klWeight: weight(1, "weight of the KL term: a number (β-VAE) or a schedule (annealing)"),
  freeBits: amount(0, "nats that each number of a code may hold without a penalty"),
  capacity: {
    ...weight(0, "nats that a code aims to hold, |KL − capacity|: a number, or a schedule; 0 for none"),
    live: false, // whether there is an aim decides what is compiled
  },
};

interface Chosen {
  readonly likelihood: LikelihoodName;
  readonly sigma: number;
  readonly posterior: PosteriorName;
  readonly divergence: (typeof divergences)[number];
  readonly klWeight: ScheduleDescription;
  readonly freeBits: number;
  readonly capacity: ScheduleDescription;
}

/** The choices as parts of `variational`, and how many numbers encoder and decoder give: `encoded` and, for each of x, `decoded`. */
export function chosen(
  x: Field,
  latent: number,
  { likelihood, sigma, posterior, divergence, klWeight, freeBits, capacity }: Chosen,
) {
  const parts = {
    x,
    latent,
    likelihood,
    sigma,
    posterior,
    divergence,
    klWeight,
    freeBits,
    ...(capacity !== 0 && { capacity }),
  } satisfies Partial<VariationalParts>;
  return {
    parts,
    encoded: posteriors[posterior].outputs(latent),
    decoded: likelihoods[likelihood]({ x, sigma }).outputs,
  };
}
