import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors } from "../../src/formats/safetensors.ts";
import { encodeState } from "../../src/kernels/state.ts";
import { type Model, vae } from "../../src/models/index.ts";
import { arenaLayout, packArena } from "../../src/runtime/arena.ts";
import type { Snapshot } from "../../src/train/arenas.ts";
import { type Checkpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { dataDigest } from "../../src/train/data-digest.ts";
import type { Progress } from "../../src/train/progress.ts";
import {
  checkIdentity,
  openCheckpoint,
  progressOf,
  readCheckpoint,
  readWeights,
} from "../../src/train/read-checkpoint.ts";
import { tinyVae } from "../support/training.ts";

const progress: Progress = {
  step: 12,
  stage: 0,
  stageStart: 0,
  evaluatedStep: 10,
  evaluations: 2,
  epochTotals: { examples: 16, sums: [1.5, 0.1, 1 / 3] },
  windowTotals: { examples: 0, sums: [0, 0, 0] },
  best: 10.25,
  reference: 10.5,
  waited: 1,
  changes: [{ step: 3, values: { learningRate: 1e-4 } }],
  skipped: 2,
};

function snapshotOf(model: Model): Snapshot {
  const layout = arenaLayout(model.parameters);
  const arena = (seed: number) => packArena(layout, (parameter) => parameter.initialize(seed));
  return { parameters: arena(1), firstMoments: arena(2), secondMoments: arena(3), step: 12 };
}

const model = tinyVae({ hidden: [8] });
const identity = { seed: 5, examples: 37, batches: 5 };
const saved: Checkpoint = { snapshot: snapshotOf(model), progress, identity };
const checkpoint = encodeCheckpoint(model, saved, { config: "{}" });

const read = (bytes: Uint8Array, reader: Model = model): Checkpoint =>
  readCheckpoint(openCheckpoint(bytes, "run/last"), reader);

/** The error of reading `bytes`, which must be one ReparamError in one sentence. */
function refusal(bytes: Uint8Array, reader: Model = model): string {
  let thrown: unknown;
  try {
    read(bytes, reader);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "ReparamError", code: "checkpoint" });
  const { message } = thrown as Error;
  expect(message).toMatch(/^[^\n]*run\/last[^\n]*\.$/);
  return message;
}

/** The checkpoint with other metadata or tensors, and nothing said of its checksum. */
function altered(
  change: (file: { tensors: Record<string, unknown>; metadata: Record<string, string> }) => void,
): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(checkpoint, "");
  const { checksum: _, ...said } = metadata;
  const file = { tensors: { ...tensors }, metadata: said };
  change(file as never);
  return encodeSafetensors(file.tensors, file.metadata);
}

test("a checkpoint gives back all that it was made of", () => {
  expect(read(checkpoint)).toEqual(saved);
  const opened = openCheckpoint(checkpoint, "last");
  const weights = readWeights(opened, model.parameters);
  for (const parameter of model.parameters) expect(weights.get(parameter.name)).toEqual(parameter.initialize(1));
  expect(progressOf(opened)).toEqual(progress);
});

test("a step beyond 2³² is kept", () => {
  const step = 3 * 2 ** 32 + 7;
  const late = { ...saved, snapshot: { ...saved.snapshot, step }, progress: { ...progress, step } };
  expect(read(encodeCheckpoint(model, late, {}))).toEqual(late);
});

test("a file of version 0.1.0 is read: its state is all of the GPU's, and its progress knows no stage", () => {
  const old = altered(({ tensors, metadata }) => {
    const state = encodeState({
      seed: [5, 0],
      step: 12,
      epoch: 2,
      batch: 2,
      batches: 5,
      examples: 37,
      schedules: [0.1, 1, 1, 1],
    });
    const words = new Uint32Array(64);
    words.set(new Uint32Array(state.buffer).subarray(0, 64));
    tensors.state = { dtype: "U32", shape: [64], data: words };
    const { stage: _, stageStart: __, skipped: ___, ...before } = progress;
    metadata.progress = JSON.stringify(before);
    metadata.format = "reparam 1";
  });
  expect(read(old)).toEqual({ ...saved, progress: { ...progress, skipped: 0 } });
});

