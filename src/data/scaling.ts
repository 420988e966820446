import { type Dataset, type Field, fieldSize, type Scaling, type Split, valuesOf } from "./dataset.ts";

/**
 * How the values of `x` are scaled: not at all; so that those of the training split lie in 0..1; or have mean 0 and standard
 * deviation 1 there. Each column of a vector has its own scale, an image or a series one for all of its numbers.
 */
export const scales = ["none", "unit", "standard"] as const;

export type Scale = (typeof scales)[number];

/** So many names are told in a line. */
const SHOWN = 8;

/** The data with `x` scaled by what its training split is like, and remarks on columns that say nothing and on values as they are. */
export function withScale(dataset: Dataset, scale: Scale): Dataset {
  const { fields, train, remarks = [] } = dataset;
  const { x } = fields;
  const said = x.kind === "vector" && x.store === "f32" ? remarkOnConstants(x, train) : [];
  if (scale !== "none") return { ...scaledBy(dataset, learn(x, train, scale)), remarks: [...remarks, ...said] };
  return { ...dataset, remarks: [...remarks, ...said, ...(x.store === "f32" ? remarkOnRange(train) : [])] };
}

/** The data with `x` scaled as other data were: by numbers that were learnt from them. */
export function scaledBy(dataset: Dataset, scaling: Scaling): Dataset {
  const { x, ...others } = dataset.fields;
  const { unit: _, ...rest } = x;
  const scaleSplit = (split: Split): Split => ({
    ...split,
    values: { ...split.values, x: scaleValues(valuesOf(split.values.x, x), scaling) },
  });
  return {
    ...dataset,
    fields: { ...others, x: { ...rest, store: "f32", scaling } },
    train: scaleSplit(dataset.train),
    test: scaleSplit(dataset.test),
  };
}

function scaleValues(values: Float32Array, { center, spread }: Scaling): Float32Array {
  const columns = center.length;
  return new Float32Array(values.length).map((_, i) => (values[i] - center[i % columns]) / spread[i % columns]);
}

/** What `scale` takes off and divides by. What is always the same becomes 0, and is divided by nothing. */
function learn(field: Field, split: Split, scale: "unit" | "standard"): Scaling {
  const values = valuesOf(split.values.x, field);
  const columns = columnsOf(field);
  const { low, high } = extremes(values, columns);
  const range = high.map((top, k) => top - low[k]);
  if (scale === "unit") return { center: [...low], spread: [...range].map((size) => size || 1) };
  const rows = values.length / columns;
  const sum = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) sum[i % columns] += values[i];
  const center = [...sum].map((total, k) => (range[k] === 0 ? low[k] : total / rows));
  const squares = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) squares[i % columns] += (values[i] - center[i % columns]) ** 2;
  return { center, spread: [...squares].map((total, k) => (range[k] === 0 ? 1 : Math.sqrt(total / rows))) };
}

const columnsOf = (field: Field): number => (field.kind === "vector" ? fieldSize(field) : 1);

function extremes(values: Float32Array, columns: number): { low: Float64Array; high: Float64Array } {
  const low = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < values.length; i++) {
    const column = i % columns;
    if (values[i] < low[column]) low[column] = values[i];
    if (values[i] > high[column]) high[column] = values[i];
  }
  return { low, high };
}

function remarkOnConstants(x: Field, train: Split): string[] {
  const columns = fieldSize(x);
  const { low, high } = extremes(valuesOf(train.values.x, x), columns);
  const names = [...low.keys()].filter((k) => low[k] === high[k]).map((k) => x.names?.[k] ?? String(k + 1));
  if (names.length === 0) return [];
  const shown =
    names.length > SHOWN ? `${names.slice(0, SHOWN).join(", ")} and ${names.length - SHOWN} more` : names.join(", ");
  return [`always the same in the training examples: ${names.length === 1 ? "column" : "columns"} ${shown}`];
}

function remarkOnRange({ values: { x } }: Split): string[] {
  const { low, high } = extremes(x as Float32Array, 1);
  if (low[0] >= 0 && high[0] <= 1) return [];
  const from = `${Number(low[0].toPrecision(4))} to ${Number(high[0].toPrecision(4))}`;
  return [`values lie in ${from}; data.scale=unit (0..1) or standard (mean 0, deviation 1) scales them`];
}
