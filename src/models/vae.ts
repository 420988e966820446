import { ReparamError } from "../errors.ts";
import { type Node, type Shape, sizeOf } from "../graph/node.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, mlp } from "../nn/layers.ts";
import { sigmoid } from "../ops/activation.ts";
import { add, clamp, mul } from "../ops/arithmetic.ts";
import { constant, schedule } from "../ops/leaf.ts";
import { bceWithLogits, gaussianNll, klStandardNormal, reparameterise } from "../ops/loss.ts";
import { normal } from "../ops/noise.ts";
import { sum } from "../ops/reduce.ts";
import { sliceAxis } from "../ops/shape.ts";
import type { Model } from "./model.ts";

export interface VaeOptions {
  /** The shape of one example, such as [28, 28, 1]. */
  readonly input: Shape;
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. [] is a linear model. */
  readonly hidden?: readonly number[];
  /** Numbers in a code. */
  readonly latent: number;
  readonly activation?: ActivationName;
  /**
   * What is observed given a code. `bernoulli`: each value is a probability, or black or white. `gaussian`: each value
   * has a predicted mean and a standard deviation of 1.
   */
  readonly likelihood?: "bernoulli" | "gaussian";
  readonly initializer?: InitializerName;
}

/**
 * Variational autoencoder (Kingma & Welling 2013): a normal posterior with a diagonal covariance, a standard normal
 * prior, and the loss −ELBO = reconstruction + klWeight · KL in nats an example.
 *
 * The encoder's last layer gives mean and log-variance side by side, [batch, 2 · latent].
 */
export function vae(options: VaeOptions): Model {
  const {
    input,
    latent,
    hidden = [400],
    activation = "relu",
    likelihood = "bernoulli",
    initializer = "pytorch",
  } = options;
  for (const [what, extents] of [
    ["input", input],
    ["hidden", hidden],
    ["latent", [latent]],
  ] as const) {
    if (!extents.every((extent) => Number.isInteger(extent) && extent > 0)) {
      throw new ReparamError(
        "config",
        `vae: ${what} is ${JSON.stringify(options[what])}, and sizes are whole numbers above 0.`,
      );
    }
  }
  const features = sizeOf(input);
  const common = { activation, initializer };
  const encoder = mlp("encoder", { inputs: features, hidden, outputs: 2 * latent, ...common });
  const decoder = mlp("decoder", { inputs: latent, hidden: [...hidden].reverse(), outputs: features, ...common });

  const posterior = (x: Node) => {
    const both = encoder.apply(x);
    return { mean: sliceAxis(both, 1, 0, latent), logVariance: sliceAxis(both, 1, latent, 2 * latent) };
  };
  return {
    input,
    latent,
    parameters: [...encoder.parameters, ...decoder.parameters],
    terms: (x) => {
      const { mean, logVariance } = posterior(x);
      const z = reparameterise(mean, logVariance, normal("epsilon", mean.shape));
      const output = decoder.apply(z);
      const error = likelihood === "bernoulli" ? bceWithLogits(output, x) : gaussianNll(output, constant(0), x);
      const reconstruction = sum(error, { axes: [1] });
      const kl = sum(klStandardNormal(mean, logVariance), { axes: [1] });
      return { loss: add(reconstruction, mul(schedule("klWeight"), kl)), reconstruction, kl };
    },
    encode: (x) => posterior(x).mean,
    decode: (z) => (likelihood === "bernoulli" ? sigmoid(decoder.apply(z)) : clamp(decoder.apply(z), 0, 1)),
  };
}
