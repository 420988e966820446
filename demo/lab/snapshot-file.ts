import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors, type SafetensorsTensor } from "../../src/formats/safetensors.ts";
import type { Examples } from "./examples.ts";
import type { Moment, Snapshot } from "./snapshots.ts";

/** Between what the values of pictures lie. */
type Range = readonly [low: number, high: number];

/** What a run had to show, as tensors beside a line of JSON, so that a browser can keep it. */
interface Encoded {
  readonly tensors: Readonly<Record<string, SafetensorsTensor>>;
  readonly told: string;
}

const PICTURES = ["redrawn", "drawn"] as const;

/** Pictures become bytes, as they are only looked at: 255 steps of their range. */
export function encodeMoments(moments: readonly Moment[], range: Range): Encoded {
  const tensors: Record<string, SafetensorsTensor> = {};
  const told = moments.map(({ step, awake, places, sheet, ...pictures }, k) => {
    if (places)
      tensors[`${k}.places`] = {
        dtype: "F32",
        shape: [places.length / 2, 2],
        data: places as Float32Array<ArrayBuffer>,
      };
    const all = { ...pictures, sheet: sheet?.pictures };
    for (const name of [...PICTURES, "sheet"] as const) {
      const values = all[name];
      if (values) tensors[`${k}.${name}`] = { dtype: "U8", shape: [values.length], data: toBytes(values, range) };
    }
    return { step, awake, ...(sheet && { sheet: { columns: sheet.columns, reach: sheet.reach } }) };
  });
  return { tensors, told: JSON.stringify({ range, moments: told }) };
}

export function decodeMoments({ tensors, told }: Encoded): Moment[] {
  const { range, moments } = JSON.parse(told) as { range: Range; moments: Moment[] };
  const picturesOf = (name: string) => {
    const data = tensors[name]?.data as Uint8Array | undefined;
    return data && fromBytes(data, range);
  };
  return moments.map(({ sheet, ...moment }, k) => ({
    ...moment,
    places: tensors[`${k}.places`]?.data as Float32Array | undefined,
    ...Object.fromEntries(PICTURES.map((name) => [name, picturesOf(`${k}.${name}`)])),
    sheet: sheet && { ...sheet, pictures: picturesOf(`${k}.sheet`)! },
  }));
}

/** A run as a file, with what is shown of its examples where nothing else has them. */
export function encodeSnapshot({ moments, ...run }: Snapshot, range: Range, seen?: Examples): Uint8Array<ArrayBuffer> {
  const { tensors, told } = encodeMoments(moments, range);
  const few = seen && encodeExamples(seen);
  const metadata = { run: JSON.stringify(run), moments: told, ...(few && { seen: few.told }) };
  return encodeSafetensors({ ...tensors, ...few?.tensors }, metadata);
}

export function decodeSnapshot(bytes: Uint8Array): { readonly run: Snapshot; readonly seen?: Examples } {
  const { tensors, metadata } = decodeSafetensors(bytes, "The kept run");
  const run = { ...JSON.parse(metadata.run), moments: decodeMoments({ tensors, told: metadata.moments }) };
  return { run, ...(metadata.seen && { seen: decodeExamples({ tensors, told: metadata.seen }) }) };
}

function encodeExamples({ x, labels, ...told }: Examples): Encoded {
  const bytes = toBytes(x, told.range);
  const classes = Uint16Array.from(labels);
  const tensors = {
    "seen.x": { dtype: "U8", shape: [bytes.length], data: bytes },
    "seen.labels": { dtype: "U16", shape: [classes.length], data: classes },
  } as const;
  return { tensors, told: JSON.stringify(told) };
}

function decodeExamples({ tensors, told }: Encoded): Examples {
  const rest = JSON.parse(told) as Omit<Examples, "x" | "labels">;
  const x = fromBytes(tensors["seen.x"].data as Uint8Array, rest.range);
  return { ...rest, x, labels: tensors["seen.labels"].data as Uint16Array };
}

/** Rounded, and what is outside of the range brought to its end. */
function toBytes(values: Float32Array, [low, high]: Range): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(values.length);
  const scale = 255 / (high - low);
  for (let k = 0; k < values.length; k++) bytes[k] = scale * (values[k] - low);
  return new Uint8Array(bytes.buffer);
}

function fromBytes(bytes: Uint8Array, [low, high]: Range): Float32Array {
  const values = new Float32Array(bytes.length);
  const scale = (high - low) / 255;
  for (let k = 0; k < values.length; k++) values[k] = low + scale * bytes[k];
  return values;
}
