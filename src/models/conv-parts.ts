import type { Field } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { convLayer, convTransposeLayer } from "../nn/conv-layers.ts";
import type { InitializerName } from "../nn/initializers.ts";
import { type ActivationName, activation as activationLayer, dense, type Layer, sequence } from "../nn/layers.ts";
import { batchNorm, dropout, groupNorm, layerNorm } from "../nn/norm-layers.ts";
import { flattenLayer, reshapeLayer } from "../nn/shape-layers.ts";
import { type Shape, sizeOf } from "../node/node.ts";
import type { Pair } from "../ops/conv-geometry.ts";
import { upsampleNearest } from "../ops/resample.ts";
import { slice } from "../ops/shape.ts";

/** The layers that normalise so many channels: one or none. Groups are eight, or as many as divide. */
export const normalizations = {
  none: () => [],
  batch: (name, channels) => [batchNorm(name, channels)],
  layer: (name, channels) => [layerNorm(name, channels)],
  group: (name, channels) => [groupNorm(name, channels, [8, 4, 2, 1].find((groups) => channels % groups === 0)!)],
} as const satisfies Record<string, (name: string, channels: number) => Layer[]>;

export interface ConvParts {
  /** What the names of the layers begin with. */
  readonly name: string;
  /** [height, width, channels]; a height of 1 stays 1. */
  readonly image: Shape;
  /** Extent of the kernels in each direction; 3 unless given. */
  readonly kernel?: number;
  /** Channels after each convolution on the way down. */
  readonly channels: readonly number[];
  readonly normalization: keyof typeof normalizations;
  readonly activation: Layer;
  readonly initializer: InitializerName;
}

/** Kernels with TensorFlow's SAME padding; along an extent of 1 there is nothing to look at. */
function convOf({ image, kernel = 3 }: Pick<ConvParts, "image" | "kernel">) {
  const along = (extent: number, size: number) => (extent === 1 ? 1 : size);
  const pair = (size: number): Pair => [along(image[0], size), along(image[1], size)];
  return { window: { kernel: pair(kernel), padding: "same" }, stride: pair(2) } as const;
}

/** Height and width before and after each convolution, and what the last one gives. */
function sizesOf({ image, channels }: Pick<ConvParts, "image" | "channels">): { sizes: Pair[]; smallest: number[] } {
  if (image.length !== 3) {
    throw new ReparamError("data", `Convolutions take images [height, width, channels], and x is [${image}].`);
  }
  const sizes: Pair[] = [[image[0], image[1]]];
  for (const _ of channels) {
    const [height, width] = sizes[sizes.length - 1];
    sizes.push([Math.ceil(height / 2), Math.ceil(width / 2)]);
  }
  return { sizes, smallest: [...sizes[channels.length], channels[channels.length - 1]] };
}

/** The numbers of an example after the convolutions of `convolutions`. */
export const convFeatures = (parts: Pick<ConvParts, "image" | "channels">): number => sizeOf(sizesOf(parts).smallest);

/** Height and width after the convolutions of `convolutions`. */
export const convGrid = (parts: Pick<ConvParts, "image" | "channels">): Shape => sizesOf(parts).smallest.slice(0, 2);

/** Convolutions with stride 2: [rows, ...image] → [rows, ...smallest]. Throws ReparamError "data" for what is no image. */
export function convolutions(parts: ConvParts): Layer[] {
  const { name, image, channels, normalization, activation, initializer } = parts;
  sizesOf(parts);
  const widths = [image[2], ...channels];
  const bias = normalization !== "batch"; // which takes every constant away again
  const { window, stride } = convOf(parts);
  return channels.flatMap((outputs, k) => [
    convLayer(`${name}.conv.${k}`, { inputs: widths[k], outputs, stride, ...window, bias, initializer }),
    ...normalizations[normalization](`${name}.norm.${k}`, outputs),
    activation,
  ]);
}

/** What of `convolutions` is turned round: a layer to each larger image, and one of stride 1 to the image itself. */
interface Mirror {
  /** To an image of that height and width, with its name and channels. */
  enlarge(name: string, size: Pair, channels: Channels): Layer[];
  out(name: string, channels: Channels): Layer;
}

type Channels = { readonly inputs: number; readonly outputs: number };

type MirroredParts = ConvParts & { readonly outputs?: number };