test("a file of a version to come is refused by its format", () => {
  const newer = altered(({ metadata }) => void (metadata.format = "reparam 3"));
  expect(refusal(newer)).toBe(
    'run/last is of the format "reparam 3", and this version reads reparam 1 and reparam 2: use a newer reparam.',
  );
});

test("a run is continued with its own data, batches and seed only", () => {
  checkIdentity(identity, { ...identity });
  expect(() => checkIdentity(identity, { ...identity, batches: 6 })).toThrow(
    "The checkpoint's run had 37 training examples in 5 batches, and this one has 37 in 6: continue it with the same data and batchSize.",
  );
  expect(() => checkIdentity(identity, { ...identity, examples: 38 })).toThrow("and this one has 38 in 5");
  expect(() => checkIdentity(identity, { ...identity, seed: 6 })).toThrow(
    "The checkpoint's run has the seed 5, and this one 6: continue it with its own, or with none given.",
  );
});

test("a checkpoint of another model is refused with the first tensor that differs", () => {
  expect(refusal(checkpoint, tinyVae({ hidden: [8], latent: 3 }))).toBe(
    'run/last is a checkpoint of another model: "encoder.out.weight" is F32 [8,4] there and F32 [8,6] here.',
  );
  expect(refusal(checkpoint, tinyVae({ hidden: [8, 8] }))).toBe(
    'run/last is a checkpoint of another model: it has no "encoder.1.weight".',
  );
  expect(refusal(checkpoint, tinyVae())).toMatch(/another model: it holds ".*", which this model does not have/);
  expect(refusal(checkpoint, vae({ input: [5], hidden: [8], latent: 2 }))).toMatch(
    /"encoder.0.weight" is F32 \[16,8\] there and F32 \[5,8\] here/,
  );
});

test("weights alone are enough to use a model and not to resume a run", () => {
  const weights = altered(({ tensors }) => {
    for (const name of Object.keys(tensors)) if (/^optimizer|^state/.test(name)) delete tensors[name];
  });
  expect(readWeights(openCheckpoint(weights, "weights"), model.parameters).size).toBe(model.parameters.length);
  const bare = altered(({ metadata }) => delete metadata.progress);
  expect(progressOf(openCheckpoint(bare, "weights"))).toBeUndefined();
  expect(refusal(weights)).toMatch(/it has no "optimizer.first.encoder.0.weight"/);
});

test("a checkpoint that was cut off, or grew, is refused wherever it was cut", () => {
  fc.assert(
    fc.property(fc.nat(checkpoint.length - 1), (length) => {
      refusal(checkpoint.subarray(0, length));
    }),
    { numRuns: 60, examples: [[0], [7], [8], [checkpoint.length - 1]] },
  );
  refusal(Uint8Array.of(...checkpoint, 0));
});

test("a checkpoint of megabytes is refused at 200 places where it may have been cut off", () => {
  const large = vae({ input: [784], hidden: [400], latent: 20 });
  const bytes = encodeCheckpoint(large, { ...saved, snapshot: snapshotOf(large) }, {});
  expect(bytes.length).toBeGreaterThan(7e6);
  read(bytes, large);
  for (let k = 0; k < 200; k++) refusal(bytes.subarray(0, Math.floor((k * bytes.length) / 200)), large);
});

test("a flipped bit anywhere, or a block of zeros, is found by the checksum", () => {
  fc.assert(
    fc.property(fc.nat(checkpoint.length - 1), fc.nat(7), (at, bit) => {
      const bytes = checkpoint.slice();
      bytes[at] ^= 1 << bit;
      // Where the flip makes another word of the key "checksum", the rest is what was saved.
      if (!new TextDecoder("latin1").decode(bytes).includes('"checksum":"')) return;
      refusal(bytes);
    }),
    { numRuns: 200 },
  );
  const buffer = Buffer.from(checkpoint);
  openCheckpoint(buffer, "as Node reads it");
  expect(Buffer.compare(buffer, checkpoint)).toBe(0);
  const { length } = checkpoint;
  const bytes = checkpoint.slice().fill(0, length - 512, length - 256);
  expect(refusal(bytes)).toMatch(/is damaged: its checksum is [0-9a-f]{8}, and it should be [0-9a-f]{8}\.$/);
});

