import { ReparamError } from "../errors.ts";
import { columnsOf, type RowsOption } from "./rows.ts";

export interface ModesFoundOptions extends RowsOption {
  /** The centres of the modes, [modes][columns]. */
  readonly centres: readonly (readonly number[])[];
  /** The standard deviation of a mode. */
  readonly sigma: number;
  /** A mode is found that has so many samples. */
  readonly atLeast: number;
}

export interface ModesFound {
  readonly found: number;
  /** Samples of each mode: those whose nearest centre it has, within three standard deviations. */
  readonly samples: readonly number[];
  /** The share of all samples that are of a mode. */
  readonly near: number;
}

/**
 * How many modes of a mixture samples have, and how many of them lie near one (Srivastava et al. 2017,
 * https://arxiv.org/abs/1705.07761, section 4.1): a generator may draw well and know a few modes only.
 *
 * @param samples [rows, columns]
 * @throws ReparamError "data" where these are no rows as long as a centre, or a number is not finite.
 */
export function modesFound(
  samples: ArrayLike<number>,
  { rows, centres, sigma, atLeast }: ModesFoundOptions,
): ModesFound {
  const columns = columnsOf("modesFound: samples", samples, rows);
  const odd = centres.find(({ length }) => length !== columns);
  if (odd) {
    throw new ReparamError("data", `modesFound: samples have ${columns} columns, and a centre has ${odd.length}.`);
  }
  const counts = new Array<number>(centres.length).fill(0);
  for (let row = 0; row < rows; row++) {
    const distances = centres.map((centre) =>
      Math.hypot(...centre.map((value, column) => samples[row * columns + column] - value)),
    );
    const least = Math.min(...distances);
    if (least <= 3 * sigma) counts[distances.indexOf(least)]++;
  }
  return {
    found: counts.filter((count) => count >= atLeast).length,
    samples: counts,
    near: counts.reduce((sum, count) => sum + count, 0) / rows,
  };
}
