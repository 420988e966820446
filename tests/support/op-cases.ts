import { createNode, type Node, type Shape, sizeOf } from "../../src/node/node.ts";
import { geluSlopeOp } from "../../src/ops/activation.ts";
import { conv2dFilterGradientOp } from "../../src/ops/conv.ts";
import { bceWithLogitsSlopeOp } from "../../src/ops/loss.ts";
import { binary, unary } from "../../src/ops/map.ts";
import { normalise } from "../../src/ops/normalise.ts";
import { averagePool2dAdjointOp, maxPoolIndexOp, poolSelectAdjointOp, poolSelectOp } from "../../src/ops/pool.ts";
import * as ops from "../../src/ops/public.ts";
import { resizeBilinearAdjointOp } from "../../src/ops/resample.ts";
import { randomNumbers } from "./numbers.ts";

/** An op with the ranges from which its operands are drawn: where it is smooth, and finite. */
export interface OpCase {
  readonly name: string;
  readonly operands: readonly Range[];
  readonly build: (...operands: Node[]) => Node;
}

export interface Range {
  readonly low: number;
  readonly high: number;
  /** Points around which no number is drawn: there the op has a kink, or jumps. */
  readonly kinks?: readonly number[];
}

const any: Range = { low: -4, high: 4 };
const apart: Range = { ...any, kinks: [0] };
const positive: Range = { low: 0.3, high: 4 };
const unit: Range = { low: 0, high: 1 };

/** Every op that works element by element. */
export const mapCases: readonly OpCase[] = [
  { name: "neg", operands: [any], build: ops.neg },
  { name: "exp", operands: [any], build: ops.exp },
  { name: "expm1", operands: [any], build: ops.expm1 },
  { name: "log", operands: [positive], build: ops.log },
  { name: "sqrt", operands: [positive], build: ops.sqrt },
  { name: "square", operands: [any], build: ops.square },
  { name: "floor", operands: [{ ...any, kinks: [-3, -2, -1, 0, 1, 2, 3] }], build: ops.floor },
  { name: "abs", operands: [apart], build: ops.abs },
  { name: "clamp", operands: [{ ...any, kinks: [-1.5, 2] }], build: (x) => ops.clamp(x, -1.5, 2) },
  { name: "relu", operands: [apart], build: ops.relu },
  { name: "leakyRelu", operands: [apart], build: (x) => ops.leakyRelu(x, 0.1) },
  { name: "elu", operands: [apart], build: ops.elu },
  { name: "gelu", operands: [any], build: ops.gelu },
  { name: "geluSlope", operands: [any], build: unary(geluSlopeOp) },
  { name: "silu", operands: [any], build: ops.silu },
  { name: "sigmoid", operands: [any], build: ops.sigmoid },
  { name: "tanh", operands: [any], build: ops.tanh },
  { name: "softplus", operands: [any], build: ops.softplus },
  { name: "add", operands: [any, any], build: ops.add },
  { name: "sub", operands: [any, any], build: ops.sub },
  { name: "mul", operands: [any, any], build: ops.mul },
  { name: "div", operands: [any, positive], build: ops.div },
  {
    name: "greater",
    operands: [
      { low: -4, high: -0.1 },
      { low: 0.1, high: 4 },
    ],
    build: (a, b) => ops.greater(ops.mul(a, a), ops.mul(0.3, b)),
  },
  { name: "equal", operands: [any], build: (x) => ops.equal(x, ops.abs(x)) },
  { name: "squaredError", operands: [any, any], build: ops.squaredError },
  { name: "bceWithLogits", operands: [any, unit], build: ops.bceWithLogits },
  { name: "bceWithLogitsSlope", operands: [any, unit], build: binary(bceWithLogitsSlopeOp) },
  { name: "klStandardNormal", operands: [any, any], build: ops.klStandardNormal },
  { name: "gaussianNll", operands: [any, { low: -2, high: 2 }, any], build: ops.gaussianNll },
  { name: "reparameterise", operands: [any, any, any], build: ops.reparameterise },
];

/** Parameters for a case's operands, and numbers for them. */
export function operandsOf(
  { name, operands }: OpCase,
  shapes: readonly Shape[],
  seed: number,
): { nodes: Node[]; feeds: Record<string, Float32Array> } {
  const pool = operandPool(seed, `${name} `);
  const nodes = operands.map((range, k) => pool.parameter(range, k, shapes[k % shapes.length]));
  return { nodes, feeds: pool.feeds };
}