/** [rows, features] → larger and larger images → [rows, ...image], or to so many times the image's channels. */
function mirrored(parts: MirroredParts, { enlarge, out }: Mirror): Layer[] {
  const { name, image, channels, normalization, activation, outputs = 1 } = parts;
  const { sizes, smallest } = sizesOf(parts);
  const last = channels.length - 1;
  return [
    reshapeLayer(smallest),
    ...channels.flatMap((_, k) => {
      const own = { inputs: channels[Math.min(last, last - k + 1)], outputs: channels[last - k] };
      return [
        ...enlarge(`${name}.conv.${k}`, sizes[last - k], own),
        ...normalizations[normalization](`${name}.norm.${k}`, own.outputs),
        activation,
      ];
    }),
    out(`${name}.out`, { inputs: channels[0], outputs: outputs * image[2] }),
  ];
}

/** The mirror of `convolutions`: transposed ones with stride 2. */
export function transposedConvolutions(parts: MirroredParts): Layer[] {
  const { normalization, initializer } = parts;
  const bias = normalization !== "batch";
  const { window, stride } = convOf(parts);
  return mirrored(parts, {
    enlarge: (name, outputSize, channels) => [
      convTransposeLayer(name, { ...channels, stride, outputSize, ...window, bias, initializer }),
    ],
    out: (name, channels) => convTransposeLayer(name, { ...channels, ...window, initializer }),
  });
}

/** Images of twice the size, every pixel repeated, without their last row or column where the size is odd. */
const doubled = (size: Pair): Layer => ({
  parameters: [],
  apply: (x) => slice(upsampleNearest(x, 2), [0, 0, 0, 0], [x.shape[0], ...size, x.shape[3]]),
});

/**
 * The mirror of `convolutions` without transposed ones: each pixel is repeated in both directions before a convolution with
 * stride 1, which leaves no checkerboard (Odena, Dumoulin and Olah 2016, https://doi.org/10.23915/distill.00003).
 */
export function upsampledConvolutions(parts: MirroredParts): Layer[] {
  const { normalization, initializer } = parts;
  const bias = normalization !== "batch";
  const { window } = convOf(parts);
  return mirrored(parts, {
    enlarge: (name, size, channels) => [doubled(size), convLayer(name, { ...channels, ...window, bias, initializer })],
    out: (name, channels) => convLayer(name, { ...channels, ...window, initializer }),
  });
}

/** How a decoder of convolutions comes to larger images. */
export const upsamplings = { transposed: transposedConvolutions, nearest: upsampledConvolutions } as const;

interface ConvNetworks extends Pick<ConvParts, "channels" | "kernel" | "normalization" | "initializer"> {
  readonly activation: ActivationName;
  /** Width of a dense layer between the convolutions and the code; none unless given. */
  readonly dense?: number;
  /** Numbers in a code. */
  readonly latent: number;
  /** Numbers that the encoder gives: those of a code unless given. */
  readonly encoded?: number;
  /** Numbers that the decoder gives for each of an example: 1 unless given. */
  readonly decoded?: number;
  /** Rate of dropout behind the activations of the dense layers; 0 unless given. */
  readonly dropout?: number;
  /** "transposed" unless given. */
  readonly upsampling?: keyof typeof upsamplings;
}

/** Convolutions from images to codes, [rows, ...x.shape] → [rows, encoded], and back, [rows, latent] → [rows, ...x.shape], `decoded` times the channels. */
export function convNetworks(x: Field, options: ConvNetworks): { readonly encoder: Layer; readonly decoder: Layer } {
  const { latent, encoded = latent, decoded, dense: width, dropout: rate = 0, upsampling = "transposed" } = options;
  const { channels, kernel, normalization, initializer } = options;
  const activation = activationLayer(options.activation);
  const images = { image: x.shape, kernel, channels, normalization, activation, initializer };
  const features = convFeatures(images);
  const between =
    width === undefined
      ? []
      : [dense("encoder.dense", features, width, initializer), activation, dropout("encoder.dropout", rate)];
  return {
    encoder: sequence([
      ...convolutions({ name: "encoder", ...images }),
      flattenLayer(),
      ...between,
      dense("encoder.out", width ?? features, encoded, initializer),
    ]),
    decoder: sequence([
      dense("decoder.dense", latent, features, initializer),
      activation,
      dropout("decoder.dropout", rate),
      ...upsamplings[upsampling]({ name: "decoder", ...images, outputs: decoded }),
    ]),
  };
}
