import { type Dataset, fieldSize, type Split } from "../data/dataset.ts";
import type { Model } from "../models/model.ts";
import type { Uses } from "./uses.ts";

/** Numbers of a use's results that are held at once. */
const HELD = 2 ** 22;

export interface MeasuredOptions {
  readonly fields: Dataset["fields"];
  readonly split: Split;
  /** Of the codes that are drawn. */
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Runs a use over all examples, part by part; false where the data lack what it takes. */
export async function overExamples(
  { uses: stated }: Model,
  uses: Uses,
  name: string,
  { fields, split, signal }: MeasuredOptions,
  each: (values: Float32Array, first: number) => void,
): Promise<boolean> {
  const { from, to } = stated[name];
  const names = Object.keys(from);
  if (names.some((key) => !fields[key] && key !== "index")) return false;
  const most = Math.max(1, Math.floor(HELD / fieldSize(to)));
  for (let first = 0; first < split.count; first += most) {
    const count = Math.min(most, split.count - first);
    const inputs = names.map((key) => {
      if (key === "index") return [key, Float32Array.from({ length: count }, (_, row) => first + row)] as const;
      const size = fieldSize(fields[key]);
      return [key, split.values[key].subarray(first * size, (first + count) * size)] as const;
    });
    each(await uses.run(name, count, Object.fromEntries(inputs), { signal }), first);
  }
  return true;
}
