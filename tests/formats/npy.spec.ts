import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import type { NumberArray } from "../../src/formats/elements.ts";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";

/** A .npy file with any header text, for what our own writer never writes. */
function file(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = Buffer.from(`${header}\n`, "latin1");
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from([version, 0]), length, text, data]);
}

const examples: NumberArray[] = [
  { shape: [2, 3], data: Float32Array.of(0, -1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e-40, 3) },
  { shape: [2], data: Float64Array.of(Math.PI, -0) },
  { shape: [3, 1, 1], data: Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1) },
  { shape: [], data: BigInt64Array.of(-(2n ** 63n)) },
  { shape: [0, 28, 28], data: new Uint8Array(0) },
  { shape: [2], data: Int8Array.of(-128, 127) },
  { shape: [2], data: Uint16Array.of(0, 65_535) },
  { shape: [2], data: Int16Array.of(-32_768, 32_767) },
  { shape: [2], data: Uint32Array.of(0, 2 ** 32 - 1) },
  { shape: [2], data: BigUint64Array.of(0n, 2n ** 64n - 1n) },
];

test("arrays of every element type come back as they were", () => {
  for (const array of examples) expect(decodeNpy(encodeNpy(array), "a.npy")).toEqual(array);
});

test("NumPy reads what is written, and its files of versions 1 to 3 are read", () => {
  const script = `
import io, sys, json, numpy
out = []
for text in json.load(sys.stdin):
    a = numpy.load(io.BytesIO(bytes.fromhex(text)), allow_pickle=False)
    for version in ((1, 0), (2, 0), (3, 0)):
        f = io.BytesIO()
        numpy.lib.format.write_array(f, a, version=version)
        out.append(f.getvalue().hex())
print(json.dumps(out))`;
  const input = JSON.stringify(examples.map((array) => Buffer.from(encodeNpy(array)).toString("hex")));
  const numpy = spawnSync("python3", ["-c", script], { input, encoding: "utf8" });
  const missing = numpy.error !== undefined || /ModuleNotFoundError/.test(numpy.stderr);
  if (missing) console.log("python3 with numpy is not installed: its reader was not compared with ours");
  test.skip(missing, "python3 with numpy is not installed");
  expect(numpy.status, numpy.stderr).toBe(0);
  const files = JSON.parse(numpy.stdout) as string[];
  files.forEach((hex, i) => {
    expect(decodeNpy(Buffer.from(hex, "hex"), "a.npy")).toEqual(examples[Math.floor(i / 3)]);
  });
});

test("either byte order, halves and truth values are read as NumPy means them", () => {
  const header = (descr: string, count: number) =>
    `{'descr': '${descr}', 'fortran_order': False, 'shape': (${count},), }`;
  const read = (descr: string, count: number, ...bytes: number[]) =>
    decodeNpy(file(header(descr, count), Uint8Array.from(bytes)), "a.npy").data;
  expect(read("|b1", 3, 0, 1, 1)).toEqual(Uint8Array.of(0, 1, 1));
  expect(read(">i2", 2, 1, 2, 0xff, 0xfe)).toEqual(Int16Array.of(258, -2));
  expect(read(">f4", 1, 0x3f, 0x80, 0, 1)).toEqual(Float32Array.of(1 + 2 ** -23));
  expect(read(">f8", 1, 0x3f, 0xf0, 0, 0, 0, 0, 0, 1)).toEqual(Float64Array.of(1 + 2 ** -52));
  expect(read(">i8", 1, 0, 0, 0, 0, 0, 0, 1, 0)).toEqual(BigInt64Array.of(256n));
  // 1, -2, the largest, the smallest normal and subnormal, -0, infinity and NaN.
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0x7e00];
  const expected = [1, -2, 65_504, 2 ** -14, 2 ** -24, -0, Number.POSITIVE_INFINITY, Number.NaN];
  expect(read("<f2", 8, ...halves.flatMap((half) => [half & 255, half >> 8]))).toEqual(Float32Array.from(expected));
  expect(read(">f2", 8, ...halves.flatMap((half) => [half >> 8, half & 255]))).toEqual(Float32Array.from(expected));
});

test("an array in Fortran order comes out row-major", () => {
  const shape = [2, 3, 4];
  const at = (i: number, j: number, k: number) => 100 * i + 10 * j + k;
  const columnMajor: number[] = [];
  for (let k = 0; k < 4; k++) for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) columnMajor.push(at(i, j, k));
  const rowMajor: number[] = [];
  for (let i = 0; i < 2; i++) for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) rowMajor.push(at(i, j, k));
  const bytes = new Uint8Array(Int16Array.from(columnMajor).buffer);
  const header = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3, 4), }";
  expect(decodeNpy(file(header, bytes), "a.npy")).toEqual({ shape, data: Int16Array.from(rowMajor) });
});

