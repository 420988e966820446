import { add } from "../ops/arithmetic.ts";
import { type PaddingRule, type Pair, type PairOption, pairOf } from "../ops/conv-geometry.ts";
import { conv2d, convTranspose2d } from "../ops/convolve.ts";
import { type InitializerName, initializers } from "./initializers.ts";
import type { Layer } from "./layers.ts";
import { type Parameter, trained } from "./parameter.ts";

export interface ConvLayerOptions {
  /** Channels that come in and go out. */
  readonly inputs: number;
  readonly outputs: number;
  /** Extent of the kernel. */
  readonly kernel: PairOption;
  readonly stride?: PairOption;
  readonly dilation?: PairOption;
  /** Default: none. */
  readonly padding?: PaddingRule;
  /** false where a batch norm follows, which takes every constant away again. */
  readonly bias?: boolean;
  readonly initializer?: InitializerName;
}

/** Convolution. x: [batch, H, W, inputs], weight: [KH, KW, inputs, outputs], bias: [outputs]. */
export function convLayer(name: string, options: ConvLayerOptions): Layer {
  const { inputs, outputs, initializer = "pytorch" } = options;
  const [height, width] = pairOf(options.kernel);
  const { weight, bias } = initializers[initializer];
  const fans = { fanIn: height * width * inputs, fanOut: height * width * outputs };
  const w = trained(`${name}.weight`, [height, width, inputs, outputs], weight, fans);
  const linear: Layer = { parameters: [w], apply: (x) => conv2d(x, w.node, options) };
  return options.bias === false ? linear : biased(linear, trained(`${name}.bias`, [outputs], bias, fans));
}

/**
 * Transposed convolution. x: [batch, H, W, inputs], weight: [KH, KW, outputs, inputs] as in
 * `convTranspose2d`, bias: [outputs] → [batch, ...outputSize, outputs].
 */
export function convTransposeLayer(name: string, options: ConvLayerOptions & { readonly outputSize?: Pair }): Layer {
  const { inputs, outputs, initializer = "pytorch" } = options;
  const [height, width] = pairOf(options.kernel);
  const { weight, bias } = initializers[initializer];
  const strides = pairOf(options.stride ?? 1).reduce((product, stride) => product * stride);
  // A stride spreads the taps over its outputs, so fewer inputs add up in each. PyTorch counts otherwise: outputs · taps.
  const fanIn = initializer === "pytorch" ? height * width * outputs : (height * width * inputs) / strides;
  const fans = { fanIn, fanOut: height * width * outputs };
  const w = trained(`${name}.weight`, [height, width, outputs, inputs], weight, fans);
  const linear: Layer = { parameters: [w], apply: (x) => convTranspose2d(x, w.node, options) };
  return options.bias === false ? linear : biased(linear, trained(`${name}.bias`, [outputs], bias, fans));
}

const biased = (linear: Layer, bias: Parameter): Layer => ({
  parameters: [...linear.parameters, bias],
  apply: (x, pass) => add(linear.apply(x, pass), bias.node),
});
