import { type Dataset, type Field, type FieldValues, fieldSize, type Split, storeArrays } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import type { Owner } from "../gpu/owner.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import { exampleBytes, type PickedField, pickField, pickRows, type Shard, shardRows } from "../kernels/pick.ts";
import type { Model, Range } from "../models/model.ts";
import { sameShape } from "../node/node.ts";
import type { Dispatch } from "../plan/plan.ts";
import { fieldBuffer, INDEX, WEIGHT } from "./batch.ts";
import type { ObjectiveGraph } from "./objective.ts";

export const batchesOf = ({ count }: Pick<Split, "count">, batchSize: number): number => Math.ceil(count / batchSize);

/**
 * Throws ReparamError "data" where a split lacks a field that a model was made for, has examples of another shape, holds
 * other numbers than it says, a number that is not finite, or a class that there is not.
 */
export function checkSplit(
  split: Split | undefined,
  what: string,
  fields: Dataset["fields"],
  made: Dataset["fields"],
): asserts split is Split {
  const refuse = (sentence: string): never => {
    throw new ReparamError("data", sentence);
  };
  // Who writes plain JavaScript may have left it out.
  if (!split || !(split.count > 0)) return refuse(`There are no ${what} examples.`);
  for (const [name, wanted] of Object.entries(made)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field) {
      refuse(`The model reads the field "${name}", and the data have ${Object.keys(fields).join(", ") || "no field"}.`);
      continue;
    }
    if (!sameShape(field.shape, wanted.shape)) {
      const channelsFirst =
        field.shape.length === 3 && sameShape([field.shape[1], field.shape[2], field.shape[0]], wanted.shape);
      const hint = channelsFirst ? " (are they channels first? images are [height, width, channels])" : "";
      refuse(`The model takes ${name} of shape [${wanted.shape}], and the ${what} data have [${field.shape}]${hint}.`);
    }
    checkValues(name, field, split, what, refuse);
  }
}

/** Throws ReparamError "data" where a split is missing, or is not what the model takes. */
export function checkData(model: Pick<Model, "fields" | "within">, { fields, train, test }: Dataset): void {
  checkSplit(train, "training", fields, model.fields);
  if (train.fitted) checkSplit(train.fitted, "training", fields, model.fields);
  checkSplit(test, "test", fields, model.fields);
  for (const [name, range] of Object.entries(model.within ?? {})) checkRange(name, range, fields[name], train);
}

function checkRange(name: string, [low, high]: Range, field: Field, { values }: Split): void {
  const { unit = 1 } = field;
  // All that a byte can be: nothing to look at, of many.
  if (field.store === "u8" && low <= 0 && 255 <= high * unit) return;
  const beyond = values[name].find((number) => number < low * unit || number > high * unit);
  if (beyond === undefined) return;
  throw new ReparamError(
    "data",
    `The loss takes numbers from ${low} to ${high}, and ${name} has ${beyond / unit}: take data.scale=unit, loss squared or likelihood gaussian.`,
  );
}

function checkValues(
  name: string,
  field: Field,
  { count, values }: Split,
  what: string,
  refuse: (sentence: string) => void,
): void {
  const given = Object.hasOwn(values, name) ? values[name] : undefined;
  const array = storeArrays[field.store];
  if (!(given instanceof array)) {
    refuse(
      `The ${what} values of ${name} are ${given === undefined ? "missing" : `a ${given.constructor.name}`}, and the field's store ` +
        `${field.store} is a ${array.name}.`,
    );
    return;
  }
  if (given.length !== count * fieldSize(field)) {
    refuse(
      `The ${what} values of ${name} are ${given.length} numbers, which are not ${count} examples of shape [${field.shape}].`,
    );
  }
  const bad = given instanceof Float32Array ? given.findIndex((value) => !Number.isFinite(value)) : -1;
  if (bad >= 0) {
    refuse(
      `The ${what} values of ${name} are not finite: example ${Math.floor(bad / fieldSize(field))} has ${given[bad]}.`,
    );
  }
  checkClasses(`The ${what} values of ${name}`, given, field);
}

/** Throws ReparamError "data" where a field of classes has a number that is none of them. */
export function checkClasses(what: string, values: FieldValues, { classes }: Pick<Field, "classes">): void {
  if (classes === undefined) return;
  const stranger = values.findIndex((value) => !(Number.isInteger(value) && value >= 0 && value < classes));
  if (stranger < 0) return;
  throw new ReparamError(
    "data",
    `${what}: number ${stranger} is ${values[stranger]}, and there are classes 0 to ${classes - 1}.`,
  );
}

/** How a split lies on the GPU: the shards of each field, under the names that picking calls them. */
export type SplitLayout = ReadonlyMap<string, readonly Shard[]>;