/** Parameters that cases share: one for each range, place and shape. The numbers are in `feeds`. */
export function operandPool(seed: number, prefix = "") {
  const known = new Map<string, Node>();
  const feeds: Record<string, Float32Array> = {};
  const next = randomNumbers(seed);
  return {
    feeds,
    parameter(range: Range, place: number, shape: Shape): Node {
      const name = `${prefix}${place} ${shape.join("x")} ${JSON.stringify(range)}`;
      let node = known.get(name);
      if (!node) {
        known.set(name, (node = ops.parameter(name, shape)));
        feeds[name] = Float32Array.from({ length: sizeOf(shape) }, () => draw(range, next));
      }
      return node;
    },
  };
}

function draw(range: Range, next: () => number): number {
  const value = range.low + (range.high - range.low) * next();
  const near = range.kinks?.find((kink) => Math.abs(value - kink) < 0.05);
  return near === undefined ? value : near + (value < near ? -0.05 : 0.05);
}

const by = (shape: Shape, build: (x: Node) => Node): OpCase & { shape: Shape } => ({
  name: "",
  operands: [any],
  build,
  shape,
});

/** A kernel made of the first elements of x. */
const kernelOf = (x: Node, shape: Shape): Node =>
  ops.reshape(ops.tanh(ops.sliceAxis(ops.reshape(x, [sizeOf(x.shape)]), 0, 0, sizeOf(shape))), shape);

/** Windows of 2 x 3 that overlap and hang over the edges. */
const pooling = { kernel: [2, 3], stride: [1, 2], padding: [1, 0, 0, 2] } as const;
const pooled = (x: Node): Node => ops.maxPool2d(x, { ...pooling, padding: { top: 1, bottom: 0, left: 0, right: 2 } });
const indexOf = (x: Node): Node => createNode(maxPoolIndexOp, [x], pooling);
/** x normalised over axes, with a scale and a shift of the given shape made of x's own first elements. */
const normalised = (x: Node, axes: readonly number[], shape: Shape, weight?: Node): Node => {
  const [scale, shift] = [kernelOf(x, shape), kernelOf(ops.neg(x), shape)];
  return normalise(x, { axes, scale: ops.add(scale, 2), shift, weight, epsilon: 0.1 }).y;
};

/** The one whose gradient is not its slope, on purpose. */
export const STOPPED = "a tensor through which nothing flows";

type TensorCases = Readonly<Record<string, OpCase & { readonly shape: Shape }>>;

