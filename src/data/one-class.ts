import { ReparamError } from "../errors.ts";
import type { Dataset, Field } from "./dataset.ts";
import { rowsAt } from "./hold-out.ts";

/** The number of a class that is meant by its name or its number; undefined where there is none. A name goes first. */
export function classNamed({ classes = 0, names }: Field, wanted: string | number): number | undefined {
  const named = names?.indexOf(String(wanted)) ?? -1;
  if (named >= 0) return named;
  const number = wanted === "" ? Number.NaN : Number(wanted);
  return Number.isInteger(number) && number >= 0 && number < classes ? number : undefined;
}

/**
 * Data whose training examples are those of one class, by its name or its number, as a detector of anomalies is trained on what
 * is normal. The test examples stay all there are, and statistics are fitted to all training examples.
 * Throws ReparamError "data" where the data have no such class, or no training example of it.
 */
export function trainedOnClass(dataset: Dataset, wanted: string | number): Dataset {
  const { name, fields, train } = dataset;
  const refuse = (sentence: string): never => {
    throw new ReparamError("data", `${name} ${sentence}.`);
  };
  const field = fields.label;
  if (field?.kind !== "label") return refuse(`has no classes, and is to be trained on class ${wanted}: leave it out`);
  const known = Array.from({ length: Math.min(field.classes ?? 0, 20) }, (_, k) => field.names?.[k] ?? String(k));
  const number = classNamed(field, wanted) ?? refuse(`has no class ${wanted}; it has ${known.join(", ")}`);
  const labels = train.values.label;
  const rows = Uint32Array.from(labels.keys()).filter((row) => labels[row] === number);
  if (rows.length === 0) refuse(`has no training example of class ${wanted}`);
  return { ...dataset, train: { ...rowsAt(fields, train, rows), fitted: train } };
}
