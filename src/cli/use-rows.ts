import type { DataConfig } from "../config/config.ts";
import { type Dataset, type Field, type FieldValues, fieldSize, storeArrays } from "../data/dataset.ts";
import { classNamed } from "../data/one-class.ts";
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
  /** The true class of each, where the data say it, and what the classes are. */
  readonly labels?: FieldValues;
  readonly label?: Field;
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
  { use, rows }: Pick<ModelCommand, "use" | "rows">,
  saved: SavedModel,
  { data, split, label, wanted, codes }: RowOptions,
  services: Services,
): Promise<Rows> {
  const { from } = saved.model.uses[use];
  checkLabel(saved, use, label);
  if (rows === "examples") {
    // What is known by its place is shown beside the example that lies there.
    const reads = Object.keys(from.index ? { ...saved.model.fields, ...from } : from);
    const asked = { split, count: wanted, reads };
    const { name, fields, examples, known } = await loadExamples(saved, data, asked, services);
    const { count, values } = examples;
    const inputs = Object.fromEntries(reads.map((key) => [key, values[key]]));
    return {
      count,
      what: name,
      fields,
      inputs,
      ...(values.label && { labels: values.label, label: known.label }),
    };
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
export function labelsFor(field: Field, label: string | undefined, count: number): FieldValues {
  const { classes = 1, store } = field;
  const chosen =
    label === undefined ? undefined : (classNamed(field, label) ?? wholeNumber("--label", label, 0, classes - 1));
  return new storeArrays[store](count).map((_, row) => chosen ?? row % classes);
}
