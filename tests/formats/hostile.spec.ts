import fs from "node:fs/promises";
import { dirname } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { zipSync } from "fflate";
import jpeg from "jpeg-js";
import { readTuned, saveTuned, tunedFile } from "../../src/cli/tuned-file.ts";
import { presetConfig } from "../../src/config/config.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import { decodeDecoder } from "../../src/decode/decoder-file.ts";
import { ReparamError } from "../../src/errors.ts";
import { decodeImage } from "../../src/formats/decode-image.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { gunzip } from "../../src/formats/gzip.ts";
import { decodeIdx, encodeIdx } from "../../src/formats/idx.ts";
import { decodeNpy, encodeNpy } from "../../src/formats/npy.ts";
import { decodeNpz, encodeNpz } from "../../src/formats/npz.ts";
import { encodeSafetensors } from "../../src/formats/safetensors.ts";
import { decodeTable } from "../../src/formats/table.ts";
import { readZip } from "../../src/formats/zip.ts";
import type { Host } from "../../src/host/job.ts";
import { decoderFile, vae } from "../../src/index.ts";
import { enterTemporaryFolder, leaveTemporaryFolder } from "../cli/support.ts";
import { long } from "../support/long.ts";
import { hostile, madeHostile, readOrRefused } from "./corruption.ts";
import { chunk, makePng } from "./make-png.ts";

// What strangers' files may do: nothing but be read, or be refused in a sentence that names them.

/** Files a reader. */
const FILES = long ? 10_000 : 200;

const numbers = { shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, k) => k / 3) };
const bytes = { shape: [2, 3, 3], data: Uint8Array.from({ length: 18 }, (_, k) => k) };
const csv = new TextEncoder().encode('"a, b",c;d,label\n1,2.5,x\n-3e2,,y\n4,"5",z\n');
const palette = [10, 20, 30, 40, 50, 60, 70, 80, 90, 0, 0, 0];
const indexed = makePng({
  ...{ width: 7, height: 5, depth: 2, type: 3, palette, transparency: [5, 6] },
  numbers: Array.from({ length: 35 }, (_, k) => k % 4),
});
const picture = (length: number) => Uint8Array.from({ length }, (_, k) => (k * 37) % 256);
const photo = new Uint8Array(jpeg.encode({ width: 19, height: 13, data: picture(19 * 13 * 4) }, 80).data);
const tensors = encodeSafetensors(
  {
    "encoder.weight": { dtype: "F32", shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) },
    bias: { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) },
  },
  { format: "pt", progress: '{"step":3}' },
);
const model = vae({ input: [2, 2, 1], hidden: [3], latent: 2, likelihood: "bernoulli" });

interface Reader {
  readonly good: Uint8Array;
  readonly read: (file: Uint8Array, name: string) => unknown;
  readonly codes?: readonly string[];
}

/** The text of a config.json, from the file to the checked config. */
function readConfig(file: Uint8Array, name: string) {
  let values: unknown;
  try {
    values = JSON.parse(new TextDecoder().decode(file));
  } catch {
    throw new ReparamError("config", `${name} is not valid JSON.`); // as readJson says it
  }
  return resolveConfig({ file: { source: name, values } });
}

const readers: Readonly<Record<string, Reader>> = {
  IDX: { good: encodeIdx(bytes), read: decodeIdx },
  "gzipped IDX": { good: gzipSync(encodeIdx(bytes)), read: decodeIdx },
  npy: { good: encodeNpy(numbers), read: decodeNpy },
  npz: {
    good: encodeNpz({ x_train: numbers, y_train: bytes }),
    read: (file, name) => [...decodeNpz(file, name).values()].map((array) => array()),
  },
  CSV: { good: csv, read: (file, name) => decodeTable(file, name) },
  PNG: { good: indexed, read: decodeImage },
  JPEG: { good: photo, read: decodeImage },
  safetensors: { good: tensors, read: decodeSafetensors, codes: ["checkpoint"] },
  config: {
    good: new TextEncoder().encode(JSON.stringify(presetConfig("vae"))),
    read: readConfig,
    codes: ["config", "usage", "data"],
  },
  decoder: { good: decoderFile(model, trainedFile()), read: decodeDecoder, codes: ["checkpoint"] },
};

/** A file of weights of `model`. */
function trainedFile(): Uint8Array {
  return encodeSafetensors(
    Object.fromEntries(
      model.parameters.map(({ name, shape, initialize }) => [
        name,
        { dtype: "F32", shape, data: Float32Array.from(initialize(1)) },
      ]),
    ),
    {},
  );
}

