import { ReparamError } from "../errors.ts";
import { rankKernel } from "../kernels/rank.ts";
import { createNode, type Node, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { greater, mul } from "./arithmetic.ts";
import type { Operand } from "./map.ts";

/**
 * How many numbers of its row are ahead of a number: 0 for the largest, and of equal ones the first is ahead. Without a
 * gradient. x: [..., width] → the same shape, 0 to width − 1; NaN has rank 0 beside the largest.
 */
export const rankOp: Op = {
  name: "rank",
  arity: 1,
  shape: ([x]) => {
    if (x.length === 0) throw new ReparamError("config", "topK: a single number is no row of numbers.");
    return x;
  },
  gradient: () => [undefined],
  reference: ([x], { node: { shape } }) => {
    const width = shape[shape.length - 1];
    return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
      const column = i % width;
      const row = x.subarray(i - column, i - column + width);
      return row.filter((other, j) => other > x[i] || (other === x[i] && j < column)).length;
    });
  },
  lowering: { kind: "kernel", launch: rankKernel },
};

/**
 * The k largest numbers of each row, the others 0: exactly k pass, of equal ones the first. The gradient passes where they do.
 * x: [..., width] → the same shape. k is a number, or a node such as a schedule; where it is no whole number, the next one.
 */
export const topK = (x: Node, k: Operand): Node => mul(x, greater(k, createNode(rankOp, [x])));
