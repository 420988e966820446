import { type Field, fieldSize } from "../data/dataset.ts";
import { type InitializerName, initializers } from "../nn/initializers.ts";
import { type ActivationName, activation as activationLayer, type Layer, mlp, sequence } from "../nn/layers.ts";
import { trained } from "../nn/parameter.ts";
import { flattenLayer } from "../nn/shape-layers.ts";
import { add } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { transpose } from "../ops/shape.ts";

interface TiedParts {
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. */
  readonly hidden: readonly number[];
  /** Numbers in a code. */
  readonly latent: number;
  /** What follows each layer of the encoder, and of the decoder each but the last. */
  readonly activation: ActivationName;
  readonly initializer: InitializerName;
}

/**
 * Dense layers from examples to codes, [rows, ...x.shape] → [rows, latent], and back through the same weights, transposed, with
 * biases of the decoder's own: [rows, latent] → [rows, features].
 */
export function tiedParts(x: Field, parts: TiedParts): { readonly encoder: Layer; readonly decoder: Layer } {
  const { hidden, latent, initializer } = parts;
  const activation = activationLayer(parts.activation);
  const layers = mlp("encoder", { inputs: fieldSize(x), outputs: latent, ...parts });
  const weights = layers.parameters.filter(({ shape }) => shape.length === 2).toReversed();
  const biases = weights.map(({ shape: [outputs, inputs] }, k) => {
    const name = `decoder.${k < hidden.length ? k : "out"}.bias`;
    return trained(name, [outputs], initializers[initializer].bias, { fanIn: inputs, fanOut: outputs });
  });
  return {
    encoder: sequence([flattenLayer(), layers, activation]),
    decoder: {
      parameters: biases,
      apply: (code, pass) =>
        biases.reduce((h, bias, k) => {
          const next = add(matmul(h, transpose(weights[k].node)), bias.node);
          return k < hidden.length ? activation.apply(next, pass) : next;
        }, code),
    },
  };
}
