import { signal } from "@preact/signals";
import { type Dataset, type FieldValues, storeArrays } from "../../src/data/dataset.ts";
import { keepFile, keptFile } from "../../src/data/kept-files.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors, type SafetensorsTensor } from "../../src/formats/safetensors.ts";

/** A person's own data as the browser keeps them, so that a run on them survives a reload. */

/** Those of the run that is kept stay until one on other data is kept, too: so there is room for two. */
const fileOf = (slot: number) => `own-data-${slot}.safetensors`;
const NOTE = "own-data.json";
/** Larger data are not kept. */
const MOST_BYTES = 64 * 2 ** 20;

const DTYPES = { u8: "U8", u16: "U16", f32: "F32" } as const;
const SPLITS = ["train", "test"] as const;

/** Whether a reload finds the data that are there now; undefined before that is known. */
export const ownIsKept = signal<boolean | undefined>(undefined);

/** The data set as one file. */
export function encodeDataset({ name, fields, remarks, ...splits }: Dataset): Uint8Array<ArrayBuffer> {
  const tensors = SPLITS.flatMap((split) =>
    Object.entries(fields).map(([field, { store, shape }]) => {
      const { count, values } = splits[split];
      return [`${split}.${field}`, { dtype: DTYPES[store], shape: [count, ...shape], data: values[field] }] as const;
    }),
  );
  return encodeSafetensors(Object.fromEntries(tensors) as Record<string, SafetensorsTensor>, {
    dataset: JSON.stringify({ name, fields, remarks }),
  });
}

export function decodeDataset(bytes: Uint8Array): Dataset {
  const { tensors, metadata } = decodeSafetensors(bytes, "The kept data");
  const { name, fields, remarks } = JSON.parse(metadata.dataset) as Omit<Dataset, "train" | "test">;
  const splitOf = (split: (typeof SPLITS)[number]) => {
    const found = Object.entries(fields).map(([field, { store }]) => {
      const { data, shape } = tensors[`${split}.${field}`];
      return { count: shape[0], entry: [field, new storeArrays[store](data as FieldValues)] as const };
    });
    return { count: found[0].count, values: Object.fromEntries(found.map(({ entry }) => entry)) };
  };
  return { name, fields, ...(remarks && { remarks }), train: splitOf("train"), test: splitOf("test") };
}

let keeping: Promise<boolean> = Promise.resolve(false);

/** Keeps data, where they are small enough and the browser has the room. */
export function keepOwn(data: Dataset): void {
  ownIsKept.value = undefined;
  keeping = keep(data);
  void keeping.then((kept) => {
    ownIsKept.value = kept;
  });
}

async function keep(data: Dataset): Promise<boolean> {
  const size = SPLITS.reduce(
    (sum, split) => Object.values(data[split].values).reduce((bytes, { byteLength }) => bytes + byteLength, sum),
    0,
  );
  if (size > MOST_BYTES) return false;
  try {
    const { last, names } = await readNote();
    const slot = 1 - last;
    await keepFile(fileOf(slot), encodeDataset(data));
    const note: Note = { last: slot, names: names.with(slot, data.name) };
    await keepFile(NOTE, new TextEncoder().encode(JSON.stringify(note)));
    return true;
  } catch {
    return false;
  }
}

/** Where the data that were kept last lie, and the names of both. */
interface Note {
  readonly last: number;
  readonly names: readonly string[];
}

async function readNote(): Promise<Note> {
  const bytes = await keptFile(NOTE);
  return bytes ? JSON.parse(new TextDecoder().decode(bytes)) : { last: 1, names: ["", ""] };
}

/** Whether the data that were given last are kept, once that is known. */
export const keptLast = (): Promise<boolean> => keeping;

/** The data of a name that were kept; undefined where there are none. */
export async function keptOwn(name: string): Promise<Dataset | undefined> {
  try {
    const slot = (await readNote()).names.indexOf(name);
    const bytes = slot < 0 ? undefined : await keptFile(fileOf(slot));
    if (!bytes) return undefined;
    const data = decodeDataset(bytes);
    keeping = Promise.resolve(true);
    ownIsKept.value = true;
    return data;
  } catch {
    return undefined;
  }
}
