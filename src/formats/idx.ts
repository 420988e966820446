import { ReparamError } from "../errors.ts";
import { ARRAY_OF, elementBytes, elementsAsBytes, type NumberArray, readElements } from "./elements.ts";
import { gunzip, isGzip } from "./gzip.ts";

/**
 * IDX, the format of MNIST: two zero bytes, an element type, the number of dimensions, each size as a big-endian 32-bit
 * number, then the elements row-major and big-endian. There are 1 to 255 dimensions; images are `[count, height, width]`.
 * http://yann.lecun.com/exdb/mnist/ ("THE IDX FILE FORMAT")
 */

/** The format's codes of element types: unsigned and signed bytes, int16, int32, float32, float64. */
const TYPE_OF = { 8: "u1", 9: "i1", 11: "i2", 12: "i4", 13: "f4", 14: "f8" } as const;

type Code = keyof typeof TYPE_OF;

/** Encodes an array as IDX. Throws `usage` when the shape does not describe the data, or the format lacks their type. */
export function encodeIdx({ shape, data }: NumberArray): Uint8Array<ArrayBuffer> {
  const code = Object.entries(TYPE_OF).find(([, type]) => data instanceof ARRAY_OF[type])?.[0];
  const sizes = shape.every((size) => Number.isInteger(size) && size >= 0 && size < 2 ** 32);
  if (!code || shape.length < 1 || shape.length > 255 || !sizes || product(shape) !== BigInt(data.length)) {
    const held = data instanceof Uint8Array ? `${data.length} bytes` : `a ${data.constructor.name} of ${data.length}`;
    throw new ReparamError("usage", `An IDX array of shape [${shape.join(", ")}] cannot be made from ${held}.`);
  }
  const start = 4 + 4 * shape.length;
  const file = new Uint8Array(start + data.byteLength);
  const view = new DataView(file.buffer);
  file.set([0, 0, Number(code), shape.length]);
  shape.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  file.set(elementsAsBytes(data, true), start);
  return file;
}

/** Whether bytes begin as an IDX file does. */
export const isIdx = ([first, second, type, rank]: Uint8Array): boolean =>
  first === 0 && second === 0 && Object.hasOwn(TYPE_OF, type) && rank > 0;

/**
 * Decodes an IDX file, gzipped or not, into a copy of its array. Throws `data`, naming the file, what was found and what
 * was expected, for anything that is not exactly one whole array.
 */
export function decodeIdx(bytes: Uint8Array, fileName: string): NumberArray {
  const file = isGzip(bytes) ? gunzip(bytes, fileName) : bytes;
  const refuse = (what: string): never => {
    throw new ReparamError("data", `${fileName} is not a usable IDX file: ${what}.`);
  };
  if (file.length === 0) refuse("it is empty");
  if (file.length < 4) refuse(`it has ${file.length} bytes, and its magic number alone needs 4`);
  const [first, second, code, rank] = file;
  if (first !== 0 || second !== 0 || !Object.hasOwn(TYPE_OF, code)) {
    const magic = Array.from(file.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    refuse(`it starts with the bytes ${magic}, expected 00 00, an element type and the number of dimensions`);
  }
  if (rank === 0) refuse("it has no dimensions, expected at least one");
  const start = 4 + 4 * rank;
  if (file.length < start) refuse(`it has ${file.length} bytes, and its header of ${rank} dimensions needs ${start}`);

  const type = TYPE_OF[code as Code];
  const view = new DataView(file.buffer, file.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = product(shape) * BigInt(elementBytes(type));
  const found = file.length - start;
  if (BigInt(found) !== expected) {
    const how = BigInt(found) < expected ? `ends too early, at byte ${file.length}` : "has trailing bytes";
    refuse(`it ${how}: ${shape.join(" x ")} elements need ${expected} bytes and ${found} are there`);
  }
  return { shape, data: readElements(file.subarray(start), type, true) };
}

/** Exact: up to 255 sizes of 32 bits are multiplied here before anything is known about them. */
const product = (shape: readonly number[]): bigint => shape.reduce((count, size) => count * BigInt(size), 1n);
