import { type Field, fieldSize } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";

/** The values that are drawn as black and as white, or at the bottom and at the top of a plot. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How many examples an array holds. Throws `usage` when they are not whole, or none. */
export function countOf(values: Float32Array, field: Field): number {
  const count = values.length / fieldSize(field);
  if (Number.isInteger(count) && count > 0) return count;
  const shape = field.shape.join(", ");
  throw new ReparamError("usage", `${values.length} values are no examples of shape [${shape}], and cannot be drawn.`);
}

/** From the smallest to the largest finite value; 0 to 1 where there is none, and a little around one value alone. */
export function spread(arrays: readonly ArrayLike<number>[]): Range {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of arrays) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return { low: 0, high: 1 };
  if (low < high) return { low, high };
  const room = Math.max(1e-6, Math.abs(low) / 2);
  return { low: low - room, high: high + room };
}

/**
 * What is drawn as black and white: images of a field with a unit have values from 0 to 1, others are as dark and as light
 * as the examples. Series are drawn whole, whatever their values.
 */
export function rangeOf({ kind, unit }: Field, drawn: readonly Float32Array[], examples = spread(drawn)): Range {
  if (kind === "series") return spread(drawn);
  return unit === undefined ? examples : { low: 0, high: 1 };
}