/** Sums, maxima, and views of a tensor of the given shape. */
export const viewCases: TensorCases = {
  "sum over everything": by([5, 7], (x) => ops.sum(x)),
  "sum over rows": by([6, 8], (x) => ops.sum(x, { axes: [1] })),
  "sum over columns": by([6, 8], (x) => ops.sum(x, { axes: [0] })),
  "sum over the middle": by([3, 5, 4], (x) => ops.sum(x, { axes: [1], keepDims: true })),
  "sum over both ends": by([3, 5, 4], (x) => ops.sum(x, { axes: [0, -1] })),
  "sum over nothing": by([3, 5], (x) => ops.sum(x, { axes: [] })),
  "mean over two axes": by([3, 5, 4], (x) => ops.mean(x, { axes: [1, 2] })),
  "max over rows": by([5, 7], (x) => ops.max(x, { axes: [1] })),
  "max over the first axis": by([5, 8], (x) => ops.max(x, { axes: [0], keepDims: true })),
  "max over everything": by([2, 3, 4], (x) => ops.max(x)),
  "reshape to more axes": by([6, 8], (x) => ops.reshape(x, [2, 3, 4, 2])),
  "reshape to a vector": by([3, 5], (x) => ops.reshape(x, [15])),
  "transpose a matrix": by([5, 8], (x) => ops.transpose(x)),
  "transpose three axes": by([2, 3, 4], (x) => ops.transpose(x, [2, 0, 1])),
  "broadcast along a new axis": by([1, 5], (x) => ops.broadcastTo(x, [3, 4, 5])),
  "broadcast a scalar": by([], (x) => ops.broadcastTo(x, [4, 4])),
  "slice a block": by([5, 9], (x) => ops.slice(x, [1, 3], [3, 4])),
  "slice columns at vec4f boundaries": by([4, 16], (x) => ops.sliceAxis(x, 1, 4, 12)),
  "pad on every side": by([3, 5], (x) => ops.pad(x, [2, 1], [6, 9])),
  "pad at vec4f boundaries": by([3, 4], (x) => ops.pad(x, [0, 4], [3, 12])),
  "concat with itself": by([3, 5], (x) => ops.concat([x, ops.square(x), x], 1)),
  "concat along the first axis": by([2, 4], (x) => ops.concat([x, ops.constant(0.5, [1, 4]), ops.tanh(x)], 0)),
  "a chain of views": by([4, 6], (x) =>
    ops.transpose(
      ops.pad(ops.reshape(ops.slice(ops.transpose(x), [1, 0], [4, 4]), [2, 2, 4]), [0, 1, 0], [2, 4, 5]),
      [1, 2, 0],
    ),
  ),
  "a slice of a concat of transposes": by([4, 4], (x) =>
    ops.slice(ops.concat([ops.transpose(x), ops.mul(2, x)], 0), [2, 1], [5, 3]),
  ),
  "a pad of a reduction": by([4, 5], (x) => ops.pad(ops.sum(x, { axes: [1] }), [3], [9])),
  "a broadcast of a slice of a pad": by([2, 3], (x) =>
    ops.broadcastTo(ops.slice(ops.pad(x, [1, 1], [4, 5]), [0, 2], [3, 1]), [3, 4]),
  ),
  "coordinates as factors": by([3, 8], (x) =>
    ops.mul(ops.mul(x, ops.iota([3, 8], 1)), ops.transpose(ops.iota([8, 3], 1))),
  ),
  [STOPPED]: by([3, 4], (x) => ops.mul(x, ops.stopGradient(ops.tanh(x)))),
};