/** Runs `act` and returns the most bytes that one typed array was asked for by the code that it calls. */
function largestAllocation(act: () => void): number {
  const names = ["Uint8Array", "Uint16Array", "Uint32Array", "Int32Array", "Float32Array", "Float64Array"] as const;
  const types = names.map((name) => globalThis[name]);
  let largest = 0;
  for (const [k, name] of names.entries()) {
    const type = types[k] as Uint8ArrayConstructor;
    const watched: Uint8ArrayConstructor = new Proxy(type, {
      construct: (target, given, made) => {
        if (typeof given[0] === "number") largest = Math.max(largest, given[0] * type.BYTES_PER_ELEMENT);
        return Reflect.construct(target, given, made === watched ? target : made);
      },
    });
    Object.assign(globalThis, { [name]: watched });
  }
  try {
    act();
  } finally {
    for (const [k, name] of names.entries()) Object.assign(globalThis, { [name]: types[k] });
  }
  return largest;
}

/** Three numbers a pixel, 1032 for one by deflate: no honest file has more. */
const MOST_A_BYTE = 3 * 1032;
/** Tables are read in blocks of 2 MiB. */
const MOST_AT_ONCE = 2 ** 22;

for (const [kind, { good, read, codes }] of Object.entries(readers)) {
  test(`${FILES} hostile files of ${kind}: each is read, or refused in a sentence with its name`, () => {
    expect(() => read(good, "good")).not.toThrow();
    let refused = 0;
    fc.assert(
      fc.property(hostile, (change) => {
        const file = madeHostile(good, change);
        const largest = largestAllocation(() => {
          if (readOrRefused(() => read(file, "the.file"), "the.file", codes) === undefined) refused++;
        });
        if (largest > MOST_A_BYTE * file.length + MOST_AT_ONCE) throw new Error(`${largest} bytes were made`);
        if (Object.keys(Object.prototype).length > 0 || "x" in {}) throw new Error("the prototype was changed");
      }),
      { numRuns: FILES },
    );
    expect(refused).toBeGreaterThan(0);
  });
}

test.describe("the tuning cache", () => {
  const { XDG_CACHE_HOME } = process.env;
  test.beforeEach(async () => {
    await enterTemporaryFolder();
    process.env.XDG_CACHE_HOME = process.cwd();
  });
  test.afterEach(async () => {
    if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
    await leaveTemporaryFolder();
  });

  test(`${FILES} hostile files are as good as none, or hold choices that there are`, async () => {
    const host: Host = { kind: "dawn", version: "1", run: async () => {}, close: async () => {} };
    const adapter = { vendor: "mesa", architecture: "", device: "", description: "", fallback: true };
    const path = await saveTuned(host, adapter, { "matmul NN 8x8x8": "subgroup 8" }, () => {});
    expect([path, dirname(path).startsWith(process.cwd())]).toEqual([tunedFile(host), true]);
    const good = await fs.readFile(path);
    await fc.assert(
      fc.asyncProperty(hostile, async (change) => {
        await fs.writeFile(path, madeHostile(good, change));
        const tables = await readTuned(host, (line) => {
          if (!line.includes(path)) throw new Error(line);
        });
        for (const table of Object.values(tables))
          for (const choice of Object.values(table)) if (!/^\w+ \d+( \/ \d+)?$/.test(choice)) throw new Error(choice);
        if (Object.keys(Object.prototype).length > 0 || "x" in {}) throw new Error("the prototype was changed");
      }),
      { numRuns: FILES },
    );
  });
});

/** Refused with these words, without having made more than so many bytes at once. */
function expectRefused(read: () => unknown, words: string | RegExp, most: number) {
  const largest = largestAllocation(() => expect(read).toThrow(words));
  expect(largest).toBeLessThanOrEqual(most);
}

test("a gzip or zip that would unpack to gigabytes is refused before", () => {
  // 4 MB of zeros packed again and again would do; here the trailer says so, and the file is long enough for it.
  const claims = new Uint8Array(3_000_000);
  claims.set(gzipSync(new Uint8Array(10)));
  new DataView(claims.buffer).setUint32(claims.length - 4, 3_000_000_000, true);
  expectRefused(() => gunzip(claims, "a.gz"), "a.gz unpacks to 3000000000 bytes, and at most 2147483647 are read.", 64);
  const table = claims.slice();
  new DataView(table.buffer).setUint32(table.length - 4, 300_000_000, true);
  expectRefused(() => decodeTable(table, "a.csv.gz"), "unpacks to 300000000 bytes, and at most 268435456 are read", 64);
  // More in the stream than the trailer says: no more is made than that.
  const liar = new Uint8Array(gzipSync(new Uint8Array(20_000_000)));
  new DataView(liar.buffer).setUint32(liar.length - 4, 1000, true);
  expectRefused(() => gunzip(liar, "a.gz"), /damaged/, 200_000);
  const zip = new Uint8Array(encodeNpz({ x: numbers }));
  const view = new DataView(zip.buffer);
  const central = view.getUint32(zip.length - 6, true);
  view.setUint32(central + 24, 2_500_000_000, true);
  view.setUint32(central + 20, 3_000_000, true);
  view.setUint16(central + 10, 8, true);
  expectRefused(
    () => readZip(zip, "a.npz"),
    "x.npy unpacks to 2500000000 bytes, and at most 2147483647 are read",
    1000,
  );
});

