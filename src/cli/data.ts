import type { DataConfig } from "../config/config.ts";
import { isBuiltIn } from "../data/built-in-names.ts";
import { type Dataset, type Field, fieldSize, type Split } from "../data/dataset.ts";
import { trainedOnClass } from "../data/one-class.ts";
import { scaledBy, withScale } from "../data/scaling.ts";
import { ReparamError } from "../errors.ts";
import { isDrawable } from "../report/tiles.ts";
import type { Services } from "./services.ts";

/**
 * Loads the data that a config names, the first `trainCount` and `testCount` examples of it, scaled as it says, of those of the
 * training the class `trainClass`. `made`: the fields of a trained model that is to be used on them, whose scaling they get
 * instead.
 */
export async function loadData(
  data: DataConfig,
  { loadDataset }: Services,
  made?: Dataset["fields"],
): Promise<Dataset> {
  const { name, directory, trainCount, testCount, trainClass, scale, ...reading } = data;
  const dataset = await loadDataset(name, {
    ...reading,
    made,
    directory: directory ?? undefined,
    trainCount: trainCount ?? undefined,
    testCount: testCount ?? undefined,
  });
  const { fields, train, test } = dataset;
  const taken = {
    ...dataset,
    train: first(fields, train, trainCount, "data.trainCount", name),
    test: first(fields, test, testCount, "data.testCount", name),
  };
  const scaled = made ? (made.x?.scaling ? scaledBy(taken, made.x.scaling) : taken) : withScale(taken, scale);
  return trainClass === null ? scaled : trainedOnClass(scaled, trainClass);
}

/** What data are, and how many training examples there are. Of a built-in set no more than one is drawn for it. */
export async function describedData(
  data: DataConfig,
  services: Services,
): Promise<Pick<Dataset, "name" | "fields"> & { readonly count: number }> {
  if (!isBuiltIn(data.name) || data.trainClass !== null) {
    const { name, fields, train } = await loadData(data, services);
    return { name, fields, count: train.count };
  }
  const { loadBuiltIn } = await import("../data/built-in.ts");
  const { counts } = await loadBuiltIn(data.name);
  const { name, fields } = await loadData({ ...data, trainCount: 1, testCount: 1 }, services);
  return { name, fields, count: data.trainCount ?? counts.train };
}

function first(fields: Dataset["fields"], split: Split, count: number | null, key: string, name: string): Split {
  if (count === null || count === split.count) return split;
  if (count > split.count) {
    throw new ReparamError("config", `${key} is ${count}, but ${name} has only ${split.count} such examples.`);
  }
  return rowsOf(fields, split, 0, count);
}

/** The examples from one to before another. */
export const rowsOf = (fields: Dataset["fields"], { values, rows }: Split, from: number, to: number): Split => ({
  count: to - from,
  ...(rows && { rows: rows.subarray(from, to) }),
  values: Object.fromEntries(
    Object.entries(values).map(([name, all]) => {
      const size = fieldSize(fields[name]);
      return [name, all.subarray(from * size, to * size)];
    }),
  ),
});

/** `60,000 training and 10,000 test examples of 28x28x1, with labels of 10 classes` */
export function describeData({ name, fields, train, test }: Dataset): string {
  const counts = `${formatCount(train.count)} training and ${formatCount(test.count)} test examples`;
  const { x, label } = fields;
  const of = x ? ` of ${x.shape.join("x") || "one number"}` : "";
  return `${name}: ${counts}${of}${label?.classes ? `, in ${label.classes} classes` : ""}`;
}

/** How data were read, and why no pictures of them can be made, as lines for a person. */
export const remarksOn = ({ fields: { x }, remarks = [] }: Dataset): string[] =>
  [...remarks, ...(x?.kind === "image" && !isDrawable(x) ? [undrawableText(x)] : [])].map((text) => `note     ${text}`);

const undrawableText = ({ shape }: Field): string =>
  `no pictures are made of examples of ${shape.join("x")}: pictures have 1, 3 or 4 channels, not ${shape[2]}`;

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
