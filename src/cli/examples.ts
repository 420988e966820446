import type { DataConfig } from "../config/config.ts";
import { type Dataset, type Field, type FieldValues, type Split, storeArrays } from "../data/dataset.ts";
import { rowsAt } from "../data/hold-out.ts";
import { ReparamError } from "../errors.ts";
import { placesOf } from "../models/model.ts";
import { loadData, remarksOn, rowsOf } from "./data.ts";
import type { SavedModel } from "./saved-model.ts";
import type { Services } from "./services.ts";
import { oneWord, splits } from "./use-flags.ts";

/** Examples, and the model's fields as these data store them. */
interface Examples {
  readonly name: string;
  readonly fields: Dataset["fields"];
  readonly examples: Split;
  /** All fields of the data, also those that the model does not read. */
  readonly known: Dataset["fields"];
}

/**
 * The first `count` examples (null: all) of a split of the data that `configWith` settled on, in the file's order: the test
 * examples unless told, or those of the training where the model knows no others. The fields that are read have to be there and
 * to fit. Throws ReparamError "usage" or "data".
 */
export async function loadExamples(
  saved: SavedModel,
  data: DataConfig,
  {
    split = placesOf(saved.model) ? "train" : "test",
    count,
    reads,
  }: { readonly split?: string; readonly count: number | null; readonly reads: readonly string[] },
  services: Services,
): Promise<Examples> {
  const which = oneWord("--split", split, splits);
  const places = placesOf(saved.model);
  if (which !== "train" && places) {
    const refused = `${saved.path} knows examples by their place among the training examples: take --split train.`;
    throw new ReparamError("usage", refused);
  }
  // Training examples that nobody asked for are not made: built-in sets are drawn one by one.
  const wanted = {
    test: { ...data, trainCount: 1, trainClass: null },
    train: data,
    all: { ...data, trainClass: null },
  };
  const dataset = await loadData(wanted[which], services, saved.fields);
  for (const line of remarksOn(dataset)) services.terminal.stderr.write(`${line}\n`);
  const { train, test } = dataset;
  const all = split === "all" ? joined(dataset) : split === "train" ? train : test;
  const examples = rowsOf(dataset.fields, all, 0, Math.min(count ?? all.count, all.count));
  const index = places && { index: new storeArrays[places.store](examples.count).map((_, row) => row) };
  const fieldOf = (name: string) => (name === "index" && places ? places : fieldAsStored(saved, name, dataset));
  return {
    name: dataset.name,
    known: dataset.fields,
    fields: { ...saved.fields, ...Object.fromEntries(reads.map((name) => [name, fieldOf(name)])) },
    examples: { ...examples, values: { ...examples.values, ...index } },
  };
}

/** A field of a model as other data store it. */
function fieldAsStored({ fields, path }: SavedModel, name: string, dataset: Dataset): Field {
  const field = fields[name];
  const found = Object.hasOwn(dataset.fields, name) ? dataset.fields[name] : undefined;
  if (!found) {
    throw new ReparamError("data", `${path} reads the field "${name}", and ${dataset.name} has none of that name.`);
  }
  if (found.shape.join() !== field.shape.join()) {
    const sizes = `${found.shape.join("x")}, but ${path} was trained on ${field.shape.join("x")}`;
    throw new ReparamError("data", `Examples of ${dataset.name} are ${sizes}.`);
  }
  if ((found.classes ?? 0) > (field.classes ?? found.classes ?? 0)) {
    const known = `${found.classes} classes, but ${path} knows ${field.classes}`;
    throw new ReparamError("data", `The ${name} of ${dataset.name} has ${known}.`);
  }
  const { unit: _, ...rest } = field;
  return { ...rest, store: found.store, ...(found.unit !== undefined && { unit: found.unit }) };
}

/** Both splits: in the order of the file that they were split from, or one behind the other. */
function joined({ fields, train, test }: Dataset): Split {
  const count = train.count + test.count;
  const values = Object.entries(train.values).map(([name, first]) => {
    const second = test.values[name];
    const both = new (first.constructor as new (length: number) => FieldValues)(first.length + second.length);
    both.set(first);
    both.set(second, first.length);
    return [name, both] as const;
  });
  const both = { count, values: Object.fromEntries(values) };
  if (!train.rows || !test.rows) return both;
  const places = [...train.rows, ...test.rows];
  const order = Uint32Array.from({ length: count }, (_, k) => k).sort((a, b) => places[a] - places[b]);
  return rowsAt(fields, both, order);
}
