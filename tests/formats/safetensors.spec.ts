import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors, type SafetensorsTensor } from "../../src/formats/safetensors.ts";

const tensors: Record<string, SafetensorsTensor> = {
  "encoder.0.weight": { dtype: "F32", shape: [2, 3], data: Float32Array.of(0, -1.5, Number.NaN, 1e-40, 3, -0) },
  state: { dtype: "U32", shape: [2], data: Uint32Array.of(0, 0xffffffff) },
  bytes: { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 255) },
  scalar: { dtype: "F64", shape: [], data: Float64Array.of(Math.PI) },
  empty: { dtype: "F32", shape: [0, 4], data: new Float32Array(0) },
  "10": { dtype: "I64", shape: [1], data: BigInt64Array.of(-(2n ** 63n)) },
  'wörk "quoted" \\ 🎲': { dtype: "I16", shape: [1, 1], data: Int16Array.of(-2) },
};
const metadata = { format: "pt", model: '{"latent":20}', step: "4690" };

/** A file with any header text (padded to 8 bytes) and data. */
function file(header: string | Uint8Array, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = Buffer.from(header);
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, data]);
}

const f32 = (shape: string, offsets: string) => `{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`;

test("tensors and metadata come back as they were", () => {
  const back = decodeSafetensors(encodeSafetensors(tensors, metadata), "a.safetensors");
  expect(back).toEqual({ tensors, metadata });
});

test("any tensors of any names come back as they were", () => {
  const names = fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__" && name !== "__proto__");
  const data = fc.oneof(
    fc.float32Array().map((data) => ({ dtype: "F32" as const, data })),
    fc.uint8Array().map((data) => ({ dtype: "U8" as const, data })),
    fc.int16Array().map((data) => ({ dtype: "I16" as const, data })),
    fc.bigUint64Array().map((data) => ({ dtype: "U64" as const, data })),
  );
  const tensor = fc.tuple(data, fc.boolean()).map(([{ dtype, data }, column]) => ({
    dtype,
    data,
    shape: column ? [data.length, 1] : [data.length],
  }));
  const strings = fc.dictionary(names, fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(fc.dictionary(names, tensor), strings, (tensors, metadata) => {
      const back = decodeSafetensors(encodeSafetensors(tensors, metadata), "a.safetensors");
      expect(back.tensors).toEqual(tensors);
      expect(back.metadata).toEqual(metadata);
    }),
  );
});

test("the bytes do not depend on the order of the keys", () => {
  const reversed = <T>(record: Record<string, T>) => Object.fromEntries(Object.entries(record).reverse());
  const bytes = encodeSafetensors(tensors, metadata);
  expect(encodeSafetensors(reversed(tensors), reversed(metadata))).toEqual(bytes);
});

test("every tensor is aligned to its element size in the file", () => {
  const bytes = encodeSafetensors(tensors, metadata);
  const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  expect(headerBytes % 8).toBe(0);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
  for (const [name, { data }] of Object.entries(tensors)) {
    expect(header[name].data_offsets[0] % data.BYTES_PER_ELEMENT, name).toBe(0);
  }
});

test("an independent reader in Python finds the same tensors", () => {
  // The steps of the format's own description, with nothing but struct and json.
  const script = `
import sys, json, struct
b = sys.stdin.buffer.read()
n, = struct.unpack("<Q", b[:8])
header = json.loads(b[8:8 + n].decode("utf-8"))
assert b[8:9] == b"{" and (8 + n) % 8 == 0
metadata = header.pop("__metadata__")
code = {"F32": "f", "F64": "d", "U32": "I", "U8": "B", "I64": "q", "I16": "h"}
out, end = {}, 0
for name, t in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    lo, hi = t["data_offsets"]
    assert lo == end
    end = hi
    count = 1
    for size in t["shape"]: count *= size
    values = struct.unpack("<%d%s" % (count, code[t["dtype"]]), b[8 + n + lo:8 + n + hi])
    out[name] = [t["dtype"], t["shape"], [str(v) if t["dtype"] == "I64" else repr(v) for v in values]]
assert end == len(b) - 8 - n
print(json.dumps([out, metadata]))`;
  const python = spawnSync("python3", ["-c", script], {
    input: encodeSafetensors(tensors, metadata),
    encoding: "utf8",
  });
  if (python.error) console.log("python3 is not installed: the independent reader was not run");
  test.skip(python.error !== undefined, "python3 is not installed");
  expect(python.status, python.stderr).toBe(0);
  const [found, foundMetadata] = JSON.parse(python.stdout);
  expect(foundMetadata).toEqual(metadata);
  expect(Object.keys(found).sort()).toEqual(Object.keys(tensors).sort());
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    expect(found[name].slice(0, 2), name).toEqual([dtype, shape]);
    const numbers = dtype === "I64" ? found[name][2].map(BigInt) : found[name][2].map(Number); // "nan" becomes NaN
    expect(numbers, name).toEqual(Array.from(data as ArrayLike<unknown>));
  }
});

