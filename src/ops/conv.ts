import type { DeviceProfile } from "../gpu/profile.ts";
import { type ConvProblem, convFilterGradient, convForward, convInputGradient } from "../kernels/conv.ts";
import { type ConvAttributes, type ConvShapes, convAttributes, type Pair } from "../node/images.ts";
import { type Attributes, checkedShape, createNode, type Node, type Shape, shapeError, sizeOf } from "../node/node.ts";
import type { Op, PadOnce } from "../node/op.ts";
import type { Epilogue, NamedProduct, Product } from "../plan/product.ts";
import { checkWholeNumbers, outputExtent } from "./conv-geometry.ts";

// Convolution (in the field's sense: correlation, the kernel is not turned) is linear in the image x and in the kernel
// w. With its two adjoints it is a family that is closed under differentiation: all three are sums over the terms
//   y[b, oh, ow, o] ← x[b, oh·stride + kh·dilation − top, ow·stride + kw·dilation − left, c] · w[kh, kw, c, o]
// of which two factors are given and the third is asked for. Images are NHWC, kernels [KH, KW, C, O].

/** The shapes of a convolution or of one of its gradients. */
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
  lowering: {
    kind: "product",
    depth: ({ inputs: [, w] }) => sizeOf(w.shape.slice(0, 3)),
    product: (...problem) => productBy(convForward, ...problem),
    padded: padInput,
  },
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
    product: (...problem) => productBy(convInputGradient, ...problem),
    padded: padOutputGradient,
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
  lowering: {
    kind: "product",
    depth: ({ inputs: [, dy] }) => sizeOf(dy.shape.slice(0, 3)),
    product: (...problem) => productBy(convFilterGradient, ...problem),
    alone: true,
    padded: padInput,
  },
};

// --- shapes ---------------------------------------------------------------------------------------------------------

function checkAttributes(op: string, attributes: Attributes, size?: string): void {
  const lists: readonly (readonly [string, number, number])[] = [
    ["stride", 2, 1],
    ["dilation", 2, 1],
    ["padding", 4, 0],
    ...(size ? [[size, 2, 1] as const] : []),
  ];
  for (const [key, length, least] of lists) checkWholeNumbers(op, key, attributes[key], length, least);
}

/** `channelAxis`: the axis of w that meets the image's channels. */
export function checkImagesAndKernel(op: string, images: Shape, w: Shape, channelAxis: 2 | 3): void {
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

// --- kernels --------------------------------------------------------------------------------------------------------

function productBy(
  kernel: (problem: ConvProblem) => Product,
  node: Node,
  profile: DeviceProfile,
  epilogue?: Epilogue,
): NamedProduct {
  const shapes = convShapes(node);
  const attributes = convAttributes(node);
  const { stride, dilation } = attributes;
  const pair = (letter: string, [h, w]: readonly number[]) =>
    h === 1 && w === 1 ? "" : ` ${letter}${h === w ? h : `${h}x${w}`}`;
  const images = [shapes.x, shapes.y].map((shape) => shape.slice(1).join("x"));
  return {
    product: kernel({ shapes, attributes, profile, epilogue }),
    shape: `${shapes.x[0]}x(${images.join(" -> ")}) k${shapes.w[0]}x${shapes.w[1]}${pair("s", stride)}${pair("d", dilation)}`,
  };
}

function padInput(node: Node, padOnce: PadOnce): Node {
  const [x, other] = node.inputs;
  return createNode(node.op, [padOnce(x, convAttributes(node).padding), other], {
    ...node.attributes,
    padding: [0, 0, 0, 0],
  });
}

/**
 * Rows of zeros before dy are inputs of zeros before x: a row for each stride. So the gradient from a padded dy is the same
 * op with a larger padding.
 */
function padOutputGradient(node: Node, padOnce: PadOnce): Node {
  const { x, w, y } = convShapes(node);
  const { stride, dilation, padding } = convAttributes(node);
  const [dy, kernel] = node.inputs;
  const zeros = [0, 1].flatMap((axis) => {
    const before = padding[2 * axis];
    const first = Math.ceil((before - (w[axis] - 1) * dilation[axis]) / stride[axis]);
    // The phases of the kernel are of one size: the last pixel of the largest.
    const end = Math.ceil(x[1 + axis] / stride[axis]) * stride[axis] - 1;
    const last = Math.floor((end + before) / stride[axis]);
    return [Math.max(0, -first), Math.max(0, last - (y[1 + axis] - 1))];
  });
  return createNode(node.op, [padOnce(dy, zeros), kernel], {
    ...node.attributes,
    padding: padding.map((extent, side) => extent + zeros[side] * stride[side >> 1]),
  });
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
