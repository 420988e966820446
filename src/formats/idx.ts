import { ReparamError } from "../errors.ts";
import { gunzip, isGzip } from "./gzip.ts";

/**
 * IDX, the format of MNIST: two zero bytes, an element type, the number of dimensions, each size as a big-endian 32-bit
 * number, then the elements row-major. Of the element types, unsigned bytes are read and written.
 * http://yann.lecun.com/exdb/mnist/ ("THE IDX FILE FORMAT")
 */
export interface IdxArray {
  /** One size per dimension, 1 to 255 of them; images are `[count, height, width]`. */
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;
const TYPE_NAMES: Record<number, string> = {
  8: "unsigned byte",
  9: "signed byte",
  11: "int16",
  12: "int32",
  13: "float32",
  14: "float64",
};

/** Encodes an array of bytes as IDX. Throws `usage` when the shape does not describe the data. */
export function encodeIdx({ shape, data }: IdxArray): Uint8Array<ArrayBuffer> {
  const sizes = shape.every((size) => Number.isInteger(size) && size >= 0 && size < 2 ** 32);
  if (shape.length < 1 || shape.length > 255 || !sizes || product(shape) !== BigInt(data.length)) {
    const array = `shape [${shape.join(", ")}]`;
    throw new ReparamError("usage", `An IDX array of ${array} cannot be made from ${data.length} bytes.`);
  }
  const start = 4 + 4 * shape.length;
  const file = new Uint8Array(start + data.length);
  const view = new DataView(file.buffer);
  file.set([0, 0, UNSIGNED_BYTE, shape.length]);
  shape.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  file.set(data, start);
  return file;
}

/**
 * Decodes an IDX file of unsigned bytes, gzipped or not, into a copy of its array. Throws `data`, naming the file, what
 * was found and what was expected, for anything that is not exactly one whole array.
 */
export function decodeIdx(bytes: Uint8Array, fileName: string): IdxArray {
  const file = isGzip(bytes) ? gunzip(bytes, fileName) : bytes;
  const refuse = (what: string): never => {
    throw new ReparamError("data", `${fileName} is not a usable IDX file: ${what}.`);
  };
  if (file.length === 0) refuse("it is empty");
  if (file.length < 4) refuse(`it has ${file.length} bytes, and its magic number alone needs 4`);
  const [first, second, type, rank] = file;
  if (first !== 0 || second !== 0 || !Object.hasOwn(TYPE_NAMES, type)) {
    const magic = Array.from(file.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    refuse(`it starts with the bytes ${magic}, expected 00 00 08 and the number of dimensions`);
  }
  if (type !== UNSIGNED_BYTE) refuse(`its elements are of type ${TYPE_NAMES[type]}, expected unsigned byte`);
  if (rank === 0) refuse("it has no dimensions, expected at least one");
  const start = 4 + 4 * rank;
  if (file.length < start) refuse(`it has ${file.length} bytes, and its header of ${rank} dimensions needs ${start}`);

  const view = new DataView(file.buffer, file.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = product(shape);
  const found = file.length - start;
  if (BigInt(found) !== expected) {
    const how = BigInt(found) < expected ? "ends too early" : "has trailing bytes";
    refuse(`it ${how}: ${shape.join(" x ")} elements need ${expected} bytes and ${found} are there`);
  }
  const data = new Uint8Array(found);
  data.set(file.subarray(start));
  return { shape, data };
}

/** Exact: up to 255 sizes of 32 bits are multiplied here before anything is known about them. */
const product = (shape: readonly number[]): bigint => shape.reduce((count, size) => count * BigInt(size), 1n);