test("the Python package safetensors opens the file, where it is installed", () => {
  const script = `
import sys, json
from safetensors import deserialize
print(json.dumps({name: [t["dtype"], t["shape"], bytes(t["data"]).hex()] for name, t in deserialize(sys.stdin.buffer.read())}))`;
  const python = spawnSync("python3", ["-c", script], {
    input: encodeSafetensors(tensors, metadata),
    encoding: "utf8",
  });
  const missing = python.error !== undefined || /ModuleNotFoundError/.test(python.stderr);
  if (missing) console.log("python3 with safetensors is not installed: its reader was not run");
  test.skip(missing, "python3 with safetensors is not installed");
  expect(python.status, python.stderr).toBe(0);
  const found = JSON.parse(python.stdout);
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");
    expect(found[name], name).toEqual([dtype, shape, hex]);
  }
});

test("a file whose tensors are unaligned and in any order is read", () => {
  const header = `{"a":${f32("[1]", "[3,7]")},"b":{"shape":[3],"dtype":"U8","data_offsets":[0,3]}}`;
  const { tensors } = decodeSafetensors(file(header, Uint8Array.of(1, 2, 3, 0, 0, 128, 63)), "a.safetensors");
  expect(tensors).toEqual({
    a: { dtype: "F32", shape: [1], data: Float32Array.of(1) },
    b: { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) },
  });
});

test("16-bit floats of both kinds come as the F32 of the same value", () => {
  const half = `{"dtype":"F16","shape":[2,2],"data_offsets":[0,8]}`;
  const brain = `{"dtype":"BF16","shape":[4],"data_offsets":[8,16]}`;
  // 1, -2, the smallest subnormal, the largest; then 1, -2, 3.140625 and infinity.
  const words = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x3f80, 0xc000, 0x4049, 0x7f80);
  const { tensors } = decodeSafetensors(file(`{"a":${half},"b":${brain}}`, new Uint8Array(words.buffer)), "a");
  expect(tensors).toEqual({
    a: { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, -2, 2 ** -24, 65_504) },
    b: { dtype: "F32", shape: [4], data: Float32Array.of(1, -2, 3.140625, Number.POSITIVE_INFINITY) },
  });
});