test("a checkpoint of other data, as many and as large, is not gone on from", async () => {
  const digest = (value: number) => dataDigest({ count: 2, values: { x: new Uint8Array(32).fill(value) } }, ["x"]);
  const [one, other] = [await digest(1), await digest(2)];
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(await digest(1)).toBe(one);
  const kept = read(encodeCheckpoint(model, { ...saved, identity: { ...identity, data: one } }, {})).identity;
  checkIdentity(kept, { ...identity, data: one });
  checkIdentity(kept, identity);
  expect(() => checkIdentity(kept, { ...identity, data: other })).toThrow(/had other training examples than these 37/);
});

test("absurd header lengths are refused before anything is allocated", () => {
  for (const length of [0n, 1n, 2n ** 31n, 2n ** 53n, 2n ** 64n - 1n, BigInt(checkpoint.length)]) {
    const bytes = checkpoint.slice();
    new DataView(bytes.buffer).setBigUint64(0, length, true);
    refusal(bytes);
  }
});

test("a damaged state or progress is refused", () => {
  const withState = (words: Uint32Array, dtype = "U32") =>
    altered(({ tensors }) => {
      tensors.state = { dtype, shape: [words.length], data: dtype === "U32" ? words : new Float32Array(words.length) };
    });
  expect(refusal(withState(new Uint32Array(3)))).toMatch(/"state"/);
  expect(refusal(withState(new Uint32Array(64), "F32"))).toMatch(/"state"/);
  const damaged: unknown[] = [
    { ...progress, step: -12 },
    { ...progress, step: 13 }, // not the step of the state
    { ...progress, step: 1.5 },
    { ...progress, evaluations: null },
    { ...progress, stage: -1 },
    { ...progress, stageStart: 0.5 },
    { ...progress, epochTotals: { examples: 16, sums: 3 } },
    { ...progress, windowTotals: { examples: -1, sums: [0, 0, 0] } },
    { ...progress, windowTotals: { examples: 0, sums: ["0", 0, 0] } },
    { ...progress, best: "low" },
    null,
    [],
    7,
  ];
  for (const value of damaged) {
    expect(refusal(altered(({ metadata }) => void (metadata.progress = JSON.stringify(value) ?? "")))).toMatch(
      /"progress"/,
    );
  }
  expect(refusal(altered(({ metadata }) => void (metadata.progress = "{")))).toMatch(/"progress"/);
  expect(refusal(altered(({ metadata }) => delete metadata.progress))).toMatch(/"progress"/);
});

test("Python reads a checkpoint: header, names, shapes and numbers", () => {
  const python = "/usr/bin/python3";
  test.skip(!existsSync(python), `no ${python} here`);
  const folder = mkdtempSync(join(tmpdir(), "reparam-test-"));
  try {
    const file = join(folder, "last.safetensors");
    writeFileSync(file, checkpoint);
    // The format as its documentation tells it, with nothing but the standard library.
    const script = `
import json, struct, sys
raw = open(sys.argv[1], "rb").read()
(length,) = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8 + length])
metadata = header.pop("__metadata__")
data = raw[8 + length:]
end = 0
result = {}
for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    begin, stop = entry["data_offsets"]
    assert begin == end and begin % 4 == 0, name
    end = stop
    count = 1
    for extent in entry["shape"]: count *= extent
    letter = {"F32": "f", "U32": "I"}[entry["dtype"]]
    result[name] = {"shape": entry["shape"], "data": struct.unpack("<%d%s" % (count, letter), data[begin:stop])}
assert end == len(data)
print(json.dumps({"metadata": metadata, "tensors": result}))
`;
    const { stdout, stderr, status } = spawnSync(python, ["-c", script, file], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const header = JSON.parse(stdout) as {
      metadata: Record<string, string>;
      tensors: Record<string, { shape: number[]; data: number[] }>;
    };
    expect(header.metadata).toMatchObject({ config: "{}", format: "reparam 2" });
    expect(JSON.parse(header.metadata.progress)).toEqual(progress);
    for (const parameter of model.parameters) {
      for (const [prefix, seed] of [
        ["", 1],
        ["optimizer.first.", 2],
        ["optimizer.second.", 3],
      ] as const) {
        const { shape, data } = header.tensors[prefix + parameter.name];
        expect(shape).toEqual(parameter.shape);
        expect(data).toEqual([...parameter.initialize(seed)]);
      }
    }
    expect(Object.keys(header.tensors).length).toBe(3 * model.parameters.length + 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
