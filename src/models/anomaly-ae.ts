import type { Field } from "../data/dataset.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, activation as activationLayer, type Layer, sequence } from "../nn/layers.ts";
import { reshapeLayer } from "../nn/shape-layers.ts";
import type { Shape } from "../node/node.ts";
import { convNetworks } from "./conv-parts.ts";
import { denseParts } from "./dense-parts.ts";
import { errorOption } from "./error.ts";
import { family } from "./family.ts";
import { activationOption, choice, initializerOption, scalingOption, size, widths } from "./options.ts";
import { plain } from "./plain.ts";

interface Network {
  readonly widths: readonly number[];
  readonly kernel: number;
  readonly latent: number;
  readonly activation: ActivationName;
  readonly initializer: InitializerName;
}

/** A series or a vector as an image of one row: [1, length, channels]. */
const asImage = ({ shape }: Field): Shape => (shape.length === 3 ? shape : [1, shape[0], shape[1] ?? 1]);

/** From examples to the numbers of a code, and back to one number for each of an example. */
const networks = {
  dense: (x, { widths, ...common }) => denseParts(x, { hidden: widths, ...common }),
  conv: (x, { widths, ...common }) => {
    const image = asImage(x);
    const options = { channels: widths, normalization: "none", ...common } as const;
    const { encoder, decoder } = convNetworks({ ...x, shape: image }, options);
    return { encoder: sequence([reshapeLayer(image), encoder]), decoder };
  },
} as const satisfies Record<string, (x: Field, parts: Network) => { encoder: Layer; decoder: Layer }>;

const heartbeats = "a table with a series in each row and its class, such as ECG5000 (with --set data.kind=series)";

/**
 * Autoencoder that is trained on normal examples alone, so that it redraws others worse: its use `score` tells them apart. By
 * default that of TensorFlow's tutorial, whose numbers are brought to 0..1 by the training examples' range.
 */
export const anomalyAe = family({
  name: "anomaly-ae",
  title: "Anomaly",
  purpose: "other",
  summary: "autoencoder of normal examples, whose error is the score of an anomaly",
  words:
    "Learns to redraw what is normal, and nothing else. What it redraws badly is something that it has not seen before.",
  formula: "Σ |x − decode(encode(x))|, of numbers scaled to 0..1",
  source: "TensorFlow's tutorial, https://www.tensorflow.org/tutorials/generative/autoencoder",
  reads: ["x"],
  options: {
    network: choice(networks, "dense", "dense layers, or convolutions along a series or over an image"),
    widths: widths([32, 16], "widths, or channels, of the encoder's layers; the decoder has them in reverse", 1),
    kernel: size(3, "extent of the kernels of convolutions"),
    latent: size(8, "numbers in a code"),
    activation: activationOption("relu"),
    output: choice(
      ["sigmoid", "linear"],
      "sigmoid",
      "what the last layer goes through: sigmoid is for numbers in 0..1",
    ),
    loss: errorOption("absolute"),
    scaling: scalingOption("range"),
    initializer: initializerOption("glorot"),
  },
  presets: {
    "ecg-ae": {
      summary: "140-32-16-8 and back, absolute error: TensorFlow's detector of anomalous heartbeats",
      data: heartbeats,
    },
    "ecg-conv-ae": {
      summary: "the same with two convolutions of 7 along the series, to 16 and 32 channels",
      options: { network: "conv", widths: [16, 32], kernel: 7 },
      data: heartbeats,
    },
  },
  training: { epochs: 20, batchSize: 512 },
  build: ({ network, output, loss, scaling, ...options }, { fields: { x } }) => {
    const { encoder, decoder } = networks[network](x, options);
    // The binary cross-entropy has the sigmoid itself.
    const bounded = output === "sigmoid" && loss !== "bce";
    return plain({
      x,
      latent: options.latent,
      loss,
      scaling,
      encoder: sequence([encoder, activationLayer(options.activation)]),
      decoder: bounded ? sequence([decoder, activationLayer("sigmoid")]) : decoder,
    });
  },
});
