import type { Parameter } from "../nn/parameter.ts";
import type { Node } from "../node/node.ts";
import { add, square } from "../ops/arithmetic.ts";
import { sum } from "../ops/reduce.ts";

/** The sum of the squares of all weights, []: of what has two axes or more, so that biases and norms' factors do not count. */
export const squaredWeights = (parameters: readonly Parameter[]): Node =>
  parameters
    .filter(({ shape }) => shape.length >= 2)
    .map(({ node }) => sum(square(node)))
    .reduce((total, one) => add(total, one));
