import { ReparamError } from "../errors.ts";
import { type Attributes, checkedShape, createNode, type Node, type Shape, shapeError, sizeOf } from "../graph/node.ts";
import {
  outputExtent,
  type Padding,
  type PaddingRule,
  type Pair,
  type PairOption,
  pairOf,
  reach,
  resolvePadding,
} from "./conv-geometry.ts";
import type { Op } from "./op.ts";
import { reshape } from "./shape.ts";

// Convolution (in the field's sense: correlation, the kernel is not turned) is linear in the image x and in the kernel
// w. With its two adjoints it is a family that is closed under differentiation: all three are sums over the terms
//   y[b, oh, ow, o] ← x[b, oh·stride + kh·dilation − top, ow·stride + kw·dilation − left, c] · w[kh, kw, c, o]
// of which two factors are given and the third is asked for. Images are NHWC, kernels [KH, KW, C, O].

/** What all three ops of the family carry. Padding is top, bottom, left, right. */
export interface ConvAttributes {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: readonly [number, number, number, number];
}

export const convAttributes = ({ attributes }: Node): ConvAttributes => attributes as unknown as ConvAttributes;

/** The three tensors of a convolution, whichever of them a node computes. */
export interface ConvShapes {
  /** [B, H, W, C], without padding. */
  readonly x: Shape;
  /** [KH, KW, C, O] */
  readonly w: Shape;
  /** [B, OH, OW, O] */
  readonly y: Shape;
}

export function convShapes({ op, inputs: [first, second], shape }: Node): ConvShapes {
  if (op === conv2dOp) return { x: first.shape, w: second.shape, y: shape };
  if (op === conv2dInputGradientOp) return { x: shape, w: second.shape, y: first.shape };
  return { x: first.shape, w: shape, y: second.shape };
}

/** y = x ∗ w. x: [B, H, W, C], w: [KH, KW, C, O] → [B, OH, OW, O]. */
export const conv2dOp: Op = {
  name: "conv2d",
  arity: 2,
  shape: ([x, w], attributes) => {
    checkAttributes("conv2d", attributes);
    checkImagesAndKernel("conv2d", x, w, 2);
    return [x[0], ...outputExtents("conv2d", x, w, attributes), w[3]];
  },
  gradient: ({ inputs: [x, w], attributes }, dy) => [
    createNode(conv2dInputGradientOp, [dy, w], { ...attributes, size: x.shape.slice(1, 3) }),
    createNode(conv2dFilterGradientOp, [x, dy], { ...attributes, kernel: w.shape.slice(0, 2) }),
  ],
  reference: ([x, w], { node }) =>
    sumTaps(node, (y, at, channels, outputs) => {
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < outputs; o++) y[at.y + o] += x[at.x + c] * w[at.w + c * outputs + o];
      }
    }),
  lowering: { kind: "product", depth: ({ inputs: [, w] }) => sizeOf(w.shape.slice(0, 3)) },
};

/**
 * The gradient with respect to the image: dx[…] = Σ dy · w. dy: [B, OH, OW, O], w: [KH, KW, C, O] → [B, H, W, C], where
 * [H, W] is the attribute `size`. It is also the transposed convolution.
 */
export const conv2dInputGradientOp: Op = {
  name: "conv2dInputGradient",
  arity: 2,
  shape: ([dy, w], attributes) => {
    checkAttributes("conv2dInputGradient", attributes, "size");
    checkImagesAndKernel("conv2dInputGradient", dy, w, 3);
    const x = [dy[0], ...checkedShape(attributes.size), w[2]];
    checkOutput("conv2dInputGradient", x, w, dy, attributes);
    return x;
  },
  gradient: ({ inputs: [dy, w], attributes: { size: _, ...attributes } }, dx) => [
    createNode(conv2dOp, [dx, w], attributes),
    createNode(conv2dFilterGradientOp, [dx, dy], { ...attributes, kernel: w.shape.slice(0, 2) }),
  ],
  reference: ([dy, w], { node }) =>
    sumTaps(node, (dx, at, channels, outputs) => {
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < outputs; o++) dx[at.x + c] += dy[at.y + o] * w[at.w + c * outputs + o];
      }
    }),
  // Of the taps, one in stride of each direction meets an input.
  lowering: {
    kind: "product",
    depth: ({ inputs: [, w], attributes }) => {
      const [height, width] = attributes.stride as Pair;
      return (w.shape[0] * w.shape[1] * w.shape[3]) / (height * width);
    },
  },
};

/**
 * The gradient with respect to the kernel: dw[…] = Σ x · dy. x: [B, H, W, C], dy: [B, OH, OW, O] → [KH, KW, C, O], where
 * [KH, KW] is the attribute `kernel`.
 */
