/** What the numbers of a field are: what commands and pictures make of them. */
export type FieldKind = "image" | "series" | "vector" | "tokens" | "label" | "bits";

/** One column of a data set: what every example has. */
export interface Field {
  readonly kind: FieldKind;
  /** Of one example: images are [height, width, channels], series [length] or [length, channels], labels []. */
  readonly shape: readonly number[];
  /** How its numbers are stored on disk, on the wire and on the GPU; kernels see f32. */
  readonly store: "u8" | "u16" | "f32";
  /** The stored number that stands for 1, such as 255 for pixels: value = stored / unit. Default 1. */
  readonly unit?: number;
  /** Of labels and tokens: how many there are. */
  readonly classes?: number;
  /** What the classes, or the columns of a vector, are called. */
  readonly names?: readonly string[];
  /** How its values were made of what stood in the data: by each column of a vector, or one pair of numbers for all. */
  readonly scaling?: Scaling;
  /** Of a mixture that is known: where its modes are, [modes][columns], and the standard deviation of each. */
  readonly modes?: { readonly centres: readonly (readonly number[])[]; readonly sigma: number };
}

/** value = (number − center) / spread */
export interface Scaling {
  readonly center: readonly number[];
  readonly spread: readonly number[];
}

/** Stored numbers of a field, row-major [count, ...shape], in the typed array that its `store` names. */
export type FieldValues = Uint8Array | Uint16Array | Float32Array;

/** The typed array of each store. */
export const storeArrays = { u8: Uint8Array, u16: Uint16Array, f32: Float32Array } as const;

/** Examples: the values of every field, by the field's name. */
export interface Split {
  readonly count: number;
  readonly values: Readonly<Record<string, FieldValues>>;
  /** Of a split that was held out of a file, or that it was held out from: where its examples stood there, ascending. */
  readonly rows?: Uint32Array;
  /** What statistics are fitted to, where these are some of more examples. */
  readonly fitted?: Split;
}

/** A data set: its fields, and two splits that have all of them. By custom `x` is what is encoded and `label` its class. */
export interface Dataset {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
  readonly train: Split;
  readonly test: Split;
  /** What a person should know of how it was read, a line each. */
  readonly remarks?: readonly string[];
}

/** The numbers of one example. */
export const fieldSize = ({ shape }: Pick<Field, "shape">): number =>
  shape.reduce((product, extent) => product * extent, 1);

/** Bytes in 0..255 that stand for 0..1: an image where the shape is [height, width, channels], else a vector. */
export const pixels = (shape: readonly number[]): Field => ({
  kind: shape.length === 3 ? "image" : "vector",
  shape,
  store: "u8",
  unit: 255,
});

/** A class of each example, 0 to classes − 1. */
export const labels = (classes: number, names?: readonly string[]): Field => ({
  kind: "label",
  shape: [],
  store: classes <= 256 ? "u8" : classes <= 65_536 ? "u16" : "f32",
  classes,
  ...(names && { names }),
});

/** Numbers that a model makes, such as codes. */
export const vector = (length: number): Field => ({ kind: "vector", shape: [length], store: "f32" });

/** Numbers near 0 or 1 that stand for bits. */
export const bits = (length: number): Field => ({ kind: "bits", shape: [length], store: "f32" });

/** A field's numbers as models see them: stored ones divided by its unit; floats given for whole numbers are values already. */
export function valuesOf(values: FieldValues, { store, unit = 1 }: Pick<Field, "store" | "unit">): Float32Array {
  if (values instanceof Float32Array && (store !== "f32" || unit === 1)) return values;
  // A loop: `Float32Array.from` with a function takes some twenty times as long.
  const result = new Float32Array(values.length);
  for (let k = 0; k < values.length; k++) result[k] = values[k] / unit;
  return result;
}
