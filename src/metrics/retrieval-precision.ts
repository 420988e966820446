import { ReparamError } from "../errors.ts";
import { checked, whole } from "../schema/constraints.ts";
import type { RowsOption } from "./rows.ts";

export interface RetrievalOptions extends RowsOption {
  /** How many of the nearest codes are looked at: 100 unless given, and all others where there are fewer. */
  readonly nearest?: number;
  /** How many of the rows are looked up, evenly spread: all unless given. */
  readonly queries?: number;
}

/** Ones among the bits of each byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => [...byte.toString(2)].filter((bit) => bit === "1").length);

/**
 * Of the codes that are the nearest to one, by how many bits differ, the share that has its class: the mean over the rows
 * that are looked up. Where only some of the codes at one distance are among the nearest, each of them counts in part, so
 * that no order decides (Salakhutdinov and Hinton 2009, https://doi.org/10.1016/j.ijar.2008.11.006, measure the same).
 *
 * @param bits [rows, bytes]: what `packedBits` gives
 * @param labels [rows]: a class of each row
 * @throws ReparamError "data" where these are no rows of equal length, or one alone; "config" for the options.
 */
export function retrievalPrecision(
  bits: Uint8Array,
  labels: ArrayLike<number>,
  { rows, nearest = 100, queries = rows }: RetrievalOptions,
): number {
  checked("retrievalPrecision", "nearest", nearest, whole(1));
  checked("retrievalPrecision", "queries", queries, whole(1));
  const bytes = bits.length / rows;
  if (!(Number.isInteger(bytes) && bytes > 0 && rows > 1 && labels.length === rows)) {
    const found = `${bits.length} bytes and ${labels.length} labels are not ${rows} codes of equal length`;
    throw new ReparamError("data", `retrievalPrecision: ${found}, two or more, with a class each.`);
  }
  const wanted = Math.min(nearest, rows - 1);
  const asked = Math.min(queries, rows);
  let sum = 0;
  for (let k = 0; k < asked; k++) sum += precisionOf(Math.floor((k * rows) / asked), bits, labels, bytes, wanted);
  return sum / asked;
}

function precisionOf(row: number, bits: Uint8Array, labels: ArrayLike<number>, bytes: number, wanted: number): number {
  // How many other codes there are at each distance, and how many of them have the row's class.
  const all = new Uint32Array(8 * bytes + 1);
  const same = new Uint32Array(8 * bytes + 1);
  for (let other = 0; other < labels.length; other++) {
    if (other === row) continue;
    let distance = 0;
    for (let k = 0; k < bytes; k++) distance += ONES[bits[row * bytes + k] ^ bits[other * bytes + k]];
    all[distance]++;
    if (labels[other] === labels[row]) same[distance]++;
  }
  let [rest, found] = [wanted, 0];
  for (let distance = 0; rest > 0; distance++) {
    const taken = Math.min(rest, all[distance]);
    if (taken > 0) found += (same[distance] * taken) / all[distance];
    rest -= taken;
  }
  return found / wanted;
}