test("each thing that can be wrong with a file is refused in one sentence that names it", () => {
  const one = new Uint8Array(4);
  const length = (claimed: bigint) => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setBigUint64(0, claimed, true);
    return bytes;
  };
  const cases: [Uint8Array, string | RegExp][] = [
    [new Uint8Array(7), "it has only 7 bytes"],
    [length(2n ** 64n - 1n), "it claims a header of 18446744073709551615 bytes, more than 100000000"],
    [length(9n), "it claims a header of 9 bytes and has 16 bytes in all (is it truncated?)"],
    [length(0n), "its header is not valid JSON"],
    [file("{"), "its header is not valid JSON"],
    [file("\uFEFF{}"), "its header is not valid JSON"],
    [file(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), "its header is not valid JSON"],
    [file(" {}"), "its header is not a JSON object"],
    [file("[]"), "its header is not a JSON object"],
    [file("null"), "its header is not a JSON object"],
    [file(`{"a":${f32("[1]", "[0,4]")},"\\u0061" :${f32("[1]", "[0,4]")}}`, one), 'its header has the key "a" twice'],
    [file(`{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, one), /has the key "dtype" twice/],
    [file(`{"__metadata__":{"x":"1","x":"2"}}`), 'its header has the key "x" twice'],
    [file(`{"__metadata__":[]}`), "its __metadata__ is not an object"],
    [file(`{"__metadata__":{"step":3}}`), 'its metadata "step" is not a string'],
    [file(`{"__proto__":${f32("[1]", "[0,4]")}}`, one), 'it has a tensor called "__proto__"'],
    [file(`{"a":3}`), 'its entry for tensor "a" is not an object'],
    [file(`{"a":null}`), 'its entry for tensor "a" is not an object'],
    [file(`{"a":{}}`), /tensor "a" has the dtype \(missing\)/],
    [file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, one), /has an unknown key "x"/],
    [
      file(`{"a":{"dtype":"F7","shape":[1],"data_offsets":[0,4]}}`, one),
      /has the dtype "F7"; readable dtypes are F64,/,
    ],
    [file(`{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,4]}}`, one), /has the dtype "toString"/],
    [file(`{"a":{"dtype":["F32"],"shape":[1],"data_offsets":[0,4]}}`, one), /has the dtype \["F32"\]/],
    [file(`{"a":${f32("[-1]", "[0,4]")}}`, one), 'tensor "a" has the impossible shape [-1]'],
    [file(`{"a":${f32("[-1,-1]", "[0,4]")}}`, one), 'tensor "a" has the impossible shape [-1,-1]'],
    [file(`{"a":${f32("[0.5,2]", "[0,4]")}}`, one), 'tensor "a" has the impossible shape [0.5,2]'],
    [file(`{"a":${f32('["1"]', "[0,4]")}}`, one), 'tensor "a" has the impossible shape ["1"]'],
    [file(`{"a":${f32("[1e400]", "[0,4]")}}`, one), /tensor "a" has the impossible shape/],
    [file(`{"a":${f32("[4294967296,4294967296,0]", "[0,0]")}}`), /tensor "a" has the impossible shape/],
    [file(`{"a":${f32("1", "[0,4]")}}`, one), 'tensor "a" has the impossible shape 1'],
    [file(`{"a":${f32("[1]", "[4,0]")}}`, one), 'tensor "a" has the impossible data_offsets [4,0]'],
    [file(`{"a":${f32("[1]", "[-4,0]")}}`, one), 'tensor "a" has the impossible data_offsets [-4,0]'],
    [file(`{"a":${f32("[1]", "[0]")}}`, one), 'tensor "a" has the impossible data_offsets [0]'],
    [
      file(`{"a":${f32("[1]", "[4,8]")}}`, one),
      'tensor "a" ends at byte 8 of the data, which has 4 bytes (is it truncated?)',
    ],
    [file(`{"a":${f32("[2]", "[0,4]")}}`, one), 'tensor "a" is F32 [2], 8 bytes, but occupies 4'],
    [
      file(`{"a":${f32("[1]", "[0,4]")},"b":${f32("[1]", "[2,6]")}}`, new Uint8Array(6)),
      'tensor "b" overlaps the one before it',
    ],
    [
      file(`{"a":${f32("[1]", "[0,4]")},"b":${f32("[1]", "[6,10]")}}`, new Uint8Array(10)),
      '2 bytes before tensor "b" belong to no tensor',
    ],
    [file(`{"a":${f32("[1]", "[0,4]")}}`, new Uint8Array(5)), "1 bytes after the last tensor belong to no tensor"],
    [file(`{"a":{"dtype":${"[".repeat(1e6)}${"]".repeat(1e6)}}}`), /has the dtype \(nested\)/],
  ];
  for (const [bytes, reason] of cases) {
    let thrown: unknown;
    try {
      decodeSafetensors(bytes, "last.safetensors");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ReparamError);
    const { code, message } = thrown as ReparamError;
    expect(code).toBe("checkpoint");
    expect(message).toMatch(/^last\.safetensors is not a usable safetensors file: .*\.$/s);
    if (typeof reason === "string") expect(message).toContain(`: ${reason}.`);
    else expect(message).toMatch(reason);
  }
});

test("corrupted bytes give a valid file or one ReparamError of code checkpoint", () => {
  const good = encodeSafetensors(tensors, metadata);
  const headerBytes = Number(new DataView(good.buffer).getBigUint64(0, true));
  const place = fc.oneof(fc.nat(7), fc.integer({ min: 8, max: 7 + headerBytes }), fc.nat(good.length - 1));
  const interesting = fc.constantFrom(...Buffer.from('{}[]",:0123456789-e. \\FU_a')).map(Number);
  const edits = fc.array(fc.tuple(place, fc.oneof(interesting, fc.nat(255))), { maxLength: 6 });
  const resize = fc.oneof(fc.constant(good.length), fc.nat(good.length + 16));
  let refused = 0;
  fc.assert(
    fc.property(edits, resize, (changes, size) => {
      const bytes = new Uint8Array(size);
      bytes.set(good.subarray(0, size));
      for (const [at, byte] of changes) if (at < size) bytes[at] = byte;
      try {
        const { tensors } = decodeSafetensors(bytes, "a.safetensors");
        return Object.values(tensors).every(({ shape, data }) => shape.reduce((a, b) => a * b, 1) === data.length);
      } catch (error) {
        if (!(error instanceof ReparamError)) throw error;
        refused++;
        return error.code === "checkpoint" && error.message.startsWith("a.safetensors is not ");
      }
    }),
    { numRuns: 3000 },
  );
  expect(refused).toBeGreaterThan(1000);
});

test("a tensor that contradicts itself cannot be written", () => {
  const data = new Float32Array(3);
  const write = (tensor: Record<string, SafetensorsTensor>) => () => encodeSafetensors(tensor, {});
  expect(write({ w: { dtype: "F32", shape: [2, 2], data } })).toThrow(
    'The tensor "w" is declared F32 [2,2] but its data is a Float32Array of 3 elements.',
  );
  expect(write({ w: { dtype: "U32", shape: [3], data } })).toThrow(ReparamError);
  expect(write({ w: { dtype: "F32", shape: [-1, -3], data } })).toThrow(ReparamError);
  expect(write({ __metadata__: { dtype: "F32", shape: [3], data } })).toThrow(ReparamError);
});
