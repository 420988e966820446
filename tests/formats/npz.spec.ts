import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { zipSync } from "fflate";
import type { NumberArray } from "../../src/formats/elements.ts";
import { encodeNpy } from "../../src/formats/npy.ts";
import { decodeNpz, encodeNpz } from "../../src/formats/npz.ts";
import { readZip } from "../../src/formats/zip.ts";
import { damaged, damages, readOrRefused } from "./corruption.ts";

const arrays: Record<string, NumberArray> = {
  x_train: { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  y_train: { shape: [3], data: BigInt64Array.of(0n, 1n, 2n) },
};
const files = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]));
const stored = zipSync(files, { level: 0 });
const deflated = zipSync(files, { level: 9 });

const readAll = (bytes: Uint8Array) =>
  Object.fromEntries([...decodeNpz(bytes, "a.npz")].map(([name, array]) => [name, array()]));

test("arrays come back by their names, stored or deflated", () => {
  expect(readAll(stored)).toEqual(arrays);
  expect(readAll(deflated)).toEqual(arrays);
});

test("what is written comes back, in the same bytes each time, and smaller than the arrays where they repeat", () => {
  const zeros: NumberArray = { shape: [1000], data: new Uint16Array(1000) };
  const bytes = encodeNpz({ ...arrays, zeros });
  expect(readAll(bytes)).toEqual({ ...arrays, zeros });
  expect(encodeNpz({ ...arrays, zeros })).toEqual(bytes);
  expect(bytes.length).toBeLessThan(1500);
});

test("NumPy opens what is written", () => {
  const script = `
import io, json, sys, numpy
arrays = numpy.load(io.BytesIO(bytes.fromhex(sys.stdin.read())))
print(json.dumps({name: [str(arrays[name].dtype), arrays[name].tolist()] for name in arrays}))`;
  const input = Buffer.from(encodeNpz(arrays)).toString("hex");
  const numpy = spawnSync("python3", ["-c", script], { encoding: "utf8", input });
  const missing = numpy.error !== undefined || /ModuleNotFoundError/.test(numpy.stderr);
  test.skip(missing, "python3 with numpy is not installed");
  expect(numpy.status, numpy.stderr).toBe(0);
  expect(JSON.parse(numpy.stdout)).toEqual({
    x_train: [
      "float32",
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    y_train: ["int64", [0, 1, 2]],
  });
});

test("what NumPy saves is read", () => {
  const script = `
import io, json, numpy
x, y = numpy.arange(6, dtype="<f4").reshape(2, 3), numpy.array([1, 0])
out = []
for save in (numpy.savez, numpy.savez_compressed):
    f = io.BytesIO()
    save(f, images=x, labels=y)
    out.append(f.getvalue().hex())
print(json.dumps(out))`;
  const numpy = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  const missing = numpy.error !== undefined || /ModuleNotFoundError/.test(numpy.stderr);
  test.skip(missing, "python3 with numpy is not installed");
  expect(numpy.status, numpy.stderr).toBe(0);
  for (const hex of JSON.parse(numpy.stdout) as string[]) {
    expect(readAll(new Uint8Array(Buffer.from(hex, "hex")))).toEqual({
      images: { shape: [2, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) },
      labels: { shape: [2], data: BigInt64Array.of(1n, 0n) },
    });
  }
});

/** Where the directory of an archive begins, as its end says. */
const directoryOf = (bytes: Uint8Array) => Buffer.from(bytes).readUInt32LE(bytes.length - 6);

test("lying sizes, encryption, foreign methods and cut archives are refused, naming the file in it", () => {
  const changed = (offset: number, value: number, bytes: Uint8Array = deflated) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(value, directoryOf(bytes) + offset);
    return new Uint8Array(copy);
  };
  const word = (offset: number) => Buffer.from(deflated).readUInt32LE(directoryOf(deflated) + offset);
  const refused: [Uint8Array, RegExp][] = [
    [changed(24, 0xffff_fff0), /x_train\.npy has \d+ bytes, which cannot unpack to the 4294967280 that it claims/],
    [changed(24, 0xffff_ffff), /x_train\.npy has its size in a zip64 record/],
    [changed(20, 0x7fff_fff0), /x_train\.npy should end at byte 2147\d+ and the archive has \d+ bytes/],
    [changed(16, word(16) ^ 1), /the content of x_train\.npy is damaged/],
    [changed(42, 7), /x_train\.npy is not at byte 7/],
    [changed(8, word(8) | 1), /x_train\.npy is encrypted/],
    [changed(8, (word(8) & 0xffff) | (12 << 16)), /x_train\.npy is packed by method 12/],
    [deflated.subarray(0, 100), /it has 100 bytes and no directory at their end; is it truncated\?/],
  ];
  for (const [bytes, reason] of refused) {
    expect(() => readAll(bytes)).toThrow(reason);
    expect(() => readAll(bytes)).toThrow(/^a\.npz is a damaged or unusable zip archive: /);
  }
  expect(() => readAll(zipSync({ "notes.txt": new Uint8Array(3) }))).toThrow(
    "a.npz holds no .npy arrays, so it is no .npz file.",
  );
});

test("no damage gives anything but a refusal or the content that was packed", () => {
  const contents = Object.values(files).map((bytes) => Buffer.from(bytes).toString("hex"));
  fc.assert(
    fc.property(fc.constantFrom(stored, deflated), damages, (file, damage) => {
      const unpacked = readOrRefused(
        () => readZip(damaged(file, damage), "a.npz").map((entry) => entry.bytes()),
        "a.npz",
      );
      for (const bytes of unpacked ?? []) expect(contents).toContain(Buffer.from(bytes).toString("hex"));
      readOrRefused(() => readAll(damaged(file, damage)), "a.npz");
    }),
    { numRuns: 300 },
  );
});
