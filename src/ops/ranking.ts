import { ReparamError } from "../errors.ts";
import { rankKernel } from "../kernels/rank.ts";
import { createNode, type Node, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { equal, greater, mul } from "./arithmetic.ts";
import { iota } from "./indexing.ts";
import type { Operand } from "./map.ts";
import { sum } from "./reduce.ts";
import { reshape } from "./shape.ts";

export const rankOp: Op = {
  name: "rank",
  arity: 1,
  shape: ([x]) => {
    if (x.length === 0) throw new ReparamError("config", "rank: a single number is no row of numbers.");
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
 * How many numbers of its row are ahead of a number: 0 for the largest, and of equal ones the first is ahead. Without a
 * gradient. x: [..., width] → the same shape, 0 to width − 1; NaN has rank 0 beside the largest. Throws ReparamError
 * "config" for a single number.
 */
export const rank = (x: Node): Node => createNode(rankOp, [x]);

/**
 * Each row in its order, the largest number first. The gradient goes back to where a number came from. x: [..., width] → the same
 * shape; a row takes width² additions, and one with NaN becomes NaN.
 */
export function sort(x: Node): Node {
  const lead = x.shape.slice(0, -1);
  const width = x.shape[x.shape.length - 1];
  const across = (row: Node) => reshape(row, [...lead, 1, width]);
  return sum(mul(equal(across(rank(x)), iota([width, 1])), across(x)), { axes: [lead.length + 1] });
}

/**
 * All but the k largest numbers of each row become 0: exactly k pass, of equal ones the first. The gradient passes where they do.
 * x: [..., width] → the same shape. k is a number, or a node such as a schedule; where it is no whole number, the next one.
 */
export const topK = (x: Node, k: Operand): Node => mul(x, greater(k, rank(x)));
