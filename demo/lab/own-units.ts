import type { Scaling } from "../../src/data/dataset.ts";

/** Number k of an example as it was before it was scaled, to as many digits as a hundredth of its spread needs. */
export function inOwnUnits(value: number, k: number, { center, spread }: Scaling): string {
  const column = k % center.length; // a series has one scale for all of its numbers
  const digits = Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(spread[column]))));
  return (center[column] + spread[column] * value).toFixed(digits);
}
