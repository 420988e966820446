import { ReparamError } from "../errors.ts";
import { inference, type Layer, type Pass } from "../nn/layers.ts";
import type { Node, Shape } from "../node/node.ts";
import { sigmoid } from "../ops/activation.ts";
import { add, clamp, mul } from "../ops/arithmetic.ts";
import { constant, schedule } from "../ops/leaf.ts";
import { bceWithLogits, gaussianNll, klStandardNormal, reparameterise } from "../ops/loss.ts";
import { normal } from "../ops/noise.ts";
import { sum } from "../ops/reduce.ts";
import { sliceAxis } from "../ops/shape.ts";
import type { Model } from "./model.ts";

/**
 * What is observed given a code. `bernoulli`: each value is a probability, or black or white. `gaussian`: each value
 * has a predicted mean and a standard deviation of 1.
 */
export type Likelihood = "bernoulli" | "gaussian";

export interface VariationalParts {
  readonly input: Shape;
  readonly latent: number;
  readonly likelihood: Likelihood;
  /** [batch, features] → mean and log-variance side by side, [batch, 2 · latent] */
  readonly encoder: Layer;
  /** [batch, latent] → logits or means, [batch, features] */
  readonly decoder: Layer;
}

/**
 * A variational autoencoder around an encoder and a decoder (Kingma & Welling 2013): a normal posterior with a diagonal
 * covariance, a standard normal prior, and the loss −ELBO = reconstruction + klWeight · KL in nats an example.
 */
export function variational({ input, latent, likelihood, encoder, decoder }: VariationalParts): Model {
  const posterior = (x: Node, pass: Pass) => {
    const both = encoder.apply(x, pass);
    return { mean: sliceAxis(both, 1, 0, latent), logVariance: sliceAxis(both, 1, latent, 2 * latent) };
  };
  return {
    input,
    latent,
    parameters: [...encoder.parameters, ...decoder.parameters],
    terms: (x, pass) => {
      const { mean, logVariance } = posterior(x, pass);
      const z = reparameterise(mean, logVariance, normal("epsilon", mean.shape));
      const output = decoder.apply(z, pass);
      const error = likelihood === "bernoulli" ? bceWithLogits(output, x) : gaussianNll(output, constant(0), x);
      const reconstruction = sum(error, { axes: [1] });
      const kl = sum(klStandardNormal(mean, logVariance), { axes: [1] });
      return { loss: add(reconstruction, mul(schedule("klWeight"), kl)), reconstruction, kl };
    },
    encode: (x) => posterior(x, inference).mean,
    decode: (z) => {
      const output = decoder.apply(z, inference);
      return likelihood === "bernoulli" ? sigmoid(output) : clamp(output, 0, 1);
    },
  };
}

/** Refuses sizes that are no whole numbers above 0. Throws ReparamError "config". */
export function checkSizes(model: string, sizes: Readonly<Record<string, number | readonly number[]>>): void {
  for (const [name, value] of Object.entries(sizes)) {
    if (![value].flat().every((extent) => Number.isInteger(extent) && extent > 0)) {
      throw new ReparamError(
        "config",
        `${model}: ${name} is ${JSON.stringify(value)}, and sizes are whole numbers above 0.`,
      );
    }
  }
}
