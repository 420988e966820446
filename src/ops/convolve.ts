import { ReparamError } from "../errors.ts";
import { type Attributes, createNode, type Node } from "../node/node.ts";
import { checkImagesAndKernel, conv2dInputGradientOp, conv2dOp } from "./conv.ts";
import {
  type Padding,
  type PaddingRule,
  type Pair,
  type PairOption,
  pairOf,
  reach,
  resolvePadding,
} from "./conv-geometry.ts";
import { reshape } from "./shape.ts";

// The functions that build convolutions; their paddings by rule become numbers here.

interface ConvOptions {
  /** Inputs from one output to the next. Default 1. */
  readonly stride?: PairOption;
  /** Inputs from one tap of the kernel to the next. Default 1. */
  readonly dilation?: PairOption;
  /** Default `valid`. */
  readonly padding?: PaddingRule;
}

/**
 * Convolution of images x: [batch, H, W, C] with a kernel w: [KH, KW, C, O] → [batch, OH, OW, O], where
 * OH = ⌊(H + top + bottom − (KH − 1)·dilation − 1) / stride⌋ + 1.
 * Throws ReparamError "config" where the shapes do not fit.
 */
export function conv2d(x: Node, w: Node, { stride = 1, dilation = 1, padding = "valid" }: ConvOptions = {}): Node {
  checkImagesAndKernel("conv2d", x.shape, w.shape, 2);
  const window = { kernel: [w.shape[0], w.shape[1]] as const, stride: pairOf(stride), dilation: pairOf(dilation) };
  return createNode(conv2dOp, [x, w], attributesOf(window, resolvePadding(padding, [x.shape[1], x.shape[2]], window)));
}

interface ConvTransposeOptions extends ConvOptions {
  /** Extra rows and columns at the bottom and right, as in PyTorch. Default 0. */
  readonly outputPadding?: PairOption;
  /** [OH, OW] instead of `outputPadding`. By default of `same` paddings: input extent · stride. */
  readonly outputSize?: Pair;
}

/**
 * Transposed convolution of x: [batch, H, W, I] → [batch, OH, OW, O], where
 * OH = (H − 1)·stride − top − bottom + (KH − 1)·dilation + outputPadding + 1, as in PyTorch.
 *
 * It is the exact adjoint of `conv2d` with the same options and the same kernel, so w: [KH, KW, O, I]: the kernel of the
 * convolution that maps [OH, OW, O] back to [H, W, I]. PyTorch's weight [I, O, KH, KW] is that with its axes turned.
 * A rule for `padding` is that convolution's, so it is resolved against the output's size.
 * Throws ReparamError "config" where the shapes do not fit, or no `outputPadding` from 0 to stride − 1 gives the size.
 */
export function convTranspose2d(x: Node, w: Node, options: ConvTransposeOptions = {}): Node {
  const { stride = 1, dilation = 1, padding = "valid", outputPadding, outputSize } = options;
  checkImagesAndKernel("convTranspose2d", x.shape, w.shape, 3);
  if (outputPadding !== undefined && outputSize !== undefined) {
    throw new ReparamError(
      "config",
      "convTranspose2d: outputPadding and outputSize say the same thing; give one of them.",
    );
  }
  const window = { kernel: [w.shape[0], w.shape[1]] as const, stride: pairOf(stride), dilation: pairOf(dilation) };
  const image = [x.shape[1], x.shape[2]] as const;
  const same = padding === "same" || padding === "same-symmetric";
  const scaled = [image[0] * window.stride[0], image[1] * window.stride[1]] as const;
  const wanted = outputSize ?? (same && outputPadding === undefined ? scaled : undefined);
  const zeros = resolvePadding(padding, wanted ?? scaled, window);
  const smallest = [zeros.top + zeros.bottom, zeros.left + zeros.right].map(
    (total, axis) =>
      (image[axis] - 1) * window.stride[axis] - total + reach(window.kernel[axis], window.dilation[axis]),
  );
  const extra = pairOf(outputPadding ?? 0);
  const size = wanted ?? smallest.map((extent, axis) => extent + extra[axis]);
  if (
    size.some((extent, axis) => extent < 1 || extent < smallest[axis] || extent >= smallest[axis] + window.stride[axis])
  ) {
    throw new ReparamError(
      "config",
      `convTranspose2d: from [${image}] with stride [${window.stride}] the output is from [${smallest}] on, by less than the stride, not [${size}].`,
    );
  }
  return createNode(conv2dInputGradientOp, [x, w], { ...attributesOf(window, zeros), size });
}

/** What conv2d does in one direction. */
interface Conv1dOptions {
  readonly stride?: number;
  readonly dilation?: number;
  /** Zeros before and after, or a rule as in `conv2d`. */
  readonly padding?: { readonly left: number; readonly right: number } | Exclude<PaddingRule, Padding>;
}

/** Convolution of sequences x: [batch, L, C] with w: [K, C, O] → [batch, OL, O]; see `conv2d`. */
export function conv1d(x: Node, w: Node, options: Conv1dOptions = {}): Node {
  const y = conv2d(asImages("conv1d", x), asImages("conv1d", w, 0), inOneRow(options));
  return reshape(y, [y.shape[0], y.shape[2], y.shape[3]]);
}

/** Transposed convolution of sequences x: [batch, L, I] with w: [K, O, I] → [batch, OL, O]; see `convTranspose2d`. */
export function convTranspose1d(
  x: Node,
  w: Node,
  {
    outputPadding,
    outputSize,
    ...options
  }: Conv1dOptions & { readonly outputPadding?: number; readonly outputSize?: number } = {},
): Node {
  const y = convTranspose2d(asImages("convTranspose1d", x), asImages("convTranspose1d", w, 0), {
    ...inOneRow(options),
    ...(outputPadding !== undefined && { outputPadding: [0, outputPadding] }),
    ...(outputSize !== undefined && { outputSize: [1, outputSize] }),
  });
  return reshape(y, [y.shape[0], y.shape[2], y.shape[3]]);
}

/** A tensor of three axes with an axis of extent 1 for the height: before the sequence's, or for kernels first. */
function asImages(op: string, x: Node, axis = 1): Node {
  if (x.shape.length !== 3) {
    throw new ReparamError(
      "config",
      `${op} takes sequences [batch, length, channels] and kernels of three axes, not [${x.shape}].`,
    );
  }
  return reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}

const inOneRow = ({ stride = 1, dilation = 1, padding = "valid" }: Conv1dOptions): ConvOptions => ({
  stride: [1, stride],
  dilation: [1, dilation],
  padding: typeof padding === "object" ? { top: 0, bottom: 0, ...padding } : padding,
});

const attributesOf = (
  { stride, dilation }: { stride: Pair; dilation: Pair },
  { top, bottom, left, right }: Padding,
): Attributes => ({
  stride,
  dilation,
  padding: [top, bottom, left, right],
});
