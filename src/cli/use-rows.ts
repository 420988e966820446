import type { DataConfig } from "../config/config.ts";
import { type Dataset, type FieldValues, fieldSize } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { readCodes } from "./code-files.ts";
import { loadExamples } from "./examples.ts";
import type { SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { wholeNumber } from "./use-flags.ts";
import type { ModelCommand } from "./use-table.ts";

/** What a use is run on. */
export interface Rows {
  readonly count: number;
  /** Where they come from, in words. */
  readonly what: string;
  /** The model's fields, as the inputs are stored. */
  readonly fields: Dataset["fields"];
  readonly inputs: Readonly<Record<string, FieldValues>>;
  /** The true class of each, where the data say it. */
  readonly labels?: FieldValues;
}

interface RowOptions {
  readonly data: DataConfig;
  readonly split?: string;
  readonly label?: string;
  /** How many; null: all there are. */
  readonly wanted: number | null;
  /** The file that holds them. */
  readonly codes?: string;
}

/** The rows that a command's use takes. Throws ReparamError "usage" or "data". */
export async function rowsFor(
  { use, rows }: ModelCommand,
  saved: SavedModel,
  { data, split, label, wanted, codes }: RowOptions,
  services: Services,
): Promise<Rows> {
  const { from } = saved.model.uses[use];
  checkLabel(saved, use, label);
  if (rows === "examples") {
    const reads = Object.keys(from);
    const { name, fields, examples } = await loadExamples(saved, data, { split, count: wanted, reads }, services);
    const inputs = Object.fromEntries(reads.map((key) => [key, examples.values[key]]));
    const { label: labels } = examples.values;
    return { count: examples.count, what: name, fields, inputs, ...(labels && { labels }) };
  }
  const given = rows === "codes" ? await readCodes(codes!, from.code) : undefined;
  const count = given ? Math.min(given.count, wanted ?? given.count) : wanted!;
  const code = given && { code: given.codes.subarray(0, count * fieldSize(from.code)) };
  const classes = from.label && { label: labelsFor(saved.fields.label, label, count) };
  return { count, what: codes ?? saved.path, fields: saved.fields, inputs: { ...code, ...classes } };
}

/** Throws ReparamError "usage" for a --label that a use does not take. */
export function checkLabel({ model, path }: SavedModel, use: string, label: string | undefined): void {
  if (label === undefined || model.uses[use].from.label) return;
  throw new ReparamError("usage", `--label goes with models that take a class, and ${path} takes none to ${use}.`);
}

/** The class that --label names for all rows, by its name or its number; or each class in turn. */
export function labelsFor(
  { classes = 1, names, store }: Dataset["fields"][string],
  label: string | undefined,
  count: number,
): FieldValues {
  const named = label === undefined ? -1 : (names?.indexOf(label) ?? -1);
  const chosen = label === undefined ? undefined : named >= 0 ? named : wholeNumber("--label", label, 0, classes - 1);
  const values = store === "u8" ? new Uint8Array(count) : new Uint16Array(count);
  return values.map((_, row) => chosen ?? row % classes);
}
