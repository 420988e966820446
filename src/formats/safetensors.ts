import { ReparamError } from "../errors.ts";

/**
 * safetensors: u64 little-endian header length N, N bytes of JSON (padded with spaces), then the tensors' bytes without holes.
 * The rules are those of https://huggingface.co/docs/safetensors and of its Python reader.
 */

/** The element types written here, with the typed array that holds each. */
export const ARRAY_OF = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;

export type SafetensorsDtype = keyof typeof ARRAY_OF;

/** One tensor: row-major `data` of `shape`, in the typed array that belongs to `dtype` (F32: Float32Array, and so on). */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly data: InstanceType<(typeof ARRAY_OF)[SafetensorsDtype]>;
}

/** What a file holds. Both objects have no prototype, so any name in the file is only a name. */
export interface SafetensorsFile {
  readonly tensors: { readonly [name: string]: SafetensorsTensor };
  readonly metadata: { readonly [key: string]: string };
}

/**
 * Encodes tensors and metadata as a safetensors file. The bytes do not depend on the order of the keys: tensors lie by
 * falling element size and then by name, so that each is aligned to its element size. Throws `usage` for a tensor whose
 * data do not fit its shape and dtype, or an impossible name.
 */
export function encodeSafetensors(
  tensors: { readonly [name: string]: SafetensorsTensor },
  metadata: { readonly [key: string]: string },
): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor }));
  for (const { name, dtype, shape, data } of entries) {
    if (name === "__metadata__" || name === "__proto__") {
      throw new ReparamError("usage", `A tensor cannot be called "${name}" in a safetensors file; rename it.`);
    }
    if (!(data instanceof ARRAY_OF[dtype]) || elementCount(shape) !== data.length) {
      const held = `${data.constructor.name} of ${data.length} elements`;
      throw new ReparamError(
        "usage",
        `The tensor "${name}" is declared ${dtype} [${shape}] but its data is a ${held}.`,
      );
    }
  }
  entries.sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || compareNames(a.name, b.name));

  // The header is written by hand: JSON.stringify would move keys that look like integers to the front.
  const fields: string[] = [];
  const keys = Object.keys(metadata).sort(compareNames);
  if (keys.length > 0) {
    const pairs = keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`);
    fields.push(`"__metadata__":{${pairs.join(",")}}`);
  }
  let dataBytes = 0;
  for (const { name, dtype, shape, data } of entries) {
    const offsets = [dataBytes, dataBytes + data.byteLength];
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`);
    dataBytes += data.byteLength;
  }
  const header = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerBytes = Math.ceil(header.length / 8) * 8;

  const file = new Uint8Array(8 + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(header, 8);
  let offset = 8 + headerBytes;
  for (const { data } of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

/** The product of a shape, or undefined where it is not a list of natural numbers or the product is not exact. */
export function elementCount(shape: unknown): number | undefined {
  if (!isNaturalArray(shape)) return undefined;
  let count = 1;
  for (const size of shape) {
    count *= size;
    // Checked at each size, as Python's reader does: 0 · 2⁵³ · 2⁵³ would otherwise pass in one order only.
    if (!Number.isSafeInteger(count * 8)) return undefined;
  }
  return count;
}

export const isNaturalArray = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);

/** By UTF-16 code unit: the same on every machine, whatever its locale. */
const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
