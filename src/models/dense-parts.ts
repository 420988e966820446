import { type Field, fieldSize } from "../data/dataset.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, type Layer, mlp, sequence } from "../nn/layers.ts";
import { flattenLayer } from "../nn/shape-layers.ts";
import { errorOption } from "./error.ts";
import { activationOption, initializerOption, size, widths } from "./options.ts";

interface DenseDefaults {
  readonly hidden: readonly number[];
  readonly latent: number;
  readonly activation?: ActivationName;
  readonly initializer?: InitializerName;
}

/** What families of dense layers let one choose of them. */
export const denseOptions = ({ hidden, latent, activation = "relu", initializer = "pytorch" }: DenseDefaults) => ({
  hidden: widths(hidden, "widths of the encoder's hidden layers; the decoder has them in reverse, [] is linear"),
  latent: size(latent, "numbers in a code"),
  activation: activationOption(activation),
  initializer: initializerOption(initializer),
});

/** The same of plain autoencoders, and how the error of what comes out is measured. */
export const plainOptions = ({ initializer = "glorot", ...defaults }: DenseDefaults) => ({
  ...denseOptions({ initializer, ...defaults }),
  loss: errorOption("bce"),
});

interface DenseParts {
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. */
  readonly hidden: readonly number[];
  /** Numbers in a code. */
  readonly latent: number;
  /** Numbers that the encoder gives: those of a code unless given. */
  readonly encoded?: number;
  /** Numbers that the decoder gives for each of an example: 1 unless given. */
  readonly decoded?: number;
  readonly activation: ActivationName;
  readonly initializer: InitializerName;
}

/** Dense layers from examples to codes, [rows, ...x.shape] → [rows, encoded], and back, [rows, latent] → [rows, features · decoded]. */
export function denseParts(x: Field, parts: DenseParts): { readonly encoder: Layer; readonly decoder: Layer } {
  const { hidden, latent, encoded = latent, decoded = 1, ...common } = parts;
  const features = fieldSize(x);
  return {
    encoder: sequence([flattenLayer(), mlp("encoder", { inputs: features, hidden, outputs: encoded, ...common })]),
    decoder: mlp("decoder", { inputs: latent, hidden: hidden.toReversed(), outputs: features * decoded, ...common }),
  };
}