test("a zip whose files share their bytes is refused by what they unpack to together", () => {
  const one = zipSync({ "a.png": new Uint8Array(1_000_000) });
  const end = one.length - 22;
  const central = new DataView(one.buffer).getUint32(end + 16, true);
  const entry = one.subarray(central, end);
  const shared = (count: number) => {
    const zip = Buffer.concat([
      one.subarray(0, central),
      ...new Array<Uint8Array>(count).fill(entry),
      one.subarray(end),
    ]);
    zip.writeUInt16LE(count, zip.length - 12);
    return new Uint8Array(zip);
  };
  expect(readZip(shared(2147), "a.zip").length).toBe(2147);
  const refused =
    /^a\.zip is .*: its files up to a\.png unpack to 2148000000 bytes, and at most 2147483647 are read\.$/;
  expectRefused(() => readZip(shared(2148), "a.zip"), refused, 1000);
});

test("a PNG with a profile that unpacks to gigabytes is read without it, and pixels beyond the header's are refused", () => {
  const grey = { width: 300, height: 300, depth: 8, type: 0, numbers: new Array<number>(90_000).fill(7) } as const;
  const good = makePng(grey);
  const bomb = deflateSync(new Uint8Array(40_000_000));
  const withChunk = (name: string, body: Uint8Array) =>
    new Uint8Array(Buffer.concat([good.subarray(0, 33), chunk(name, Buffer.from(body)), good.subarray(33)]));
  const profile = withChunk("iCCP", Buffer.concat([Buffer.from("x\0\0"), bomb]));
  let pixels: ArrayLike<number> = [];
  const largest = largestAllocation(() => {
    pixels = decodeImage(profile, "a.png").pixels;
  });
  expect(pixels).toEqual(decodeImage(good, "a.png").pixels);
  expect(largest).toBeLessThan(1_000_000);
  const damaged = profile.slice();
  damaged[60] ^= 1;
  expect(() => decodeImage(damaged, "a.png")).toThrow("the checksum of its chunk at byte 33 is wrong");
  const more = new Uint8Array(
    Buffer.concat([good.subarray(0, 33), chunk("IDAT", bomb), chunk("IEND", Buffer.alloc(0))]),
  );
  expectRefused(() => decodeImage(more, "a.png"), "its pixels unpack to more than the", 1_000_000);
});

test("a JPEG of ten thousand scans is refused: each would go over the whole image", () => {
  const at = photo.findIndex((byte, k) => byte === 0xff && photo[k + 1] === 0xda);
  const scan = photo.subarray(at, photo.length - 2);
  const file = Buffer.concat([photo.subarray(0, at), ...new Array<Uint8Array>(10_000).fill(scan), photo.subarray(-2)]);
  expectRefused(() => decodeImage(file, "a.jpg"), "it has 10000 scans, and at most 100 are read", 1000);
});

test("tensors that overlap are refused before any is made", () => {
  const data = new Uint8Array(1_000_000);
  const entry = `{"dtype":"U8","shape":[${data.length}],"data_offsets":[0,${data.length}]}`;
  const header = Buffer.from(`{${Array.from({ length: 2000 }, (_, k) => `"t${k}":${entry}`).join(",")}}`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const file = Buffer.concat([length, header, data]);
  const read = () => decodeSafetensors(file, "a.safetensors");
  expectRefused(read, /^a\.safetensors is not .* tensor "t1" overlaps the one before it\.$/, 1000);
});

test("a decoder whose description asks for more than its weights is refused", () => {
  const { tensors, metadata } = decodeSafetensors(decoderFile(model, trainedFile()), "a");
  const changed = (change: object) => {
    const decoder = JSON.stringify({ ...JSON.parse(metadata.decoder), ...change });
    return encodeSafetensors(tensors as never, { ...metadata, decoder });
  };
  expect(() => decodeDecoder(changed({}), "a.decoder")).not.toThrow();
  for (const change of [
    { bytes: 2 ** 40 },
    { rows: 2 ** 31 },
    { inputs: {} },
    { inputs: { code: [-1] } },
    { offsets: { __proto__x: 0 } },
    { offsets: { "decoder.0.weight": 2 ** 30 } },
    { plan: null },
    { plan: { slots: [], dispatches: [{}], outputs: {} } },
  ]) {
    expect(() => decodeDecoder(changed(change), "a.decoder"), JSON.stringify(change)).toThrow(
      "a.decoder is damaged: its decoder and its weights do not fit each other.",
    );
  }
});
