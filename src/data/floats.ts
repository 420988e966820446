import { ReparamError } from "../errors.ts";
import { lastPart } from "./source.ts";

/** Above so large a share of a column's range, what 32-bit floats round away is told. */
const MUCH = 1e-4;
const LARGEST = 3.4028234663852886e38;

/** Numbers as f32, and what of them that loses. */
export interface Floats {
  readonly values: Float32Array;
  /** Columns whose values differ by little more than f32 can tell. */
  readonly coarse: readonly number[];
}

/**
 * Numbers [rows, columns] as f32. Throws ReparamError "data" for one that is not finite as f32; `place` says in a sentence where
 * the number of that index stands.
 */
export function toFloats(numbers: ArrayLike<number>, columns: number, place: (index: number) => string): Floats {
  const values = new Float32Array(numbers);
  const low = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  const lost = new Float64Array(columns);
  for (let i = 0, column = 0; i < values.length; i++) {
    const exact = numbers[i];
    if (!Number.isFinite(values[i])) {
      const large = Number.isFinite(exact) ? `, and the largest 32-bit float is ${LARGEST.toPrecision(3)}` : "";
      throw new ReparamError("data", `${place(i)} is ${exact}${large}; numbers have to be finite.`);
    }
    if (exact < low[column]) low[column] = exact;
    if (exact > high[column]) high[column] = exact;
    const error = Math.abs(values[i] - exact);
    if (error > lost[column]) lost[column] = error;
    if (++column === columns) column = 0;
  }
  const coarse = [...lost.keys()].filter((k) => lost[k] > MUCH * (high[k] - low[k]));
  return { values, coarse };
}

/** A line about columns, by their names; nothing where there are none. */
export function remarkOnCoarse(source: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const what = names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
  return [
    `${lastPart(source)}: ${what}: the values differ by little more than 32-bit floats can tell; take a number near them off first`,
  ];
}
