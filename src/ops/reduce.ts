import { ReparamError } from "../errors.ts";
import { createNode, type Node, resolveAxis, type Shape, sameShape, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { div, equal, mul } from "./arithmetic.ts";
import { broadcastTo, reshape } from "./shape.ts";

/** The axes `from`..`to` (not included) of one reduction, always adjacent: the kernel sees [outer, reduced, inner]. */
interface Span {
  readonly from: number;
  readonly to: number;
}

export function reduceExtents(shape: Shape, { from, to }: Span): { outer: number; reduced: number; inner: number } {
  return {
    outer: sizeOf(shape.slice(0, from)),
    reduced: sizeOf(shape.slice(from, to)),
    inner: sizeOf(shape.slice(to)),
  };
}

export const spanOf = (node: Node): Span => node.attributes as unknown as Span;

const defineReduce = (
  combine: "sum" | "max",
  start: number,
  step: (a: number, b: number) => number,
  gradient: (x: Node, dy: Node, spread: (y: Node) => Node, node: Node) => Node,
): Op => ({
  name: combine,
  arity: 1,
  shape: ([x], attributes) => {
    const { from, to } = attributes as unknown as Span;
    if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from < to && to <= x.length)) {
      throw new ReparamError(
        "config",
        `${combine}: a tensor of shape [${x}] has no axes from ${from} to before ${to}.`,
      );
    }
    return x.filter((_, axis) => axis < from || axis >= to);
  },
  gradient: (node, dy) => {
    const [x] = node.inputs;
    const { from, to } = spanOf(node);
    const kept = x.shape.map((extent, axis) => (axis >= from && axis < to ? 1 : extent));
    const spread = (y: Node) => broadcastTo(reshape(y, kept), x.shape);
    return [gradient(x, spread(dy), spread, node)];
  },
  reference: ([x], { node }) => {
    const { outer, reduced, inner } = reduceExtents(node.inputs[0].shape, spanOf(node));
    const result = new Float64Array(outer * inner).fill(start);
    for (let o = 0; o < outer; o++) {
      for (let r = 0; r < reduced; r++) {
        for (let i = 0; i < inner; i++) {
          result[o * inner + i] = step(result[o * inner + i], x[(o * reduced + r) * inner + i]);
        }
      }
    }
    return result;
  },
  lowering: { kind: "reduce", combine },
});

export const sumOp = defineReduce(
  "sum",
  0,
  (a, b) => a + b,
  (_, dy) => dy,
);

/** Equal maxima share the gradient in equal parts, as in PyTorch's amax. */
export const maxOp = defineReduce("max", Number.NEGATIVE_INFINITY, Math.max, (x, dy, spread, node) => {
  const ties = equal(x, spread(node));
  return mul(dy, div(ties, spread(createNode(sumOp, [ties], node.attributes))));
});

interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/** Adjacent axes are one reduction; others follow each other, innermost first. */
const reducer =
  (op: Op) =>
  (x: Node, { axes, keepDims = false }: ReduceOptions = {}): Node => {
    const chosen = new Set((axes ?? x.shape.map((_, k) => k)).map((axis) => resolveAxis(axis, x.shape)));
    let result = x;
    for (let to = x.shape.length; to > 0; to--) {
      if (!chosen.has(to - 1)) continue;
      let from = to - 1;
      while (chosen.has(from - 1)) from--;
      result = createNode(op, [result], { from, to });
      to = from + 1;
    }
    return keepDims
      ? reshape(
          result,
          x.shape.map((extent, k) => (chosen.has(k) ? 1 : extent)),
        )
      : result;
  };

/** The sum over `axes` (all of them by default). */
export const sum = reducer(sumOp);

/** The largest element along `axes` (all of them by default); NaN where there is one. */
export const max = reducer(maxOp);

/** The mean over `axes` (all of them by default). */
export function mean(x: Node, options: ReduceOptions = {}): Node {
  const total = sum(x, options);
  return mul(total, sizeOf(total.shape) / sizeOf(x.shape));
}

/** Undoes broadcasting: sums over the axes along which a tensor of `shape` was repeated to the shape of x. */
export function sumTo(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.map((_, k) => k).filter((k) => k < lead || (shape[k - lead] === 1 && x.shape[k] !== 1));
  return reshape(sum(x, { axes }), shape);
}
