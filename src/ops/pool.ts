import { ReparamError } from "../errors.ts";
import { averageAdjointKernel, averageKernel, maxKernel, selectAdjointKernel, selectKernel } from "../kernels/pool.ts";
import { type PoolAttributes, poolAttributes } from "../node/images.ts";
import {
  type Attributes,
  checkedShape,
  createNode,
  type Node,
  type Shape,
  sameShape,
  shapeError,
  sizeOf,
} from "../node/node.ts";
import type { Op } from "../node/op.ts";
import {
  checkWholeNumbers,
  outputExtent,
  type PaddingRule,
  type PairOption,
  pairOf,
  resolvePadding,
} from "./conv-geometry.ts";

// Pooling of images NHWC. Two families, each closed under differentiation: the average is linear, so it comes with its
// adjoint; the maximum is a choice, the tap of each window that holds it, and to take what lies at chosen taps is linear
// again. All gradients gather: an input walks the windows that it is in, in a fixed order.

/** The largest element of each window; NaN where a window holds one. x: [B, H, W, C] → [B, OH, OW, C]. */
export const maxPool2dOp: Op = {
  name: "maxPool2d",
  arity: 1,
  shape: ([x], attributes) => pooledShape("maxPool2d", x, attributes),
  gradient: ({ inputs: [x], attributes }, dy) => [
    createNode(poolSelectAdjointOp, [dy, createNode(maxPoolIndexOp, [x], attributes)], {
      ...attributes,
      size: x.shape.slice(1, 3),
    }),
  ],
  reference: ([x], { node }) => maxima(x, node).values,
  lowering: { kind: "kernel", launch: (node, profile) => maxKernel(node, profile, false) },
};

/**
 * Which tap of each window, counted row by row from 0, holds its maximum: of equal ones the first, as in PyTorch.
 * x: [B, H, W, C] → [B, OH, OW, C], without a gradient.
 */
export const maxPoolIndexOp: Op = {
  name: "maxPoolIndex",
  arity: 1,
  shape: ([x], attributes) => pooledShape("maxPoolIndex", x, attributes),
  gradient: () => [undefined],
  reference: ([x], { node }) => maxima(x, node).taps,
  lowering: { kind: "kernel", launch: (node, profile) => maxKernel(node, profile, true) },
};

/** The element at the given tap of each window. x: [B, H, W, C], index: [B, OH, OW, C] → [B, OH, OW, C]. */
export const poolSelectOp: Op = {
  name: "poolSelect",
  arity: 2,
  shape: ([x, index], attributes) => {
    const shape = pooledShape("poolSelect", x, attributes);
    if (!sameShape(shape, index))
      throw shapeError("poolSelect", [x, index], `do not fit: there are [${shape}] windows`);
    return shape;
  },
  gradient: ({ inputs: [x, index], attributes }, dy) => [
    createNode(poolSelectAdjointOp, [dy, index], { ...attributes, size: x.shape.slice(1, 3) }),
    undefined,
  ],
  reference: ([x, index], { node }) => {
    const y = new Float64Array(sizeOf(node.shape));
    forEachTap(node.inputs[0].shape, node.shape, poolAttributes(node), (from, to, tap) => {
      if (index[to] === tap) y[to] = x[from];
    });
    return y;
  },
  lowering: { kind: "kernel", launch: selectKernel },
};

/**
 * The adjoint of `poolSelect`, and the gradient of `maxPool2d`: every dy goes to the given tap of its window.
 * dy, index: [B, OH, OW, C] → [B, H, W, C], where [H, W] is the attribute `size`.
 */
export const poolSelectAdjointOp: Op = {
  name: "poolSelectAdjoint",
  arity: 2,
  shape: ([dy, index], attributes) => {
    if (!sameShape(dy, index)) throw shapeError("poolSelectAdjoint", [dy, index], "are not of one shape");
    return unpooledShape("poolSelectAdjoint", dy, attributes);
  },
  gradient: ({ inputs: [, index], attributes: { size: _, ...attributes } }, dx) => [
    createNode(poolSelectOp, [dx, index], attributes),
    undefined,
  ],
  reference: ([dy, index], { node }) => {
    const dx = new Float64Array(sizeOf(node.shape));
    forEachTap(node.shape, node.inputs[0].shape, poolAttributes(node), (to, from, tap) => {
      if (index[from] === tap) dx[to] += dy[from];
    });
    return dx;
  },
  lowering: { kind: "kernel", launch: selectAdjointKernel },
};

