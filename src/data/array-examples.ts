import { ReparamError } from "../errors.ts";
import { asNumbers, type NumberArray } from "../formats/elements.ts";
import type { Table } from "../formats/table.ts";
import { type Dataset, type Field, type FieldValues, fieldSize } from "./dataset.ts";
import type { Examples } from "./examples.ts";
import { remarkOnCoarse, toFloats } from "./floats.ts";
import type { Labels } from "./labels.ts";
import type { ReadOptions } from "./read-options.ts";
import { lastPart } from "./source.ts";
import { tableExamples } from "./table-examples.ts";

/** Numbers of channels that images mostly have. */
const CHANNELS = [1, 3, 4];

/**
 * An array [count, ...] as examples: bytes and 16-bit numbers of a picture stand for 0..1, all others for themselves. Two numbers
 * after the count are an image, three an image with channels, one a vector. A column of an array of rows may be the class.
 * Throws ReparamError "data", naming file and index, for what is no array of examples.
 */
export function arrayExamples(
  source: string,
  array: NumberArray,
  options: ReadOptions,
  made?: Dataset["fields"],
  labels?: Labels,
): Examples {
  const { shape, data } = array;
  const [count, ...sizes] = shape;
  if (sizes.length === 0) {
    throw new ReparamError("data", `${source} holds ${count ?? 1} single numbers (labels?), expected images.`);
  }
  if (data.length === 0) {
    throw new ReparamError("data", `${source} holds no data: its shape is ${shape.join(" x ")}.`);
  }
  const inTable = typeof options.label !== "object" && options.label !== false && !labels;
  if (sizes.length === 1 && (inTable || options.ignore.length > 0)) {
    return tableExamples(source, asTable(array), options, made);
  }
  const { lying, remarks } = channelsLast(source, array, options);
  const [, ...last] = lying.shape;
  const { field, values, coarse } = fieldOf(source, lying, shapeOf(last, options.kind));
  return {
    source,
    count,
    x: field,
    values,
    ...(labels && { labels }),
    remarks: [...remarks, ...(coarse ? remarkOnCoarse(source, ["its numbers"]) : [])],
  };
}

/** A list of classes: one number for each example. Throws ReparamError "data". */
export function arrayLabels(source: string, { shape, data }: NumberArray): Labels {
  if (shape.length === 0 || shape.slice(1).some((size) => size !== 1)) {
    throw new ReparamError(
      "data",
      `${source} holds an array of ${shape.join(" x ")}, expected a list of labels (one dimension).`,
    );
  }
  return { source, values: asNumbers(data) };
}

/** An array of rows as a table without a header. */
function asTable({ shape: [rows, columns], data }: NumberArray): Table {
  const numbers = new Float64Array(asNumbers(data));
  const words = new Map<number, (string | undefined)[]>();
  numbers.forEach((value, i) => {
    if (Number.isFinite(value)) return;
    const those = words.get(i % columns) ?? [];
    words.set(i % columns, those);
    those[Math.floor(i / columns)] = String(value);
  });
  return { rows, columns, numbers, words, rowName: (row) => `row ${row + 1}` };
}

function shapeOf(sizes: readonly number[], kind: ReadOptions["kind"]): Pick<Field, "kind" | "shape"> {
  if (kind === "series" && sizes.length <= 2) return { kind, shape: sizes };
  if (kind === "vector") return { kind, shape: [sizes.reduce((product, size) => product * size, 1)] };
  if (sizes.length === 2) return { kind: "image", shape: [...sizes, 1] };
  return { kind: sizes.length === 3 ? "image" : "vector", shape: sizes };
}

function fieldOf(
  source: string,
  { shape: [, ...sizes], data }: NumberArray,
  form: Pick<Field, "kind" | "shape">,
): { field: Field; values: FieldValues; coarse: boolean } {
  if (data instanceof Uint8Array) return { field: { ...form, store: "u8", unit: 255 }, values: data, coarse: false };
  if (data instanceof Uint16Array)
    return { field: { ...form, store: "u16", unit: 65535 }, values: data, coarse: false };
  const place = (index: number) => `${source}: its number at [${indexAt(index, [fieldSize({ shape: sizes }), sizes])}]`;
  const { values, coarse } = toFloats(asNumbers(data), 1, place);
  return { field: { ...form, store: "f32" }, values, coarse: coarse.length > 0 };
}

/** The index of a number in an array, `3, 0, 5`. */
function indexAt(index: number, [size, sizes]: readonly [number, readonly number[]]): string {
  let rest = index % size;
  const inside = sizes.toReversed().map((extent) => {
    const at = rest % extent;
    rest = Math.floor(rest / extent);
    return at;
  });
  return [Math.floor(index / size), ...inside.toReversed()].join(", ");
}

/** The array with its channels behind the rest, where `channelsFirst` says that they are not. */
function channelsLast(
  source: string,
  array: NumberArray,
  { channelsFirst, kind }: ReadOptions,
): { lying: NumberArray; remarks: readonly string[] } {
  const { shape } = array;
  const hasChannels = shape.length === 4 || (shape.length === 3 && kind === "series");
  if (channelsFirst) {
    if (hasChannels) return { lying: withLastAxis(array), remarks: [] };
    const found = `an array of ${shape.join(" x ")}`;
    throw new ReparamError("data", `${source} holds ${found}, which has no channels to be first (data.channelsFirst).`);
  }
  const suspicious = shape.length === 4 && CHANNELS.includes(shape[1]) && !CHANNELS.includes(shape[3]);
  const sizes = shape.slice(1).join(" x ");
  const asked = `${lastPart(source)}: examples are ${sizes}, taken as height, width, channels; are they channels first?`;
  return { lying: array, remarks: suspicious ? [`${asked} data.channelsFirst=true turns them`] : [] };
}

/** [count, channels, ...] as [count, ..., channels] */
function withLastAxis({ shape: [count, channels, ...rest], data }: NumberArray): NumberArray {
  const result = data.slice() as typeof data;
  const positions = fieldSize({ shape: rest });
  for (let k = 0, from = 0; k < count; k++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let at = 0; at < positions; at++) result[(k * positions + at) * channels + channel] = data[from++];
    }
  }
  return { shape: [count, ...rest, channels], data: result };
}