export const conv2dFilterGradientOp: Op = {
  name: "conv2dFilterGradient",
  arity: 2,
  shape: ([x, dy], attributes) => {
    checkAttributes("conv2dFilterGradient", attributes, "kernel");
    if (x.length !== 4 || dy.length !== 4 || x[0] !== dy[0]) {
      throw shapeError("conv2dFilterGradient", [x, dy], "are not images [batch, height, width, channels] of one batch");
    }
    const w = [...checkedShape(attributes.kernel), x[3], dy[3]];
    checkOutput("conv2dFilterGradient", x, w, dy, attributes);
    return w;
  },
  gradient: ({ inputs: [x, dy], attributes: { kernel: _, ...attributes } }, dw) => [
    createNode(conv2dInputGradientOp, [dy, dw], { ...attributes, size: x.shape.slice(1, 3) }),
    createNode(conv2dOp, [x, dw], attributes),
  ],
  reference: ([x, dy], { node }) =>
    sumTaps(node, (dw, at, channels, outputs) => {
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < outputs; o++) dw[at.w + c * outputs + o] += x[at.x + c] * dy[at.y + o];
      }
    }),
  lowering: { kind: "product", depth: ({ inputs: [, dy] }) => sizeOf(dy.shape.slice(0, 3)) },
};

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

// --- shapes ---------------------------------------------------------------------------------------------------------

function checkAttributes(op: string, attributes: Attributes, size?: string): void {
  const lists: readonly (readonly [string, number, number])[] = [
    ["stride", 2, 1],
    ["dilation", 2, 1],
    ["padding", 4, 0],
    ...(size ? [[size, 2, 1] as const] : []),
  ];
  for (const [key, length, least] of lists) {
    const value = attributes[key];
    const whole =
      Array.isArray(value) && value.length === length && value.every((n) => Number.isSafeInteger(n) && n >= least);
    if (!whole) {
      throw new ReparamError(
        "config",
        `${op}: ${key} is ${JSON.stringify(value)}, and has to be ${length} whole numbers of at least ${least}.`,
      );
    }
  }
}

/** `channelAxis`: the axis of w that meets the image's channels. */
function checkImagesAndKernel(op: string, images: Shape, w: Shape, channelAxis: 2 | 3): void {
  if (images.length !== 4 || w.length !== 4) {
    throw shapeError(op, [images, w], "are not images [batch, height, width, channels] and a kernel of four axes");
  }
  if (images[3] !== w[channelAxis]) {
    const order = channelAxis === 2 ? "[KH, KW, in, out]" : "[KH, KW, out, in]";
    throw shapeError(op, [images, w], `do not fit: ${images[3]} channels meet a kernel ${order} for ${w[channelAxis]}`);
  }
}

function outputExtents(op: string, x: Shape, w: Shape, attributes: Attributes): Pair {
  const { stride, dilation, padding } = attributes as unknown as ConvAttributes;
  const extents = [padding[0] + padding[1], padding[2] + padding[3]].map((zeros, axis) =>
    outputExtent(x[1 + axis], zeros, w[axis], stride[axis], dilation[axis]),
  );
  if (extents.some((extent) => extent < 1)) {
    throw shapeError(
      op,
      [x, w],
      `do not fit: the kernel, dilation [${dilation}], is larger than the image with its padding [${padding}]`,
    );
  }
  return [extents[0], extents[1]];
}

function checkOutput(op: string, x: Shape, w: Shape, dy: Shape, attributes: Attributes): void {
  const extents = outputExtents(op, x, w, attributes);
  if (extents[0] !== dy[1] || extents[1] !== dy[2]) {
    throw shapeError(
      op,
      [x, w, dy],
      `do not fit: the convolution gives ${extents[0]} x ${extents[1]}, not ${dy[1]} x ${dy[2]}`,
    );
  }
}

// --- reference ------------------------------------------------------------------------------------------------------

/** Linear indices of the first channel of an input, of a tap of the kernel, and of the output where they meet. */
interface Meeting {
  readonly x: number;
  readonly w: number;
  readonly y: number;
}

/** Calls `add` wherever a tap meets an input that is no padding; returns the sums that it makes, the node's value. */
function sumTaps(
  node: Node,
  add: (sums: Float64Array, at: Meeting, channels: number, outputs: number) => void,
): Float64Array {
  const { x, w, y } = convShapes(node);
  const { stride, dilation, padding } = convAttributes(node);
  const sums = new Float64Array(sizeOf(node.shape));
  const [batch, height, width, channels] = x;
  const [kernelHeight, kernelWidth, , outputs] = w;
  const [, outputHeight, outputWidth] = y;
  for (let b = 0; b < batch; b++) {
    for (let oh = 0; oh < outputHeight; oh++) {
      for (let ow = 0; ow < outputWidth; ow++) {
        for (let kh = 0; kh < kernelHeight; kh++) {
          for (let kw = 0; kw < kernelWidth; kw++) {
            const h = oh * stride[0] + kh * dilation[0] - padding[0];
            const v = ow * stride[1] + kw * dilation[1] - padding[2];
            if (h < 0 || h >= height || v < 0 || v >= width) continue;
            const at = {
              x: ((b * height + h) * width + v) * channels,
              w: (kh * kernelWidth + kw) * channels * outputs,
              y: ((b * outputHeight + oh) * outputWidth + ow) * outputs,
            };
            add(sums, at, channels, outputs);
          }
        }
      }
    }
  }
  return sums;
}
