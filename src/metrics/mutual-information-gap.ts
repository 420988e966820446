import { ReparamError } from "../errors.ts";
import { checked, whole } from "../schema/constraints.ts";
import { columnOf, columnsOf, type RowsOption } from "./rows.ts";

export interface MutualInformationGapOptions extends RowsOption {
  /** Equal parts that the range of each number of a code is divided into; 20 unless given. */
  readonly bins?: number;
}

export interface MutualInformationGap {
  /** Mean over the factors: 0 where each is in several numbers of the code or in none, 1 where each has one to itself. */
  readonly gap: number;
  /** Of each factor: the two largest of its mutual informations, one less the other, over the factor's entropy. */
  readonly gaps: readonly number[];
  /** Of each factor with each number of the code, in nats: [factors][latent]. */
  readonly mutualInformation: readonly (readonly number[])[];
}

/**
 * The mutual information gap (Chen, Li, Grosse and Duvenaud 2018, https://arxiv.org/abs/1802.04942): whether each factor of
 * variation lies in one number of a code. Codes are put into bins as Locatello et al. 2019 do
 * (https://arxiv.org/abs/1811.12359), and everything is counted. Of a code of one number, the second largest is 0.
 *
 * @param codes [rows, latent], means of posteriors as a rule
 * @param factors [rows, factors], classes: the field `factors` of `shapes`
 * @throws ReparamError "data" where these do not fit together, a code is not finite, or a factor is the same in all rows;
 *   "config" for `bins`.
 */
export function mutualInformationGap(
  codes: ArrayLike<number>,
  factors: ArrayLike<number>,
  { rows, bins = 20 }: MutualInformationGapOptions,
): MutualInformationGap {
  checked("mutualInformationGap", "bins", bins, whole(2));
  const latent = columnsOf("mutualInformationGap: codes", codes, rows);
  const factorCount = columnsOf("mutualInformationGap: factors", factors, rows);
  const bin = (k: number) => classesOf(intoBins(columnOf(codes, latent, k), bins));
  const binned = Array.from({ length: latent }, (_, k) => bin(k));
  const known = Array.from({ length: factorCount }, (_, k) => classesOf(columnOf(factors, factorCount, k)));
  const mutualInformation = known.map((factor) => binned.map((code) => mutualInformationOf(factor, code)));
  const gaps = known.map((factor, k) => {
    if (factor.counts.length === 1) {
      const same = `factor ${k} is ${factors[k]} in all ${rows} rows`;
      throw new ReparamError("data", `mutualInformationGap: ${same}, and has no entropy to divide by: leave it out.`);
    }
    const [largest, second = 0] = mutualInformation[k].toSorted((a, b) => b - a);
    return (largest - second) / mutualInformationOf(factor, factor);
  });
  return { gap: gaps.reduce((sum, gap) => sum + gap, 0) / factorCount, gaps, mutualInformation };
}

/** The bin of each value, 0 to bins − 1; the largest value is in the last. */
function intoBins(values: Float64Array, bins: number): Float64Array {
  const low = values.reduce((least, value) => Math.min(least, value));
  const high = values.reduce((most, value) => Math.max(most, value));
  return values.map((value) =>
    high > low ? Math.min(bins - 1, Math.floor((bins * (value - low)) / (high - low))) : 0,
  );
}

/** A column of classes: which of those that occur each row has, and how many rows each has. */
interface Classes {
  readonly of: Int32Array;
  readonly counts: readonly number[];
}

function classesOf(values: Float64Array): Classes {
  const numbers = new Map<number, number>();
  const counts: number[] = [];
  const of = Int32Array.from(values, (value) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    counts[number] = (counts[number] ?? 0) + 1;
    return number;
  });
  return { of, counts };
}

/** Nats that two columns say of each other: Σ p(a, b) ln(p(a, b) / (p(a) p(b))). Of a column and itself: its entropy. */
function mutualInformationOf(a: Classes, b: Classes): number {
  const rows = a.of.length;
  const together = new Float64Array(a.counts.length * b.counts.length);
  for (let row = 0; row < rows; row++) together[a.of[row] * b.counts.length + b.of[row]]++;
  return together.reduce((sum, count, at) => {
    if (count === 0) return sum;
    const apart = a.counts[Math.floor(at / b.counts.length)] * b.counts[at % b.counts.length];
    return sum + (count / rows) * Math.log((count * rows) / apart);
  }, 0);
}
