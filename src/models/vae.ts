import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, mlp } from "../nn/layers.ts";
import { type Shape, sizeOf } from "../node/node.ts";
import type { Model } from "./model.ts";
import { checkSizes, type Likelihood, variational } from "./variational.ts";

export interface VaeOptions {
  /** The shape of one example, such as [28, 28, 1]. */
  readonly input: Shape;
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. [] is a linear model. */
  readonly hidden?: readonly number[];
  /** Numbers in a code. */
  readonly latent: number;
  readonly activation?: ActivationName;
  readonly likelihood?: Likelihood;
  readonly initializer?: InitializerName;
}

/** Variational autoencoder of dense layers. The encoder's last layer gives mean and log-variance, [batch, 2 · latent]. */
export function vae(options: VaeOptions): Model {
  const {
    input,
    latent,
    hidden = [400],
    activation = "relu",
    likelihood = "bernoulli",
    initializer = "pytorch",
  } = options;
  checkSizes("vae", { input, hidden, latent });
  const features = sizeOf(input);
  const common = { activation, initializer };
  return variational({
    input,
    latent,
    likelihood,
    encoder: mlp("encoder", { inputs: features, hidden, outputs: 2 * latent, ...common }),
    decoder: mlp("decoder", { inputs: latent, hidden: [...hidden].reverse(), outputs: features, ...common }),
  });
}
