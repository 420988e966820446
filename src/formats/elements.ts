import { fromHalves } from "./half.ts";

// The numbers of arrays in files: typed arrays in either byte order, whatever the machine's.

/** Element types by NumPy's short names, with the typed array that holds each exactly; two-byte floats become f32. */
export const ARRAY_OF = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f4: Float32Array,
  f8: Float64Array,
} as const;

export type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;
export type ElementType = keyof typeof ARRAY_OF | "f2";

/** A row-major array of any rank; the class of `data` says the element type. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly data: Elements;
}

/** Bytes of one element. */
export const elementBytes = (type: ElementType): number => Number(type[1]);

/** A copy of whole elements, as numbers of this machine. */
export function readElements(bytes: Uint8Array, type: ElementType, bigEndian: boolean): Elements {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (bigEndian) swapBytes(copy, elementBytes(type));
  return type === "f2" ? fromHalves(new Uint16Array(copy.buffer)) : new ARRAY_OF[type](copy.buffer);
}

/** The bytes of elements, as a copy. */
export function elementsAsBytes(data: Elements, bigEndian: boolean): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(data.byteLength);
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (bigEndian) swapBytes(copy, data.BYTES_PER_ELEMENT);
  return copy;
}

/** Turns the bytes of each element round. */
function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
}

/** The elements as ordinary numbers; of 64-bit integers the nearest double. */
export const asNumbers = (data: Elements): Exclude<Elements, BigInt64Array | BigUint64Array> =>
  data instanceof BigInt64Array || data instanceof BigUint64Array ? Float64Array.from(data, Number) : data;

/** Elements that lie column-major (the first index runs fastest), row-major. */
export function fromColumnMajor<Data extends Elements>(data: Data, shape: readonly number[]): Data {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const result = data.slice() as Data;
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from];
    // The next index: the last axis runs fastest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