/**
 * The mean of each window: over all its taps where the attribute `countPadding` is true, padding being zeros, else over
 * those that are no padding. x: [B, H, W, C] → [B, OH, OW, C].
 */
export const averagePool2dOp: Op = {
  name: "averagePool2d",
  arity: 1,
  shape: ([x], attributes) => pooledShape("averagePool2d", x, checkedCount("averagePool2d", attributes)),
  gradient: ({ inputs: [x], attributes }, dy) => [
    createNode(averagePool2dAdjointOp, [dy], { ...attributes, size: x.shape.slice(1, 3) }),
  ],
  reference: ([x], { node }) => {
    const y = new Float64Array(sizeOf(node.shape));
    forEachTap(node.inputs[0].shape, node.shape, poolAttributes(node), (from, to) => {
      y[to] += x[from];
    });
    const counts = tapCounts(node.inputs[0].shape, node.shape, node);
    return y.map((sum, k) => sum / counts[k]);
  },
  lowering: { kind: "kernel", launch: averageKernel },
};

/** The adjoint of `averagePool2d`. dy: [B, OH, OW, C] → [B, H, W, C], where [H, W] is the attribute `size`. */
export const averagePool2dAdjointOp: Op = {
  name: "averagePool2dAdjoint",
  arity: 1,
  shape: ([dy], attributes) =>
    unpooledShape("averagePool2dAdjoint", dy, checkedCount("averagePool2dAdjoint", attributes)),
  gradient: ({ attributes: { size: _, ...attributes } }, dx) => [createNode(averagePool2dOp, [dx], attributes)],
  reference: ([dy], { node }) => {
    const dx = new Float64Array(sizeOf(node.shape));
    const counts = tapCounts(node.shape, node.inputs[0].shape, node);
    forEachTap(node.shape, node.inputs[0].shape, poolAttributes(node), (to, from) => {
      dx[to] += dy[from] / counts[from];
    });
    return dx;
  },
  lowering: { kind: "kernel", launch: averageAdjointKernel },
};

interface PoolOptions {
  /** Extent of the window. */
  readonly kernel: PairOption;
  /** Inputs from one window to the next. Default: the kernel, so that windows lie side by side. */
  readonly stride?: PairOption;
  /** As in `conv2d`; less than the kernel on every side. Default `valid`. */
  readonly padding?: PaddingRule;
}

/**
 * Max pooling of images x: [batch, H, W, C] → [batch, OH, OW, C], where OH = ⌊(H + top + bottom − KH) / stride⌋ + 1.
 * Padding never wins. A window that holds NaN gives NaN. Of equal maxima the first, row by row, gets the gradient, as in
 * PyTorch. Throws ReparamError "config" where the window does not fit.
 */
export const maxPool2d = (x: Node, options: PoolOptions): Node =>
  createNode(maxPool2dOp, [x], attributesOf("maxPool2d", x, options));

/**
 * Average pooling of images x: [batch, H, W, C] → [batch, OH, OW, C], see `maxPool2d`. `countPadding` says whether the
 * zeros of the padding count: by default they do, as in PyTorch (count_include_pad), but not under padding `same`, as in
 * TensorFlow. The mean of whole images is `mean(x, { axes: [1, 2] })`.
 * Throws ReparamError "config" where the window does not fit.
 */
export const averagePool2d = (
  x: Node,
  { countPadding, ...options }: PoolOptions & { readonly countPadding?: boolean },
): Node =>
  createNode(averagePool2dOp, [x], {
    ...attributesOf("averagePool2d", x, options),
    countPadding: countPadding ?? options.padding !== "same",
  });

function attributesOf(op: string, x: Node, { kernel, stride = kernel, padding = "valid" }: PoolOptions): Attributes {
  checkImages(op, x.shape);
  const window = { kernel: pairOf(kernel), stride: pairOf(stride), dilation: [1, 1] as const };
  const { top, bottom, left, right } = resolvePadding(padding, [x.shape[1], x.shape[2]], window);
  return { kernel: window.kernel, stride: window.stride, padding: [top, bottom, left, right] };
}

