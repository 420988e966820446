import { type Field, type FieldValues, fieldSize } from "../../data/dataset.ts";
import { ReparamError } from "../../errors.ts";
import { loadExamples } from "../examples.ts";
import { wholeNumber } from "../use-flags.ts";
import type { Rows } from "../use-rows.ts";
import type { SamplerInput } from "./sampler.ts";

/** Some examples of a split, as the inputs of a use. */
export interface PickedExamples extends Rows {
  /** Where each stands in its split. */
  readonly rows: readonly number[];
}

/** The numbers of --row; undefined where it was not given. Throws ReparamError "usage". */
export const rowNumbers = (text: string | undefined): number[] | undefined =>
  text?.split(",").map((part) => wholeNumber("--row", part.trim(), 0, 1_000_000_000));

/**
 * The examples at `rows`, or as many of the first as `most` says. Classes are among them where decoding takes them. Throws
 * ReparamError "usage" for rows that there are not, "data" for data that do not fit.
 */
export async function pickedExamples(
  { saved, data, flags: { split }, services }: SamplerInput,
  use: string,
  wanted: { readonly rows: readonly number[] } | { readonly most: number },
): Promise<PickedExamples> {
  const { uses } = saved.model;
  const needed = Object.keys(uses[use].from);
  const reads = [...new Set([...needed, ...Object.keys(uses.decode.from)])].filter((name) => name !== "code");
  const last = "rows" in wanted ? Math.max(...wanted.rows) : wanted.most - 1;
  const { name, fields, examples } = await loadExamples(saved, data, { split, count: last + 1, reads }, services);
  const rows = "rows" in wanted ? wanted.rows : Array.from({ length: examples.count }, (_, row) => row);
  if ("rows" in wanted && last >= examples.count) {
    const there = `${name} has ${examples.count} such examples, 0 to ${examples.count - 1}`;
    throw new ReparamError("usage", `--row ${last} is none of them: ${there}.`);
  }
  const at = (key: string): FieldValues => {
    const [values, size] = [examples.values[key], fieldSize(fields[key])];
    const picked = new (values.constructor as new (length: number) => FieldValues)(rows.length * size);
    rows.forEach((row, k) => {
      picked.set(values.subarray(row * size, (row + 1) * size), k * size);
    });
    return picked;
  };
  const inputs = Object.fromEntries(needed.map((key) => [key, at(key)]));
  return {
    rows,
    count: rows.length,
    what: name,
    fields,
    inputs,
    // Decoding takes them as the model's own data stored them.
    ...(uses.decode.from.label && { labels: arrayOf(saved.fields.label).from(at("label")) }),
  };
}

const arrayOf = ({ store }: Pick<Field, "store">) => (store === "u8" ? Uint8Array : Uint16Array);
