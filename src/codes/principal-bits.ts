import { leadingComponents } from "../metrics/leading-components.ts";
import type { RowsOption } from "../metrics/rows.ts";
import { packedBits } from "./bits.ts";

export interface PrincipalBitsOptions extends RowsOption {
  /** Bits of a code. */
  readonly bits: number;
}

/** Components are sought among so many of the rows, evenly spread: signs change little with more. */
const MOST_FITTED = 2000;

/**
 * What codes of bits have to be better than: on which side of the mean an example lies, along each of the first principal
 * components of the examples themselves. Bits behind the last component are 0.
 *
 * @param values [rows, features]: numbers that are finite, in any unit
 * @returns packed as by `packedBits`: [rows, ⌈bits / 8⌉]
 */
export function principalBits(
  values: ArrayLike<number>,
  { rows, bits }: PrincipalBitsOptions,
): Uint8Array<ArrayBuffer> {
  const features = values.length / rows;
  const fitted = Math.min(rows, MOST_FITTED);
  const mean = new Float64Array(features);
  const some = new Float64Array(fitted * features);
  for (let row = 0; row < fitted; row++) {
    const from = Math.floor((row * rows) / fitted) * features;
    for (let j = 0; j < features; j++) {
      some[row * features + j] = values[from + j];
      mean[j] += values[from + j] / fitted;
    }
  }
  for (let at = 0; at < some.length; at++) some[at] -= mean[at % features];
  // More digits of a component would not change on which side of it an example lies.
  const components = leadingComponents(some, { count: fitted, components: Math.min(bits, features), settled: 1e-3 });
  const sides = new Uint8Array(rows * bits);
  for (let row = 0; row < rows; row++) {
    components.forEach((component, k) => {
      let along = 0;
      for (let j = 0; j < features; j++) along += component[j] * (values[row * features + j] - mean[j]);
      if (along > 0) sides[row * bits + k] = 1;
    });
  }
  return packedBits(sides, { rows });
}
