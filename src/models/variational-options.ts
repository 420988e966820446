import type { Field } from "../data/dataset.ts";
import { binarisations } from "./binarisation.ts";
import { likelihoods } from "./likelihood.ts";
import { amount, choice, positive, type ValuesOf, weight } from "./options.ts";
import { diagonalPosteriors, posteriors } from "./posterior.ts";
import type { VariationalParts } from "./variational-parts.ts";

/** What every family of variational autoencoders lets one choose, beside its layers. */
export const boundOptions = {
  likelihood: choice(
    likelihoods,
    "bernoulli",
    "what a number is given the decoder's output: bernoulli, continuousBernoulli, discretisedLogistic, or a Gaussian whose standard deviation is sigma, trained (gaussianShared, gaussianEach), the decoder's (gaussianDecoded), or the root of the batch's mean squared error (gaussianCalibrated)",
  ),
  sigma: positive(1, "standard deviation of likelihood gaussian"),
  binarisation: choice(
    binarisations,
    "off",
    "dynamic: the numbers of x are probabilities, and what is seen of them is drawn as 0 or 1, anew at every step",
  ),
  posterior: choice(
    posteriors,
    "logVariance",
    "what the encoder says of a code's spread: logVariance, logSigma or softplus of each number, or full, a Cholesky factor",
  ),
  klWeight: weight(1, "weight of the KL term: a number (β-VAE) or a schedule (annealing)"),
};

/** Of families that ask for the density of any code: a full covariance has none that is quickly known. */
export const diagonalPosteriorOption = choice(
  diagonalPosteriors,
  "logVariance",
  "what the encoder says of the spread of each number of a code: logVariance, logSigma or softplus",
);

/** What those let one choose whose KL term has a closed form. */
const divergenceOptions = {
  divergence: choice(
    ["analytic", "monteCarlo"],
    "analytic",
    "the KL term: in closed form, or monteCarlo, by the code that was drawn",
  ),
  freeBits: amount(0, "nats that each number of a code may hold without a penalty"),
  capacity: {
    ...weight(0, "nats that a code aims to hold, |KL − capacity|; 0 for none"),
    live: false, // whether there is an aim decides what is compiled
  },
};

export const variationalOptions = { ...boundOptions, ...divergenceOptions };

type Chosen = Partial<ValuesOf<typeof variationalOptions>> &
  Pick<ValuesOf<typeof boundOptions>, "likelihood" | "sigma" | "posterior">;

/** The choices as parts of `variational`, and how many numbers encoder and decoder give: `encoded` and, for each of x, `decoded`. */
export function chosen(x: Field, latent: number, { capacity = 0, ...choices }: Chosen) {
  const { likelihood, sigma, posterior } = choices;
  return {
    parts: { x, latent, ...choices, ...(capacity !== 0 && { capacity }) } satisfies Partial<VariationalParts>,
    encoded: posteriors[posterior].outputs(latent),
    decoded: likelihoods[likelihood]({ x, sigma }).outputs,
  };
}
