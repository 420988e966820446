import { ReparamError } from "../errors.ts";
import {
  ARRAY_OF,
  type ElementType,
  elementBytes,
  elementsAsBytes,
  fromColumnMajor,
  type NumberArray,
  readElements,
} from "./elements.ts";

/**
 * NumPy's .npy: version 1 is written; versions 1 to 3 (2 has a longer header length, 3 a header in UTF-8) are read.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** NumPy has no arrays of more dimensions, and by default reads no longer headers. */
const MAX_RANK = 64;
const MAX_HEADER_BYTES = 10_000;

/** Encodes an array as .npy, little-endian. Throws `usage` when the shape does not describe the data. */
export function encodeNpy({ shape, data }: NumberArray): Uint8Array<ArrayBuffer> {
  const type = Object.entries(ARRAY_OF).find(([, array]) => data instanceof array)?.[0];
  const natural = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (type === undefined || shape.length > MAX_RANK || !natural || product(shape) !== data.length) {
    const held = `${data.constructor.name} of ${data.length} elements`;
    throw new ReparamError("usage", `A .npy array of shape (${shape.join(", ")}) cannot be made from a ${held}.`);
  }
  const descriptor = `${data.BYTES_PER_ELEMENT === 1 ? "|" : "<"}${type}`;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The header ends in a newline and is padded with spaces so that the data start at a multiple of 64.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;

  const file = new Uint8Array(start + data.byteLength);
  file.set([...MAGIC, 1, 0]);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${text.padEnd(start - 11)}\n`), 10);
  file.set(elementsAsBytes(data, false), start);
  return file;
}

/**
 * Decodes a .npy file into a copy of its array, row-major: truth values as bytes of 0 and 1, halves as f32. Throws `data`,
 * naming the file, for anything it cannot read exactly.
 */
export function decodeNpy(bytes: Uint8Array, fileName: string): NumberArray {
  const refuse = (what: string): never => {
    throw new ReparamError("data", `${fileName} is not a usable .npy file: ${what}.`);
  };
  if (!isNpy(bytes)) refuse("it does not start with NumPy's magic bytes");
  const version = bytes[6];
  if (!(version >= 1 && version <= 3) || bytes[7] !== 0) {
    refuse(`it has the format version ${bytes[6]}.${bytes[7]}; 1.0, 2.0 and 3.0 can be read`);
  }
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix) refuse(`it ends after ${bytes.length} bytes, inside its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefix);
  const start = prefix + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (start - prefix > MAX_HEADER_BYTES) refuse(`it claims a header of ${start - prefix} bytes`);
  if (start > bytes.length) refuse(`its header should end at byte ${start} but the file has ${bytes.length} bytes`);

  const header = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.slice(prefix, start));
  if (/'descr'\s*:\s*\[/.test(header)) refuse("its elements are records of several fields; save one field as an array");
  const { descriptor, fortran, shape } = parseHeader(header) ?? refuse("its header cannot be understood");
  const { type, bigEndian } = elementOf(descriptor) ?? refuse(whyNot(descriptor));
  const expected = product(shape) * elementBytes(type);
  const found = bytes.length - start;
  if (found !== expected) {
    const what = found < expected ? `is truncated, it ends at byte ${bytes.length}` : "has trailing bytes";
    refuse(`it ${what}: shape (${shape.join(", ")}) of '${descriptor}' needs ${expected} bytes and ${found} are there`);
  }
  const data = readElements(bytes.subarray(start), type, bigEndian);
  // With at most one size above 1 (or no element), both orders are the same.
  const columnMajor = fortran && shape.filter((size) => size !== 1).length > 1;
  return { shape, data: columnMajor ? fromColumnMajor(data, shape) : data };
}

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** What `<f4`, `>i2`, `|b1` and the like stand for; undefined for what is no number. */
function elementOf(descriptor: string): { type: ElementType; bigEndian: boolean } | undefined {
  const [, order, name] = /^([<>|])(b1|[ui][1248]|f[248])$/.exec(descriptor) ?? [];
  if (name === undefined || (order === "|" && name[1] !== "1")) return undefined;
  return { type: name === "b1" ? "u1" : (name as ElementType), bigEndian: order === ">" };
}

/** Why an element type cannot be read, and what to do. */
function whyNot(descriptor: string): string {
  const kind = descriptor.replace(/^[<>|=]/, "")[0];
  if (kind === "O") return "its elements are Python objects; save an array of numbers, of one shape for all examples";
  if (kind === "c")
    return "its elements are complex numbers; save numpy.abs(array), or real and imaginary parts as channels";
  if (kind === "U" || kind === "S") return "its elements are texts; save them as numbers";
  return `its element type is '${descriptor}'; readable are b1, u1 to u8, i1 to i8, and f2, f4, f8`;
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
