import type { Dataset, Split } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { TrainConfig } from "../train/config.ts";
import type { Services } from "./services.ts";

/** Loads the data that a config names, the first `trainCount` and `testCount` examples of it. */
export async function loadData(data: TrainConfig["data"], { loadDataset }: Services): Promise<Dataset> {
  const { name, directory, seed, trainCount, testCount } = data;
  const dataset = await loadDataset(name, {
    directory: directory ?? undefined,
    seed,
    trainCount: trainCount ?? undefined,
    testCount: testCount ?? undefined,
  });
  return {
    ...dataset,
    train: first(dataset.train, trainCount, "data.trainCount", name),
    test: first(dataset.test, testCount, "data.testCount", name),
  };
}

function first(split: Split, count: number | null, key: string, name: string): Split {
  if (count === null || count === split.count) return split;
  if (count > split.count) {
    throw new ReparamError("config", `${key} is ${count}, but ${name} has only ${split.count} such examples.`);
  }
  const bytes = (split.examples.length / split.count) * count;
  return { count, examples: split.examples.subarray(0, bytes), labels: split.labels?.subarray(0, count) };
}

/** `60,000 training and 10,000 test examples of 28x28x1` */
export function describeData({ name, shape, train, test }: Dataset): string {
  const counts = `${formatCount(train.count)} training and ${formatCount(test.count)} test examples`;
  return `${name}: ${counts} of ${shape.join("x")}`;
}

export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
