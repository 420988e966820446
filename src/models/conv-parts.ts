import { ReparamError } from "../errors.ts";
import { convLayer, convTransposeLayer, reshapeLayer } from "../nn/conv-layers.ts";
import type { InitializerName } from "../nn/initializers.ts";
import type { Layer } from "../nn/layers.ts";
import { batchNorm, groupNorm, layerNorm } from "../nn/norm-layers.ts";
import { type Shape, sizeOf } from "../node/node.ts";
import type { Pair } from "../ops/conv-geometry.ts";

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
  /** [height, width, channels] */
  readonly image: Shape;
  /** Channels after each convolution on the way down. */
  readonly channels: readonly number[];
  readonly normalization: keyof typeof normalizations;
  readonly activation: Layer;
  readonly initializer: InitializerName;
}

/** All kernels are 3 x 3, with TensorFlow's SAME padding. */
const CONV = { kernel: 3, padding: "same" } as const;

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
  return channels.flatMap((outputs, k) => [
    convLayer(`${name}.conv.${k}`, { inputs: widths[k], outputs, stride: 2, ...CONV, bias, initializer }),
    ...normalizations[normalization](`${name}.norm.${k}`, outputs),
    activation,
  ]);
}

/**
 * Their mirror: [rows, features] → transposed convolutions with stride 2 → one with stride 1 to [rows, ...image], or to so
 * many times the image's channels.
 */
export function transposedConvolutions(parts: ConvParts & { readonly outputs?: number }): Layer[] {
  const { name, image, channels, normalization, activation, initializer, outputs = 1 } = parts;
  const { sizes, smallest } = sizesOf(parts);
  const last = channels.length - 1;
  const bias = normalization !== "batch";
  return [
    reshapeLayer(smallest),
    ...channels.flatMap((_, k) => [
      convTransposeLayer(`${name}.conv.${k}`, {
        inputs: channels[Math.min(last, last - k + 1)],
        outputs: channels[last - k],
        stride: 2,
        outputSize: sizes[last - k],
        ...CONV,
        bias,
        initializer,
      }),
      ...normalizations[normalization](`${name}.norm.${k}`, channels[last - k]),
      activation,
    ]),
    convTransposeLayer(`${name}.out`, { inputs: channels[0], outputs: outputs * image[2], ...CONV, initializer }),
  ];
}