test("a file that lies at an odd address is read", () => {
  const bytes = encodeNpy(examples[1]!);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(decodeNpy(shifted.subarray(1), "a.npy")).toEqual(examples[1]);
});

test("a truncated file and one with trailing bytes are refused with both sizes", () => {
  const bytes = encodeNpy({ shape: [3], data: Float32Array.of(1, 2, 3) });
  expect(() => decodeNpy(bytes.subarray(0, -1), "codes.npy")).toThrow(
    "codes.npy is not a usable .npy file: it is truncated, it ends at byte 139: shape (3) of '<f4' needs 12 bytes and 11 are there.",
  );
  expect(() => decodeNpy(Buffer.concat([bytes, Buffer.from([0])]), "codes.npy")).toThrow(
    /has trailing bytes: .* needs 12 bytes and 13 are there/,
  );
});

test("what is no array of numbers, foreign versions and headers are refused in words", () => {
  const data = new Uint8Array(16);
  const header = (descr: string, fortran: string, shape: string) =>
    `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const refused: [Uint8Array, RegExp][] = [
    [file(header("|O", "False", "(2,)"), data), /elements are Python objects; save an array of numbers/],
    [file(header("<c8", "False", "(2,)"), data), /elements are complex numbers; save numpy\.abs\(array\)/],
    [file(header("<U2", "False", "(2,)"), data), /elements are texts/],
    [file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,), }", data), /records of several fields/],
    [file(header("|f4", "False", "(4,)"), data), /element type is '\|f4'; readable are b1, u1 to u8/],
    [file(header("<f1", "False", "(8,)"), data), /element type is '<f1'/],
    [file(header("__proto__", "False", "(8,)"), data), /element type is '__proto__'/],
    [file(header("<f4", "False", "(-4,)"), data), /header cannot be understood/],
    [file(header("<f4", "False", "(4.0,)"), data), /header cannot be understood/],
    [file(header("<f4", "False", `(${"9".repeat(400)},)`), data), /header cannot be understood/],
    [file(header("<f4", "False", "(9007199254740991, 9007199254740991)"), data), /is truncated/],
    [file("{'descr': '<f4', 'shape': (4,), 'shape': (4,)}", data), /header cannot be understood/],
    [file(header("<f4", "False", "(4,)").padEnd(20_000), data), /claims a header of 20001 bytes/],
    [file(header("<f4", "False", "(4,)"), data, 4), /format version 4\.0; 1\.0, 2\.0 and 3\.0 can be read/],
    [new Uint8Array(0), /magic bytes/],
    [file("", data).subarray(0, 9), /ends after 9 bytes/],
    [file(header("<f4", "False", "(4,)"), data).subarray(0, 40), /file has 40 bytes/],
  ];
  for (const [bytes, reason] of refused) expect(() => decodeNpy(bytes, "a.npy")).toThrow(reason);
});

test("a one-dimensional array marked as Fortran order is read, since both orders are the same", () => {
  const header = "{'descr': '<i4', 'fortran_order': True, 'shape': (1, 2), }";
  expect(decodeNpy(file(header, Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0)), "a.npy")).toEqual({
    shape: [1, 2],
    data: Int32Array.of(1, 2),
  });
});

test("corrupted bytes give a valid array or one ReparamError of code data that names the file", () => {
  const good = encodeNpy({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
  const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(edits, fc.nat(good.length), (changes, cut) => {
      const bytes = good.slice(0, good.length - (cut % 8 === 0 ? cut : 0));
      for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
      try {
        const { shape, data } = decodeNpy(bytes, "a.npy");
        return shape.reduce((count, size) => count * size, 1) === data.length;
      } catch (error) {
        if (!(error instanceof ReparamError)) throw error;
        return error.code === "data" && /^a\.npy is not .*\.$/s.test(error.message);
      }
    }),
    { numRuns: 2000 },
  );
});

test("a shape that does not describe the data is refused", () => {
  expect(() => encodeNpy({ shape: [2, 2], data: new Float32Array(3) })).toThrow(/\(2, 2\) .* Float32Array of 3/);
  expect(() => encodeNpy({ shape: [-1, -3], data: new Float32Array(3) })).toThrow(ReparamError);
  expect(() => encodeNpy({ shape: new Array(65).fill(1), data: new Float32Array(1) })).toThrow(ReparamError);
});
