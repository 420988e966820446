import { ReparamError } from "../errors.ts";
import { gatherKernel, scatterAddKernel } from "../kernels/indexing.ts";
import {
  type Attributes,
  checkedShape,
  createNode,
  type Node,
  resolveAxis,
  type Shape,
  sameShape,
  shapeError,
  sizeOf,
  stridesOf,
} from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { equal, mul, sub } from "./arithmetic.ts";
import { max } from "./reduce.ts";
import { reshape, stopGradient } from "./shape.ts";

// Indices are whole numbers in f32, exact up to 2^24. One that is out of range, no whole number or NaN names nothing:
// oneHot and gather give zeros for it, scatterAdd drops what is sent there, and no gradient comes back.

export const iotaOp: Op = {
  name: "iota",
  arity: 0,
  shape: (_, attributes) => {
    const shape = checkedShape(attributes.shape);
    checkAxis("iota", shape, attributes);
    return shape;
  },
  gradient: () => [],
  reference: (_, { node: { shape, attributes } }) => {
    const axis = attributes.axis as number;
    const stride = stridesOf(shape)[axis];
    return Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.floor(i / stride) % shape[axis]);
  },
  lowering: { kind: "iota" },
};

/** 0, 1, 2 … along one axis of `shape`, the same along the others: a coordinate as a number. */
export const iota = (shape: Shape, axis = 0): Node => createNode(iotaOp, [], { shape, axis: resolveAxis(axis, shape) });

/** 1 at the place that each id names, else 0. ids: any shape → [...ids, count]; zeros for an id that is no class. */
export const oneHot = (ids: Node, count: number): Node => equal(reshape(ids, [...ids.shape, 1]), iota([count]));

/**
 * The index of the largest element along `axis`, of equal ones the first, without a gradient. The axis goes. Where a row
 * holds NaN it is the axis's extent, which names nothing.
 */
export function argmax(x: Node, axis = -1): Node {
  const along = resolveAxis(axis, x.shape);
  const extent = x.shape[along];
  const values = stopGradient(x);
  const largest = equal(values, max(values, { axes: [along], keepDims: true }));
  // The first of the largest is the farthest from the end.
  const toEnd = sub(
    extent,
    iota(
      x.shape.map((size, k) => (k === along ? size : 1)),
      along,
    ),
  );
  return sub(extent, max(mul(largest, toEnd), { axes: [along] }));
}

export const gatherOp: Op = {
  name: "gather",
  arity: 2,
  shape: ([x, indices], attributes) => {
    const axis = checkAxis("gather", x, attributes);
    return [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)];
  },
  gradient: ({ inputs: [x, indices], attributes }, dy) => {
    const axis = attributes.axis as number;
    return [createNode(scatterAddOp, [dy, indices], { axis, count: x.shape[axis] }), undefined];
  },
  reference: ([x, indices], { node }) => {
    const y = new Float64Array(sizeOf(node.shape));
    forEachIndex(node.inputs[0].shape, indices, node.attributes, (from, to) => {
      y[to] = x[from];
    });
    return y;
  },
  lowering: { kind: "kernel", launch: gatherKernel },
};

/**
 * Rows of x along an axis, in the order of the indices. x: [...before, N, ...after], indices: any shape →
 * [...before, ...indices, ...after]; zeros for an index that is none of 0 .. N − 1.
 */
export const gather = (x: Node, indices: Node, axis = 0): Node =>
  createNode(gatherOp, [x, indices], { axis: resolveAxis(axis, x.shape) });

export const scatterAddOp: Op = {
  name: "scatterAdd",
  arity: 2,
  shape: ([y, indices], attributes) => {
    const { axis, count } = attributes as { axis: number; count: number };
    if (!(Number.isSafeInteger(axis) && axis >= 0 && sameShape(y.slice(axis, axis + indices.length), indices))) {
      throw shapeError(
        "scatterAdd",
        [y, indices],
        `do not fit: the second has to stand in the first from axis ${axis} on`,
      );
    }
    return [...y.slice(0, axis), ...checkedShape([count]), ...y.slice(axis + indices.length)];
  },
  gradient: ({ inputs: [, indices], attributes: { axis } }, dx) => [
    createNode(gatherOp, [dx, indices], { axis }),
    undefined,
  ],
  reference: ([y, indices], { node }) => {
    const x = new Float64Array(sizeOf(node.shape));
    forEachIndex(node.shape, indices, node.attributes, (to, from) => {
      x[to] += y[from];
    });
    return x;
  },
  lowering: { kind: "kernel", launch: scatterAddKernel },
};

/**
 * The adjoint of `gather`: rows of y with equal indices are added up, in their order, so equal inputs give equal bytes.
 * y: [...before, ...indices, ...after] → [...before, count, ...after], zeros where no index points.
 */
export const scatterAdd = (y: Node, indices: Node, count: number, axis = 0): Node =>
  createNode(scatterAddOp, [y, indices], { axis, count });

/** Rows of a table, one for each id. table: [count, width], ids: any shape → [...ids, width]; see `gather`. */
export const embedding = (table: Node, ids: Node): Node => {
  if (table.shape.length !== 2)
    throw shapeError("embedding", [table.shape, ids.shape], "are not a table [count, width] and ids");
  return gather(table, ids);
};

function checkAxis(op: string, shape: Shape, { axis }: Attributes): number {
  if (Number.isInteger(axis) && (axis as number) >= 0 && (axis as number) < shape.length) return axis as number;
  throw new ReparamError("config", `${op}: a tensor of shape [${shape}] has no axis ${axis}.`);
}

/** Calls `visit` with the linear indices of an element of x and of its copies in the gathered tensor. */
function forEachIndex(
  x: Shape,
  indices: Float64Array,
  { axis }: Attributes,
  visit: (source: number, copy: number) => void,
): void {
  const { outer, count, inner } = rowsOf(x, axis as number);
  for (let o = 0; o < outer; o++) {
    indices.forEach((index, j) => {
      if (!(Number.isInteger(index) && index >= 0 && index < count)) return;
      for (let i = 0; i < inner; i++) visit((o * count + index) * inner + i, (o * indices.length + j) * inner + i);
    });
  }
}

/** A tensor as [outer, count, inner] around one axis. */
const rowsOf = (shape: Shape, axis: number): { outer: number; count: number; inner: number } => ({
  outer: sizeOf(shape.slice(0, axis)),
  count: shape[axis],
  inner: sizeOf(shape.slice(axis + 1)),
});
