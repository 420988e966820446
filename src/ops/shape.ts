import { ReparamError } from "../errors.ts";
import {
  broadcastShapes,
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
import type { Coordinate, Op } from "../node/op.ts";
import { broadcastOffsets } from "./map.ts";

export const reshapeOp: Op = {
  name: "reshape",
  arity: 1,
  shape: ([x], attributes) => {
    const shape = checkedShape(attributes.shape);
    if (sizeOf(x) !== sizeOf(shape)) throw shapeError("reshape", [x, shape], "hold different numbers of elements");
    return shape;
  },
  gradient: ({ inputs: [x] }, dy) => [reshape(dy, x.shape)],
  reference: ([x]) => x,
  lowering: { kind: "reshape" },
};

/** The same elements in the same order under another shape. */
export const reshape = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : createNode(reshapeOp, [x], { shape });

/** The value of x, through which no gradient flows back. */
export const stopGradientOp: Op = {
  name: "stopGradient",
  arity: 1,
  shape: ([x]) => x,
  gradient: () => [undefined],
  reference: ([x]) => x,
  lowering: { kind: "reshape" },
};
export const stopGradient = (x: Node): Node => createNode(stopGradientOp, [x]);

export const transposeOp: Op = {
  name: "transpose",
  arity: 1,
  shape: ([x], attributes) => {
    const axes = attributes.axes as readonly number[];
    if (axes.length !== x.length || ![...axes].sort((a, b) => a - b).every((axis, k) => axis === k)) {
      throw new ReparamError("config", `transpose: [${axes}] is not an order of the axes of a tensor of shape [${x}].`);
    }
    return axes.map((axis) => x[axis]);
  },
  gradient: ({ attributes }, dy) => {
    const axes = attributes.axes as readonly number[];
    return [
      transpose(
        dy,
        axes.map((_, k) => axes.indexOf(k)),
      ),
    ];
  },
  reference: ([x], { node }) => {
    const axes = node.attributes.axes as readonly number[];
    const strides = stridesOf(node.inputs[0].shape);
    return gatherReference(node.shape, (at) => x[axes.reduce((sum, axis, k) => sum + at[k] * strides[axis], 0)]);
  },
  lowering: {
    kind: "view",
    access: ({ attributes }, at) => {
      const coordinates = new Array<Coordinate>(at.length);
      (attributes.axes as readonly number[]).forEach((axis, k) => {
        coordinates[axis] = at[k];
      });
      return { coordinates, guards: [] };
    },
  },
};

/** Result axis k is axis `axes[k]` of x; by default the axes in reverse. */
export const transpose = (x: Node, axes: readonly number[] = x.shape.map((_, k) => x.shape.length - 1 - k)): Node =>
  createNode(transposeOp, [x], { axes: axes.map((axis) => resolveAxis(axis, x.shape)) });

export const broadcastToOp: Op = {
  name: "broadcastTo",
  arity: 1,
  shape: ([x], attributes) => {
    const shape = checkedShape(attributes.shape);
    if (!sameShape(broadcastShapes("broadcastTo", x, shape), shape)) {
      throw shapeError("broadcastTo", [x, shape], "do not broadcast");
    }
    return shape;
  },
  gradient: (_, dy) => [dy],
  reference: ([x], { node }) => {
    const offset = broadcastOffsets(node.inputs[0].shape, node.shape);
    return Float64Array.from({ length: sizeOf(node.shape) }, (_, i) => x[offset(i)]);
  },
  lowering: {
    kind: "view",
    access: ({ inputs: [x] }, at) => ({ coordinates: broadcastAccess(x.shape, at), guards: [] }),
  },
};

/** x repeated along new leading axes and along axes of extent 1. */
export const broadcastTo = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : createNode(broadcastToOp, [x], { shape });

/** Coordinates in a tensor of `shape` that broadcasts to where the coordinates `at` are taken. */
export function broadcastAccess(shape: Shape, at: readonly Coordinate[]): Coordinate[] {
  const lead = at.length - shape.length;
  return shape.map((extent, axis) => (extent === 1 ? { axis: -1, offset: 0 } : at[lead + axis]));
}

export const sliceOp: Op = {
  name: "slice",
  arity: 1,
  shape: ([x], attributes) => {
    const starts = attributes.starts as readonly number[];
    const shape = checkedShape(attributes.shape);
    const fits =
      starts.length === x.length &&
      shape.length === x.length &&
      x.every((extent, k) => Number.isInteger(starts[k]) && starts[k] >= 0 && starts[k] + shape[k] <= extent);
    if (!fits)
      throw new ReparamError("config", `slice: [${shape}] from [${starts}] is not inside a tensor of shape [${x}].`);
    return shape;
  },
  gradient: ({ inputs: [x], attributes }, dy) => [pad(dy, attributes.starts as readonly number[], x.shape)],
  reference: ([x], { node }) => {
    const starts = node.attributes.starts as readonly number[];
    const strides = stridesOf(node.inputs[0].shape);
    return gatherReference(node.shape, (at) => x[at.reduce((sum, c, k) => sum + (c + starts[k]) * strides[k], 0)]);
  },
  lowering: {
    kind: "view",
    access: ({ attributes }, at) => ({
      coordinates: at.map((c, k) => shifted(c, (attributes.starts as readonly number[])[k])),
      guards: [],
    }),
  },
};

/** The block of `shape` that begins at `starts`. */
export const slice = (x: Node, starts: readonly number[], shape: Shape): Node =>
  sameShape(x.shape, shape) && starts.every((start) => start === 0) ? x : createNode(sliceOp, [x], { starts, shape });

/** Columns `from` to `to` (not included) along one axis. */
export function sliceAxis(x: Node, axis: number, from: number, to: number): Node {
  const resolved = resolveAxis(axis, x.shape);
  return slice(
    x,
    x.shape.map((_, k) => (k === resolved ? from : 0)),
    x.shape.map((extent, k) => (k === resolved ? to - from : extent)),
  );
}

export const padOp: Op = {
  name: "pad",
  arity: 1,
  shape: ([x], attributes) => {
    const starts = attributes.starts as readonly number[];
    const shape = checkedShape(attributes.shape);
    const fits =
      starts.length === x.length &&
      shape.length === x.length &&
      x.every((extent, k) => Number.isInteger(starts[k]) && starts[k] >= 0 && starts[k] + extent <= shape[k]);
    if (!fits)
      throw new ReparamError("config", `pad: [${x}] at [${starts}] is not inside a tensor of shape [${shape}].`);
    return shape;
  },
  gradient: ({ inputs: [x], attributes }, dy) => [slice(dy, attributes.starts as readonly number[], x.shape)],
  reference: ([x], { node }) => {
    const starts = node.attributes.starts as readonly number[];
    const { shape } = node.inputs[0];
    const strides = stridesOf(shape);
    return gatherReference(node.shape, (at) => {
      const inside = at.every((c, k) => c >= starts[k] && c < starts[k] + shape[k]);
      return inside ? x[at.reduce((sum, c, k) => sum + (c - starts[k]) * strides[k], 0)] : 0;
    });
  },
  lowering: {
    kind: "view",
    access: ({ inputs: [x], shape, attributes }, at) => {
      const starts = attributes.starts as readonly number[];
      return {
        coordinates: at.map((c, k) => shifted(c, -starts[k])),
        guards: at
          .map((coordinate, k) => ({
            coordinate,
            from: starts[k],
            to: starts[k] + x.shape[k],
            whole: x.shape[k] === shape[k],
          }))
          .filter(({ whole }) => !whole),
      };
    },
  },
};

/** x placed at `starts` in zeros of `shape`: the adjoint of `slice`. */
export const pad = (x: Node, starts: readonly number[], shape: Shape): Node =>
  sameShape(x.shape, shape) && starts.every((start) => start === 0) ? x : createNode(padOp, [x], { starts, shape });

/** The most parts of one concat: a kernel binds eight buffers by WebGPU's default limits, the result among them. */
const MAX_PARTS = 7;

export const concatOp: Op = {
  name: "concat",
  shape: (shapes, attributes) => {
    if (shapes.length < 1 || shapes.length > MAX_PARTS) {
      throw new ReparamError("config", `concat takes 1 to ${MAX_PARTS} inputs, and was given ${shapes.length}.`);
    }
    const [first] = shapes;
    const axis = attributes.axis as number;
    if (!(Number.isInteger(axis) && axis >= 0 && axis < first.length))
      throw shapeError("concat", shapes, `have no axis ${axis}`);
    for (const shape of shapes) {
      if (shape.length !== first.length || shape.some((extent, k) => k !== axis && extent !== first[k])) {
        throw shapeError("concat", shapes, `differ beside axis ${axis}`);
      }
    }
    return first.map((extent, k) => (k === axis ? shapes.reduce((sum, shape) => sum + shape[k], 0) : extent));
  },
  gradient: ({ inputs, attributes }, dy) => {
    let from = 0;
    return inputs.map((x) => {
      const to = from + x.shape[attributes.axis as number];
      const part = sliceAxis(dy, attributes.axis as number, from, to);
      from = to;
      return part;
    });
  },
  reference: (values, { node }) => {
    const axis = node.attributes.axis as number;
    return gatherReference(node.shape, (at) => {
      let from = 0;
      let k = 0;
      while (at[axis] >= from + node.inputs[k].shape[axis]) from += node.inputs[k++].shape[axis];
      const strides = stridesOf(node.inputs[k].shape);
      return values[k][at.reduce((sum, c, j) => sum + (j === axis ? c - from : c) * strides[j], 0)];
    });
  },
  lowering: { kind: "concat" },
};

/** Tensors one after another along `axis`; their other extents agree. Many parts are joined in several steps. */
export function concat(parts: readonly Node[], axis: number): Node {
  if (parts.length === 1) return parts[0];
  if (parts.length > MAX_PARTS) {
    return concat([concat(parts.slice(0, MAX_PARTS), axis), ...parts.slice(MAX_PARTS)], axis);
  }
  return createNode(concatOp, parts, { axis: resolveAxis(axis, parts[0].shape) });
}

export const shifted = ({ axis, offset }: Coordinate, by: number): Coordinate => ({ axis, offset: offset + by });

function gatherReference(shape: Shape, value: (at: readonly number[]) => number): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    result[i] = value(at);
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
  return result;
}