export interface SplitOptions {
  readonly fields: Dataset["fields"];
  /** The fields that are there. */
  readonly reads: ReadonlySet<string>;
  readonly count: number;
  /** The most bytes of one buffer. */
  readonly shardBytes: number;
}

/** Each field in as many shards as make it fit. Throws ReparamError "memory" where one example alone does not. */
export const splitLayout = ({ fields, reads, count, shardBytes }: SplitOptions): SplitLayout =>
  new Map(
    [...reads].map((name) => {
      const rowBytes = exampleBytes(pickedField(fields[name]));
      return [
        name,
        shardRows(rowBytes, count, shardBytes).map((shard, k) => ({ ...shard, buffer: `data ${name} ${k}` })),
      ];
    }),
  );

/** What fills the batch that graphs read: their fields, and weight and index. */
export function picksFor(
  graphs: readonly Pick<ObjectiveGraph, "reads" | "readsIndex">[],
  layout: SplitLayout,
  {
    fields,
    batchSize,
    shuffle,
    profile,
  }: {
    readonly fields: Dataset["fields"];
    readonly batchSize: number;
    readonly shuffle: boolean;
    readonly profile: DeviceProfile;
  },
): Dispatch[] {
  const ofFields = [...readsOf(graphs)].flatMap((name) =>
    layout
      .get(name)!
      .map((shard) =>
        pickField({ field: pickedField(fields[name]), shard, into: fieldBuffer(name), batchSize, shuffle, profile }),
      ),
  );
  const readsIndex = graphs.some((graph) => graph.readsIndex);
  return readsIndex || ofFields.length === 0 ? [...ofFields, pickRows({ batchSize, shuffle })] : ofFields;
}

export const readsOf = (graphs: readonly Pick<ObjectiveGraph, "reads">[]): ReadonlySet<string> =>
  new Set(graphs.flatMap(({ reads }) => [...reads]));

/** A split on the GPU. */
export interface SplitOnGpu {
  readonly layout: SplitLayout;
  /** Its buffers by their names. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  readonly count: number;
}

/** Puts those fields of a split on the GPU that are read. `label` is for messages: `training`, `test`. */
export function uploadSplit(
  device: Device,
  own: Owner["own"],
  split: Split,
  options: Pick<SplitOptions, "fields" | "reads"> & { readonly label: string; readonly shardBytes?: number },
): SplitOnGpu {
  const { fields, label, shardBytes = largestBinding(device) } = options;
  const layout = splitLayout({ ...options, count: split.count, shardBytes });
  const buffers: Record<string, GPUBuffer> = {};
  for (const [name, shards] of layout) {
    const size = fieldSize(fields[name]);
    for (const { buffer, bytes, first, count } of shards) {
      buffers[buffer] = own(storageBuffer(device, bytes, `${label} data`));
      upload(device, buffers[buffer], split.values[name].subarray(first * size, (first + count) * size));
    }
  }
  return { layout, buffers, count: split.count };
}

export const largestBinding = ({ gpu: { limits } }: Device): number =>
  Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);

/** The buffers that a batch is picked into. */
export function batchBuffers(
  device: Device,
  own: Owner["own"],
  fields: Dataset["fields"],
  graphs: readonly Pick<ObjectiveGraph, "reads" | "readsIndex">[],
  batchSize: number,
): Record<string, GPUBuffer> {
  const storage = (numbers: number, label: string) => own(storageBuffer(device, 4 * numbers, `batch ${label}`));
  const buffers: Record<string, GPUBuffer> = {
    [WEIGHT]: storage(batchSize, "weights"),
    [INDEX]: storage(batchSize, "index"),
  };
  for (const name of readsOf(graphs)) buffers[fieldBuffer(name)] = storage(batchSize * fieldSize(fields[name]), name);
  return buffers;
}

/** Bytes of an example of a field as it lies on the GPU. */
export const pickedBytes = (field: Field): number => exampleBytes(pickedField(field));

const pickedField = (field: Field): PickedField => ({
  size: fieldSize(field),
  store: field.store,
  unit: field.unit ?? 1,
});

/** What a caller may give for a field: stored numbers, or values, in any array. */
export type Numbers = FieldValues | Uint8ClampedArray | Float64Array | readonly number[];

/**
 * A caller's numbers as a field has them: bytes and 16-bit numbers are stored ones, floats and plain numbers are values.
 * Throws ReparamError "data" for a number that is not finite, with its index.
 */
export function asFieldValues(name: string, given: Numbers): FieldValues {
  if (given instanceof Uint8Array || given instanceof Uint16Array) return given;
  if (given instanceof Uint8ClampedArray) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const values = given instanceof Float32Array ? given : Float32Array.from(given);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new ReparamError("data", `${name}: number ${bad} is ${given[bad]}, and has to be finite.`);
}
