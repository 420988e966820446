import { nearestHalf } from "../formats/half.ts";
import { createNode, type Node } from "../node/node.ts";
import { defineMap, unary } from "./map.ts";

/** The largest finite 16-bit float. */
export const LARGEST_HALF = 65_504;

/**
 * x as the nearest 16-bit float (IEEE 754 binary16, ties to even); NaN where that would be infinite, so that an overflow
 * is not hidden by what follows (an activation, a mask). The gradient passes through. Where the result lies in memory it
 * takes two bytes, on devices with `shader-f16`.
 */
export const halfOp = defineMap<[Node]>({
  name: "half",
  arity: 1,
  reference: ([x]) => roundToHalf(x),
  wgsl: ([x], _, four) => `round_half${four}(${x})`,
  gradient: (_, dy) => [dy],
  cost: 6,
});
export const half = unary(halfOp);

/** The same value, in memory as f32. */
export const halfInFull = (x: Node): Node => createNode(halfOp, [x], { memory: "f32" });

/** Whether a value takes two bytes an element where it lies in memory. */
export const storedAsHalf = ({ op, attributes }: Node): boolean => op === halfOp && attributes.memory !== "f32";

function roundToHalf(x: number): number {
  const magnitude = Math.abs(x);
  if (!(magnitude < LARGEST_HALF + 16)) return Number.NaN;
  const { steps, exponent } = nearestHalf(magnitude);
  return Math.sign(x) * steps * 2 ** (exponent - 10);
}