/** Every op that moves or combines elements: those of `viewCases`, and those that have files of tests of their own. */
export const tensorCases: TensorCases = {
  ...viewCases,
  A·B: by([5, 4], (x) => ops.matmul(x, ops.reshape(ops.tanh(x), [4, 5]))),
  Aᵀ·B: by([5, 4], (x) => ops.matmul(x, ops.tanh(x), { transposeA: true })),
  A·Bᵀ: by([5, 4], (x) => ops.matmul(x, ops.tanh(x), { transposeB: true })),
  Aᵀ·Bᵀ: by([5, 4], (x) => ops.matmul(x, ops.reshape(ops.tanh(x), [4, 5]), { transposeA: true, transposeB: true })),
  "a batch of A·B": by([3, 2, 4], (x) => ops.matmul(x, ops.reshape(ops.tanh(x), [3, 4, 2]))),
  "a batch of Aᵀ·B": by([2, 3, 4], (x) => ops.matmul(x, ops.tanh(x), { transposeA: true })),
  "a batch of A·Bᵀ": by([2, 1, 3, 4], (x) => ops.matmul(x, ops.tanh(x), { transposeB: true })),
  "a batch of Aᵀ·Bᵀ": by([2, 3, 4], (x) =>
    ops.matmul(x, ops.reshape(ops.tanh(x), [2, 4, 3]), { transposeA: true, transposeB: true }),
  ),
  "one A for a batch of B": by([2, 3, 4], (x) => ops.matmul(ops.slice(x, [0, 0, 0], [1, 3, 3]), x)),
  "one B for a batch of Aᵀ": by([2, 3, 4], (x) =>
    ops.matmul(x, ops.reshape(ops.slice(x, [0, 0, 1], [1, 3, 2]), [3, 2]), { transposeA: true }),
  ),
  "convolution of an image with parts of itself": by([2, 4, 3, 2], (x) =>
    ops.conv2d(x, kernelOf(x, [2, 2, 2, 3]), { stride: [2, 1], padding: { top: 1, bottom: 0, left: 0, right: 2 } }),
  ),
  "dilated convolution to four channels": by([1, 5, 4, 4], (x) =>
    ops.conv2d(x, kernelOf(x, [2, 2, 4, 4]), { dilation: [2, 3], padding: "same" }),
  ),
  "transposed convolution": by([1, 3, 2, 4], (x) =>
    ops.convTranspose2d(x, kernelOf(x, [3, 2, 1, 4]), {
      stride: 2,
      padding: { top: 1, bottom: 0, left: 0, right: 0 },
      outputPadding: [1, 0],
    }),
  ),
  "convolution of a sequence, and back": by([2, 5, 3], (x) =>
    ops.convTranspose1d(
      ops.conv1d(x, kernelOf(x, [3, 3, 2]), { stride: 2, padding: "same-symmetric" }),
      kernelOf(x, [2, 1, 2]),
      { stride: 3 },
    ),
  ),
  "gradient of a convolution's kernel": by([1, 4, 3, 4], (x) =>
    createNode(conv2dFilterGradientOp, [x, ops.slice(x, [0, 1, 0, 0], [1, 3, 2, 4])], {
      kernel: [2, 2],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [0, 0, 0, 0],
    }),
  ),
  "max pooling": by([2, 3, 5, 4], pooled),
  "the tap of a maximum, as a factor": by([1, 3, 4, 3], (x) => ops.mul(pooled(ops.square(x)), indexOf(ops.square(x)))),
  "what lies where another tensor is largest": by([1, 4, 3, 4], (x) =>
    createNode(poolSelectOp, [x, indexOf(ops.stopGradient(ops.square(x)))], pooling),
  ),
  "what goes back to where a tensor is largest": by([1, 3, 4, 3], (x) =>
    createNode(poolSelectAdjointOp, [pooled(x), indexOf(x)], { ...pooling, size: [3, 4] }),
  ),
  "average pooling": by([1, 4, 5, 4], (x) => ops.averagePool2d(ops.tanh(x), { kernel: 3, stride: 2, padding: "same" })),
  "average pooling that counts its padding": by([2, 3, 3, 1], (x) =>
    ops.averagePool2d(x, { kernel: 2, stride: 1, padding: "same-symmetric" }),
  ),
  "the adjoint of average pooling": by([1, 3, 2, 4], (x) =>
    createNode(averagePool2dAdjointOp, [x], {
      kernel: [2, 2],
      stride: [2, 3],
      padding: [0, 1, 0, 0],
      size: [5, 6],
      countPadding: true,
    }),
  ),
  "nearest up-sampling of sums": by([1, 2, 3, 4], (x) => ops.upsampleNearest(ops.add(x, 1), [2, 3])),
  "bilinear up-sampling": by([2, 2, 3, 3], (x) => ops.resizeBilinear(ops.tanh(x), [5, 4])),
  "the adjoint of bilinear up-sampling": by([1, 5, 4, 4], (x) =>
    createNode(resizeBilinearAdjointOp, [x], { size: [3, 2] }),
  ),
  "rows by index, some twice and one of none": by([5, 4], (x) =>
    ops.gather(ops.square(x), ops.sub(3, ops.mul(2, ops.iota([3])))),
  ),
  "columns by index": by([3, 5], (x) => ops.gather(x, ops.iota([2, 3], 1), 1)),
  "rows to an index": by([5, 3], (x) => ops.scatterAdd(ops.tanh(x), ops.mul(ops.iota([5]), ops.constant(0)), 2)),
  "the largest of each row": by([5, 7], (x) => ops.topK(ops.tanh(x), 3)),
  "rows in their order": by([2, 3, 5], (x) => ops.sort(ops.tanh(x))),
  softmax: by([5, 7], (x) => ops.softmax(x)),
  "cross-entropy": by([4, 8], (x) => ops.crossEntropy(x, ops.iota([4]))),
  "normalisation over a batch and its positions, one example of which does not count": by([3, 2, 4], (x) =>
    normalised(x, [0, 1], [1, 1, 4], ops.concat([ops.constant(1, [2, 1, 1]), ops.constant(0, [1, 1, 1])], 0)),
  ),
  "normalisation over the channels": by([3, 5], (x) => normalised(x, [1], [1, 5])),
  "normalisation over positions and groups of channels": by([2, 3, 4], (x) =>
    ops.reshape(normalised(ops.reshape(x, [2, 3, 2, 2]), [1, 3], [1, 1, 2, 2]), x.shape),
  ),
};
