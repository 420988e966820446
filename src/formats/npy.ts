import { ReparamError } from "../errors.ts";

/**
 * NumPy's .npy: version 1 is written; versions 1 and 2 (2 has a longer header length) are read.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

/** Element types by NumPy's name: little-endian float32, float64, int32, int64, and bytes. */
const ARRAY_OF = {
  "<f4": Float32Array,
  "<f8": Float64Array,
  "<i4": Int32Array,
  "<i8": BigInt64Array,
  "|u1": Uint8Array,
} as const;

type Descriptor = keyof typeof ARRAY_OF;

/** A row-major array of any rank; the class of `data` says the element type (int64 is a BigInt64Array). */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: InstanceType<(typeof ARRAY_OF)[Descriptor]>;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** NumPy has no arrays of more dimensions, and by default reads no longer headers. */
const MAX_RANK = 64;
const MAX_HEADER_BYTES = 10_000;

/** Encodes an array as .npy. Throws `usage` when the shape does not describe the data. */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array<ArrayBuffer> {
  const descriptor = Object.entries(ARRAY_OF).find(([, array]) => data instanceof array)?.[0];
  const natural = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (descriptor === undefined || shape.length > MAX_RANK || !natural || product(shape) !== data.length) {
    const held = `${data.constructor.name} of ${data.length} elements`;
    throw new ReparamError("usage", `A .npy array of shape (${shape.join(", ")}) cannot be made from a ${held}.`);
  }
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The header ends in a newline and is padded with spaces so that the data start at a multiple of 64.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;

  const file = new Uint8Array(start + data.byteLength);
  file.set([...MAGIC, 1, 0]);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${text.padEnd(start - 11)}\n`), 10);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return file;
}

/** Decodes a .npy file into a copy of its array. Throws `data`, naming the file, for anything it cannot read exactly. */
export function decodeNpy(bytes: Uint8Array, fileName: string): NpyArray {
  const refuse = (what: string): never => {
    throw new ReparamError("data", `${fileName} is not a usable .npy file: ${what}.`);
  };
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) refuse("it does not start with NumPy's magic bytes");
  const version = bytes[6];
  if ((version !== 1 && version !== 2) || bytes[7] !== 0) {
    refuse(`it has the format version ${bytes[6]}.${bytes[7]}; 1.0 and 2.0 can be read`);
  }
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix) refuse(`it ends after ${bytes.length} bytes, inside its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefix);
  const start = prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start - prefix > MAX_HEADER_BYTES) refuse(`it claims a header of ${start - prefix} bytes`);
  if (start > bytes.length) refuse(`its header should end at byte ${start} but the file has ${bytes.length} bytes`);

  const header = new TextDecoder("latin1").decode(bytes.slice(prefix, start));
  const { descriptor, fortran, shape } = parseHeader(header) ?? refuse("its header cannot be understood");
  if (!Object.hasOwn(ARRAY_OF, descriptor)) {
    refuse(`its element type is '${descriptor}'; readable types are ${Object.keys(ARRAY_OF).join(", ")}`);
  }
  // With at most one size above 1 (or no element), both orders are the same bytes.
  if (fortran && shape.filter((size) => size !== 1).length > 1) {
    refuse("its array is in Fortran (column-major) order; save numpy.ascontiguousarray(array) instead");
  }
  const array = ARRAY_OF[descriptor as Descriptor];
  const expected = product(shape) * array.BYTES_PER_ELEMENT;
  const found = bytes.length - start;
  if (found !== expected) {
    const what = found < expected ? "is truncated" : "has trailing bytes";
    refuse(`it ${what}: shape (${shape.join(", ")}) of '${descriptor}' needs ${expected} bytes and ${found} are there`);
  }
  const copy = new Uint8Array(expected);
  copy.set(bytes.subarray(start));
  return { shape, data: new array(copy.buffer) };
}

/** Reads the Python dictionary literal of the header: three keys, in any order. */
function parseHeader(header: string): { descriptor: string; fortran: boolean; shape: number[] } | undefined {
  const literal = /^\{\s*((?:'\w+'\s*:\s*(?:'[^']*'|True|False|\([\d,\s]*\))\s*,?\s*){3})\}\s*$/.exec(header);
  if (literal === null) return undefined;
  const descriptor = /'descr'\s*:\s*'([^']*)'/.exec(literal[1]!)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(literal[1]!)?.[1];
  const tuple = /'shape'\s*:\s*\(\s*((?:\d+\s*,\s*)*\d*)\s*\)/.exec(literal[1]!)?.[1];
  if (descriptor === undefined || fortran === undefined || tuple === undefined) return undefined;
  const shape = tuple.split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)]));
  return shape.every(Number.isSafeInteger) ? { descriptor, fortran: fortran === "True", shape } : undefined;
}

const product = (shape: readonly number[]): number => shape.reduce((count, size) => count * size, 1);
