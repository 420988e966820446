import type { InitializerName } from "../nn/initializers.ts";
import { dense, type Layer, sequence } from "../nn/layers.ts";
import type { Pass } from "../nn/pass.ts";
import { flattenLayer } from "../nn/shape-layers.ts";
import type { Node } from "../node/node.ts";
import { leakyRelu, sigmoid, softplus } from "../ops/activation.ts";
import { add, neg } from "../ops/arithmetic.ts";
import { reshape } from "../ops/shape.ts";

// The discriminator of adversarial models, and the two losses of the non-saturating game (Goodfellow et al. 2014).

/** Gradients come through where a unit is off, too: Radford et al. use a slope of 0.2. */
export const leaky: Layer = { parameters: [], apply: (x) => leakyRelu(x, 0.2) };

/** Dense layers from examples of so many numbers, [rows, ...], to the logit that one is real, [rows, 1]. */
export function denseDiscriminator(inputs: number, widths: readonly number[], initializer: InitializerName): Layer {
  const sizes = [inputs, ...widths];
  return sequence([
    flattenLayer(),
    ...widths.flatMap((width, k) => [dense(`discriminator.${k}`, sizes[k], width, initializer), leaky]),
    dense("discriminator.out", sizes[sizes.length - 1], 1, initializer),
  ]);
}

/** The logit of each example: [rows, ...] → [rows]. */
export const judged = (discriminator: Layer, x: Node, pass: Pass): Node =>
  reshape(discriminator.apply(x, pass), [pass.rows]);

/** What the discriminator minimises, by its logits of real and of drawn examples, and the probabilities that it gives. */
export const discriminatorTerms = (onReal: Node, onDrawn: Node) => ({
  loss: add(softplus(neg(onReal)), softplus(onDrawn)),
  real: sigmoid(onReal),
  drawn: sigmoid(onDrawn),
});

/** What the generator minimises, by the discriminator's logits of what it drew. */
export const generatorLoss = (onDrawn: Node): Node => softplus(neg(onDrawn));
