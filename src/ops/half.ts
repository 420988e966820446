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
  // The spacing of 11 significant bits, and below 2⁻¹⁴ that of subnormals.
  let exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  if (2 ** (exponent + 1) <= magnitude) exponent++;
  const spacing = 2 ** (exponent - 10);
  const steps = magnitude / spacing;
  const below = Math.floor(steps);
  const up = steps - below > 0.5 || (steps - below === 0.5 && below % 2 === 1);
  return Math.sign(x) * (below + Number(up)) * spacing;
}
