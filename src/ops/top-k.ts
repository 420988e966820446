import { ReparamError } from "../errors.ts";
import { topKKernel } from "../kernels/top-k.ts";
import { createNode, type Node, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { mul } from "./arithmetic.ts";

/**
 * 1 where a number is one of the k largest of its row, else 0; of equal numbers the first count as the larger. A mask, without
 * a gradient. x: [..., width] → the same shape; NaN is 1 beside the k.
 */
export const topKMaskOp: Op = {
  name: "topKMask",
  arity: 1,
  shape: ([x], { k }) => {
    const width = x[x.length - 1] ?? 0;
    if (!(Number.isInteger(k) && (k as number) >= 1 && (k as number) <= width)) {
      throw new ReparamError(
        "config",
        `topK: there are no ${k} largest numbers in the rows of a tensor of shape [${x}].`,
      );
    }
    return x;
  },
  gradient: () => [undefined],
  reference: ([x], { node: { shape, attributes } }) => {
    const width = shape[shape.length - 1];
    const mask = new Float64Array(sizeOf(shape));
    for (let i = 0; i < mask.length; i++) {
      const row = x.subarray(i - (i % width), i - (i % width) + width);
      const ahead = row.filter((other, j) => other > x[i] || (other === x[i] && j < i % width));
      mask[i] = ahead.length < (attributes.k as number) ? 1 : 0;
    }
    return mask;
  },
  lowering: { kind: "kernel", launch: topKKernel },
};

/**
 * The k largest numbers of each row, the others 0: exactly k pass, of equal ones the first. The gradient passes where they do.
 * x: [..., width] → the same shape. Throws ReparamError "config" where a row has no k numbers.
 */
export const topK = (x: Node, k: number): Node => mul(x, createNode(topKMaskOp, [x], { k }));
