import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import type { NumberArray } from "../../src/formats/elements.ts";
import { decodeIdx, encodeIdx } from "../../src/formats/idx.ts";

const arrays: fc.Arbitrary<NumberArray> = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 4 })
  .chain((shape) => {
    const length = shape.reduce((count, size) => count * size, 1);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ shape, data }));
  });

const gradient = (length: number) => Uint8Array.from({ length }, (_, i) => (7 * i) % 251);
const sample: NumberArray = { shape: [2, 3, 4], data: gradient(24) };

/** The one sentence with which `bytes` are refused. */
function refusal(bytes: Uint8Array): string {
  try {
    decodeIdx(bytes, "some-file");
  } catch (error) {
    expect(error).toBeInstanceOf(ReparamError);
    expect((error as ReparamError).code).toBe("data");
    return (error as ReparamError).message;
  }
  throw new Error("the bytes were accepted");
}

const file = (...bytes: number[]) => Uint8Array.from(bytes);

test("an array of any rank comes back as it was, plain and gzipped", () => {
  fc.assert(
    fc.property(arrays, (array) => {
      expect(decodeIdx(encodeIdx(array), "a")).toEqual(array);
      expect(decodeIdx(gzipSync(encodeIdx(array)), "a.gz")).toEqual(array);
    }),
  );
});

test("the bytes are those that the format's page describes", () => {
  const expected = [0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 17, 255];
  expect([...encodeIdx({ shape: [1, 2], data: file(17, 255) })]).toEqual(expected);
});

test("every element type comes back as it was, big-endian as the format's page says", () => {
  const arrays: NumberArray[] = [
    { shape: [2], data: Int8Array.of(-128, 127) },
    { shape: [2], data: Int16Array.of(-32_768, 258) },
    { shape: [2], data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1) },
    { shape: [1, 2], data: Float32Array.of(-1.5, Number.NaN) },
    { shape: [2, 1], data: Float64Array.of(Math.PI, -0) },
  ];
  for (const array of arrays) expect(decodeIdx(encodeIdx(array), "a")).toEqual(array);
  expect([...encodeIdx({ shape: [1], data: Int16Array.of(258) })]).toEqual([0, 0, 11, 1, 0, 0, 0, 1, 1, 2]);
  expect([...encodeIdx({ shape: [1], data: Float32Array.of(1) })]).toEqual([0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0]);
  expect(() => encodeIdx({ shape: [1], data: Uint16Array.of(1) })).toThrow("cannot be made from a Uint16Array of 1.");
});

test("data are a copy, also of a view into a larger buffer", () => {
  const whole = encodeIdx(sample);
  const padded = new Uint8Array(whole.length + 7);
  padded.set(whole, 5);
  const view = padded.subarray(5, 5 + whole.length);
  const decoded = decodeIdx(view, "view");
  view.fill(0);
  expect(decoded).toEqual(sample);
});

test("a damaged file is refused with its name, what was found and what was expected", () => {
  const whole = encodeIdx(sample);
  const refused: [Uint8Array, string][] = [
    [file(), "it is empty"],
    [file(0, 0, 8), "it has 3 bytes, and its magic number alone needs 4"],
    [
      file(0x89, 0x50, 0x4e, 0x47),
      "it starts with the bytes 89 50 4e 47, expected 00 00, an element type and the number of dimensions",
    ],
    [
      file(0, 0, 7, 1, 0, 0, 0, 0),
      "it starts with the bytes 00 00 07 01, expected 00 00, an element type and the number of dimensions",
    ],
    [file(0, 0, 8, 0, 1), "it has no dimensions, expected at least one"],
    [file(0, 0, 8, 3, 0, 0, 0, 1), "it has 8 bytes, and its header of 3 dimensions needs 16"],
    [whole.subarray(0, 30), "it ends too early, at byte 30: 2 x 3 x 4 elements need 24 bytes and 14 are there"],
    [Buffer.concat([whole, file(9)]), "it has trailing bytes: 2 x 3 x 4 elements need 24 bytes and 25 are there"],
  ];
  for (const [bytes, what] of refused) expect(refusal(bytes)).toBe(`some-file is not a usable IDX file: ${what}.`);
});

test("sizes whose product overflows are refused and not allocated", () => {
  const huge = new Array(4).fill([255, 255, 255, 255]).flat();
  expect(refusal(file(0, 0, 8, 4, ...huge))).toContain("need 340282366604025813516997721482669850625 bytes and 0");
  // 2^16 · 2^16 · 2^16 · 2^16 = 2^64 is 0 in 64-bit arithmetic.
  const wrapping = new Array(4).fill([0, 1, 0, 0]).flat();
  expect(refusal(file(0, 0, 8, 4, ...wrapping))).toContain("need 18446744073709551616 bytes and 0");
});

test("a gzip file cut anywhere is refused", () => {
  const packed = gzipSync(encodeIdx(sample));
  for (let length = 2; length < packed.length; length++) {
    expect(refusal(packed.subarray(0, length))).toContain("some-file is a damaged or truncated gzip file");
  }
});

test("a gzip file that claims gigabytes is refused before anything is allocated", () => {
  const packed = gzipSync(encodeIdx(sample));
  packed.writeUInt32LE(0xffffffff, packed.length - 4);
  expect(refusal(packed)).toContain(`its ${packed.length} bytes end by claiming 4294967295 bytes of content`);
});

test("no corruption gives anything but one clear refusal or an array that its bytes describe", () => {
  const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
  const corruptions = fc.record({
    array: arrays,
    packed: fc.boolean(),
    changes: fc.array(change, { maxLength: 4 }),
    keep: fc.option(fc.nat()),
    tail: fc.uint8Array({ maxLength: 5 }),
  });
  fc.assert(
    fc.property(corruptions, ({ array, packed, changes, keep, tail }) => {
      const original = packed ? gzipSync(encodeIdx(array)) : encodeIdx(array);
      const bytes = Uint8Array.from(original);
      for (const [position, difference] of changes) bytes[position % bytes.length] ^= difference;
      const kept = keep === null ? bytes : bytes.subarray(0, keep % (bytes.length + 1));
      const corrupted = Buffer.concat([kept, tail]);
      let decoded: NumberArray;
      try {
        decoded = decodeIdx(corrupted, "some-file");
      } catch (error) {
        expect(error).toBeInstanceOf(ReparamError);
        expect((error as ReparamError).message).toMatch(/^some-file is .*\.$/);
        return;
      }
      // A gzip file's checksum covers its content, so that is what it was; a plain file says something else by itself.
      if (packed) expect(decoded).toEqual(array);
      else expect(encodeIdx(decoded)).toEqual(Uint8Array.from(corrupted));
    }),
    { numRuns: 500 },
  );
});

test("a shape that does not describe the data is refused when writing", () => {
  const array = (shape: number[], length: number) => () => encodeIdx({ shape, data: new Uint8Array(length) });
  expect(array([2, 2], 5)).toThrow("An IDX array of shape [2, 2] cannot be made from 5 bytes.");
  expect(array([], 1)).toThrow("shape []");
  expect(array([-1, -1], 1)).toThrow("shape [-1, -1]");
  expect(array([1.5, 2], 3)).toThrow("shape [1.5, 2]");
});
