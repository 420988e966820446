import { ReparamError } from "../errors.ts";
import { convLayer, convTransposeLayer, flattenLayer, reshapeLayer } from "../nn/conv-layers.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, activation as activationLayer, dense, type Layer, sequence } from "../nn/layers.ts";
import { batchNorm, dropout, groupNorm, layerNorm } from "../nn/norm-layers.ts";
import { type Shape, sizeOf } from "../node/node.ts";
import type { Pair } from "../ops/conv-geometry.ts";
import type { Model } from "./model.ts";
import { checkSizes, type Likelihood, variational } from "./variational.ts";

export interface ConvVaeOptions {
  /** The shape of one image, [height, width, channels]. */
  readonly input: Shape;
  /** Channels after each convolution; each halves height and width. The decoder has them in reverse. */
  readonly channels?: readonly number[];
  /** Width of the dense layer between the convolutions and the code. */
  readonly dense?: number;
  /** Numbers in a code. */
  readonly latent?: number;
  readonly activation?: ActivationName;
  /** Between each convolution but the decoder's last and its activation. Groups are eight, or as many as divide. */
  readonly normalization?: "none" | "batch" | "layer" | "group";
  /** Rate of dropout behind the activations of the dense layers. */
  readonly dropout?: number;
  readonly likelihood?: Likelihood;
  readonly initializer?: InitializerName;
}

/** The layers that normalise so many channels: one or none. */
function normLayers(
  normalization: NonNullable<ConvVaeOptions["normalization"]>,
  name: string,
  channels: number,
): Layer[] {
  switch (normalization) {
    case "none":
      return [];
    case "batch":
      return [batchNorm(name, channels)];
    case "layer":
      return [layerNorm(name, channels)];
    case "group":
      return [groupNorm(name, channels, [8, 4, 2, 1].find((groups) => channels % groups === 0)!)];
  }
}

/** All kernels are 3 x 3, with TensorFlow's SAME padding. */
const CONV = { kernel: 3, padding: "same" } as const;

/**
 * Convolutional variational autoencoder, by default that of Keras's examples (keras.io/examples/generative/vae):
 * convolutions to 32 and 64 channels with stride 2, a dense layer of 16, a code of 2; then a dense layer back to the
 * smallest image, transposed convolutions with stride 2 to 64 and 32 channels, and one with stride 1 to the image's.
 */
export function convVae(options: ConvVaeOptions): Model {
  const { input, channels = [32, 64], dense: width = 16, latent = 2 } = options;
  const { activation = "relu", likelihood = "bernoulli", initializer = "glorot" } = options;
  const { normalization = "none", dropout: rate = 0 } = options;
  checkSizes("convVae", { input, channels, dense: width, latent });
  if (input.length !== 3 || channels.length === 0) {
    throw new ReparamError(
      "config",
      `convVae: input is [${input}] and channels [${channels}]; it takes images [height, width, channels] and one convolution or more.`,
    );
  }
  const activate = activationLayer(activation);
  const bias = normalization !== "batch";
  // Height and width before and after each convolution.
  const sizes: Pair[] = [[input[0], input[1]]];
  for (const _ of channels)
    sizes.push([Math.ceil(sizes[sizes.length - 1][0] / 2), Math.ceil(sizes[sizes.length - 1][1] / 2)]);
  const smallest = [...sizes[channels.length], channels[channels.length - 1]];
  const features = sizeOf(smallest);
  const widths = [input[2], ...channels];

  const encoder = sequence([
    reshapeLayer(input),
    ...channels.flatMap((outputs, k) => [
      convLayer(`encoder.conv.${k}`, { inputs: widths[k], outputs, stride: 2, ...CONV, bias, initializer }),
      ...normLayers(normalization, `encoder.norm.${k}`, outputs),
      activate,
    ]),
    flattenLayer(),
    dense("encoder.dense", features, width, initializer),
    activate,
    dropout("encoder.dropout", rate),
    dense("encoder.out", width, 2 * latent, initializer),
  ]);
  const last = channels.length - 1;
  const decoder = sequence([
    dense("decoder.dense", latent, features, initializer),
    activate,
    dropout("decoder.dropout", rate),
    reshapeLayer(smallest),
    ...channels.flatMap((_, k) => [
      convTransposeLayer(`decoder.conv.${k}`, {
        inputs: channels[Math.min(last, last - k + 1)],
        outputs: channels[last - k],
        stride: 2,
        outputSize: sizes[last - k],
        ...CONV,
        bias,
        initializer,
      }),
      ...normLayers(normalization, `decoder.norm.${k}`, channels[last - k]),
      activate,
    ]),
    convTransposeLayer("decoder.out", { inputs: channels[0], outputs: input[2], ...CONV, initializer }),
    flattenLayer(),
  ]);
  return variational({ input, latent, likelihood, encoder, decoder });
}