// --- shapes ---------------------------------------------------------------------------------------------------------

function checkImages(op: string, x: Shape): void {
  if (x.length !== 4) throw shapeError(op, [x], "are not images [batch, height, width, channels]");
}

function pooledShape(op: string, x: Shape, attributes: Attributes): Shape {
  checkImages(op, x);
  checkWholeNumbers(op, "kernel", attributes.kernel, 2, 1);
  checkWholeNumbers(op, "stride", attributes.stride, 2, 1);
  checkWholeNumbers(op, "padding", attributes.padding, 4, 0);
  const { kernel, stride, padding } = attributes as unknown as PoolAttributes;
  if (padding.some((zeros, side) => zeros >= kernel[side >> 1])) {
    throw new ReparamError(
      "config",
      `${op}: padding [${padding}] leaves windows of [${kernel}] without an input; each has to be less than the window.`,
    );
  }
  const extents = [0, 1].map((axis) =>
    outputExtent(x[1 + axis], padding[2 * axis] + padding[2 * axis + 1], kernel[axis], stride[axis], 1),
  );
  if (extents.some((extent) => extent < 1)) {
    throw shapeError(
      op,
      [x],
      `do not fit: the window [${kernel}] is larger than the image with its padding [${padding}]`,
    );
  }
  return [x[0], ...extents, x[3]];
}

/** The shape of the images that pool to the shape of dy. */
function unpooledShape(op: string, dy: Shape, { size, ...attributes }: Attributes): Shape {
  checkImages(op, dy);
  checkWholeNumbers(op, "size", size, 2, 1);
  const x = [dy[0], ...checkedShape(size), dy[3]];
  const pooled = pooledShape(op, x, attributes);
  if (!sameShape(pooled, dy)) throw shapeError(op, [x, dy], `do not fit: the first pools to [${pooled}]`);
  return x;
}

function checkedCount(op: string, attributes: Attributes): Attributes {
  if (typeof attributes.countPadding === "boolean") return attributes;
  throw new ReparamError("config", `${op}: countPadding is ${attributes.countPadding}, and has to be true or false.`);
}

// --- reference ------------------------------------------------------------------------------------------------------

/** Calls `visit` with the linear indices of an input and of a window that holds it, and the tap under which it does. */
function forEachTap(
  x: Shape,
  y: Shape,
  { kernel, stride, padding }: PoolAttributes,
  visit: (input: number, output: number, tap: number) => void,
): void {
  const [batch, height, width, channels] = x;
  for (let b = 0; b < batch; b++) {
    for (let oh = 0; oh < y[1]; oh++) {
      for (let ow = 0; ow < y[2]; ow++) {
        for (let kh = 0; kh < kernel[0]; kh++) {
          for (let kw = 0; kw < kernel[1]; kw++) {
            const h = oh * stride[0] + kh - padding[0];
            const w = ow * stride[1] + kw - padding[2];
            if (h < 0 || h >= height || w < 0 || w >= width) continue;
            const input = ((b * height + h) * width + w) * channels;
            const output = ((b * y[1] + oh) * y[2] + ow) * channels;
            for (let c = 0; c < channels; c++) visit(input + c, output + c, kh * kernel[1] + kw);
          }
        }
      }
    }
  }
}

function maxima(x: Float64Array, node: Node): { values: Float64Array; taps: Float64Array } {
  const values = new Float64Array(sizeOf(node.shape));
  const taps = new Float64Array(values.length).fill(-1);
  forEachTap(node.inputs[0].shape, node.shape, poolAttributes(node), (from, to, tap) => {
    if (taps[to] >= 0 && !(x[from] > values[to] || Number.isNaN(x[from]))) return;
    values[to] = x[from];
    taps[to] = tap;
  });
  return { values, taps };
}

/** By how many each window's sum is divided. */
function tapCounts(x: Shape, y: Shape, node: Node): Float64Array {
  const { kernel } = poolAttributes(node);
  const counts = new Float64Array(sizeOf(y));
  if (node.attributes.countPadding) return counts.fill(kernel[0] * kernel[1]);
  forEachTap(x, y, poolAttributes(node), (_, output) => counts[output]++);
  return counts;
}
