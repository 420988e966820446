import type { Node } from "../node/node.ts";
import { add, mul, square, sub } from "../ops/arithmetic.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/reduce.ts";

/** ‖b‖² − 2 a · b, which is ‖a − b‖² but for ‖a‖²: a: [n, width], b: [m, width] → [n, m] */
export const distancesBut = (a: Node, b: Node): Node =>
  sub(sum(square(b), { axes: [1] }), mul(2, matmul(a, b, { transposeB: true })));

/** ‖a − b‖² of all pairs of rows. a: [n, width], b: [m, width] → [n, m]; rounding may leave less than 0 of rows that are near. */
export const squaredDistances = (a: Node, b: Node): Node =>
  add(sum(square(a), { axes: [1], keepDims: true }), distancesBut(a, b));
