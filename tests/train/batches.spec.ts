import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { download, storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { createPipelineCache } from "../../src/gpu/pipelines.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { gatherBatch } from "../../src/kernels/gather.ts";
import { encodeState, STATE_BYTES } from "../../src/kernels/state.ts";
import { permute } from "../../src/random/feistel.ts";
import { createProgram } from "../../src/runtime/program.ts";
import type { StepRow } from "../../src/runtime/runner.ts";
import { batchObjective } from "../../src/train/objective.ts";
import { batchesOf, splitBytes, uploadSplit } from "../../src/train/split-data.ts";
import { patterns, relativeError, sharedDevice, tinyOptions, tinyVae, withTrainer } from "../support/training.ts";

const bytes = (count: number, seed: number) =>
  Uint8Array.from({ length: count }, (_, k) => permute(k, count, [seed, 0], 0) * 7 + k);

interface Problem {
  readonly count: number;
  readonly features: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: readonly [number, number];
}

/** Every batch of some epochs, as the gather kernel makes it. */
async function gathered({ count, features, batchSize, shuffle, seed }: Problem, epochs: readonly number[]) {
  const device = await sharedDevice();
  const split = { count, examples: bytes(count * features, count) };
  const buffers = {
    data: uploadSplit(device, split, "test"),
    x: storageBuffer(device, 4 * batchSize * features, "x"),
    weight: storageBuffer(device, 4 * batchSize, "weight"),
    state: storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  // Left-overs of an earlier batch, which must not shine through.
  upload(device, buffers.x, new Float32Array(batchSize * features).fill(9));
  upload(device, buffers.weight, new Float32Array(batchSize).fill(9));
  const gather = gatherBatch({
    data: "data",
    dataBytes: splitBytes(split),
    batchSize,
    features,
    shuffle,
    profile: device.profile,
  });
  const plan = { dispatches: [gather], slots: [], outputs: {} };
  const program = await createProgram(device, plan, { pipelines: createPipelineCache(device), buffers });
  const batches = batchesOf(split, batchSize);
  const result: { epoch: number; batch: number; x: Float32Array; weight: Float32Array }[] = [];
  for (const epoch of epochs) {
    for (let batch = 0; batch < batches; batch++) {
      upload(device, buffers.state, encodeState({ seed, step: 0, epoch, batch, batches, examples: count }));
      const encoder = device.gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      program.encode(pass);
      pass.end();
      device.gpu.queue.submit([encoder.finish()]);
      const x = new Float32Array(await download(device, buffers.x, 0, 4 * batchSize * features));
      const weight = new Float32Array(await download(device, buffers.weight, 0, 4 * batchSize));
      result.push({ epoch, batch, x, weight });
    }
  }
  for (const buffer of Object.values(buffers)) buffer.destroy();
  device.check();
  return { split, result };
}

const problem: fc.Arbitrary<Problem> = fc.record({
  count: fc.integer({ min: 1, max: 70 }),
  features: fc.constantFrom(1, 2, 3, 4, 5, 8, 13, 16, 30, 64, 65),
  batchSize: fc.integer({ min: 1, max: 24 }),
  shuffle: fc.boolean(),
  seed: fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff)),
});

test("a batch holds the rows that the permutation names, as bytes / 255, and zeros of weight 0 past the end", async () => {
  await sharedDevice(); // skips here where there is none: inside the property a skip would be a failure
  await fc.assert(
    fc.asyncProperty(problem, async (drawn) => {
      const { count, features, batchSize, shuffle, seed } = drawn;
      const epochs = [0, 5];
      const { split, result } = await gathered(drawn, epochs);
      for (const { epoch, batch, x, weight } of result) {
        const rows = Array.from({ length: batchSize }, (_, row) => batch * batchSize + row);
        expect([...weight]).toEqual(rows.map((position) => Number(position < count)));
        const expected = rows.flatMap((position) => {
          if (position >= count) return new Array<number>(features).fill(0);
          const index = shuffle ? permute(position, count, seed, epoch) : position;
          return [...split.examples.subarray(index * features, (index + 1) * features)];
        });
        // An adapter may divide with an error of 2.5 ulp.
        expect(expected.every((byte, k) => Math.abs(x[k] * 255 - byte) <= byte * 4e-7)).toBe(true);
      }
    }),
    { numRuns: 15 },
  );
});

test("every example is visited exactly once an epoch, and epochs differ in their order", async () => {
  // One byte an example: its own number.
  const count = 101;
  const { split, result } = await gathered(
    { count, features: 1, batchSize: 8, shuffle: true, seed: [4, 0] },
    [0, 1, 2],
  );
  const orderOf = (epoch: number) =>
    result
      .filter((each) => each.epoch === epoch)
      .flatMap(({ x, weight }) => [...x].filter((_, k) => weight[k] === 1).map((v) => Math.round(v * 255)));
  const sorted = [...split.examples].sort((a, b) => a - b);
  for (const epoch of [0, 1, 2]) expect(orderOf(epoch).sort((a, b) => a - b)).toEqual(sorted);
  expect(orderOf(0)).not.toEqual(orderOf(1));
  expect(orderOf(1)).not.toEqual(orderOf(2));
});

test("a batch of more rows than one dimension of a dispatch has workgroups is gathered to its last row", async () => {
  const device = await sharedDevice();
  const [count, features] = [65_600, 256];
  const examples = Uint8Array.from({ length: count * features }, (_, k) => (k >> 8) + 31 * k);
  const split = { count, examples };
  const buffers = {
    data: uploadSplit(device, split, "test"),
    x: storageBuffer(device, 4 * count * features, "x"),
    weight: storageBuffer(device, 4 * count, "weight"),
    state: storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  upload(device, buffers.state, encodeState({ seed: [1, 0], step: 0, examples: count }));
  // A thread for every four pixels, as on a real GPU: 65,600 workgroups.
  const profile = { ...device.profile, software: false };
  const gather = gatherBatch({
    data: "data",
    dataBytes: splitBytes(split),
    batchSize: count,
    features,
    shuffle: false,
    profile,
  });
  expect(gather.workgroups).toEqual([32_800, 2, 1]);
  const plan = { dispatches: [gather], slots: [], outputs: {} };
  const program = await createProgram(device, plan, { pipelines: createPipelineCache(device), buffers });
  const encoder = device.gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  program.encode(pass);
  pass.end();
  device.gpu.queue.submit([encoder.finish()]);
  const x = new Float32Array(await download(device, buffers.x, 0, 4 * count * features));
  expect(x.every((value, k) => Math.abs(value * 255 - examples[k]) < 1e-3)).toBe(true);
  for (const buffer of Object.values(buffers)) buffer.destroy();
  device.check();
});

const still = { name: "sgd", learningRate: 1e-30 } as const;

/** Mean losses over an epoch of a model that stands still. */
async function epochLosses(batchSize: number, count: number) {
  const dataset = patterns(count, count, [4, 4, 1]);
  const device = await sharedDevice();
  return withTrainer(device, tinyVae(), tinyOptions(dataset, { batchSize, optimizer: still }), async (trainer) => {
    const rows: StepRow[] = [];
    await trainer.train(trainer.stepsPerEpoch, (row) => rows.push(row));
    const examples = rows.reduce((sum, { valid }) => sum + valid, 0);
    const means = trainer.metricNames.map(
      (_, k) => rows.reduce((sum, { valid, metrics }) => sum + valid * metrics[k], 0) / examples,
    );
    return { rows, examples, means, test: await trainer.evaluate(0), snapshot: await trainer.snapshot(), dataset };
  });
}

test("the ragged last batch counts in training and evaluation: the interpreter's mean over all examples agrees", async () => {
  const count = 21;
  const batchSize = 8;
  const { rows, examples, means, test: evaluated, dataset } = await epochLosses(batchSize, count);
  expect(rows.map(({ valid }) => valid)).toEqual([8, 8, 5]);
  expect(examples).toBe(count);

  const model = tinyVae();
  const { metrics, names } = batchObjective(model, batchSize, 16, true);
  const graph = collect({ metrics });
  const weights = Object.fromEntries(model.parameters.map((parameter) => [parameter.name, parameter.initialize(3)]));
  const meansOf = (split: { examples: Uint8Array }, seed: [number, number], shuffled: boolean) => {
    const sums = names.map(() => 0);
    for (let batch = 0; batch < 3; batch++) {
      const positions = Array.from({ length: batchSize }, (_, row) => batch * batchSize + row);
      const x = positions.flatMap((position) => {
        const index = shuffled && position < count ? permute(position, count, seed, 0) : position;
        return Array.from({ length: 16 }, (_, k) => (position < count ? split.examples[16 * index + k] / 255 : 0));
      });
      const weight = positions.map((position) => Number(position < count));
      const values = interpret(graph, { feeds: { ...weights, x, weight, klWeight: [1] }, seed, step: batch });
      const valid = Math.min(batchSize, count - batch * batchSize);
      for (const k of names.keys()) sums[k] += valid * values.metrics[k];
    }
    return sums.map((sum) => sum / count);
  };
  expect(relativeError(means, meansOf(dataset.train, [3, 0], true))).toBeLessThan(1e-5);
  expect(relativeError(Object.values(evaluated!), meansOf(dataset.test, [3, 1], false))).toBeLessThan(1e-5);
});

test("whatever the batch size, a model's KL over a split is the same mean", async () => {
  // The KL has no noise in it, so it does not depend on which noise an example meets.
  const [whole, ragged, single] = [await epochLosses(12, 12), await epochLosses(5, 12), await epochLosses(1, 12)];
  const kl = 2;
  expect(Math.abs(ragged.means[kl] / whole.means[kl] - 1)).toBeLessThan(1e-5);
  expect(Math.abs(single.means[kl] / whole.means[kl] - 1)).toBeLessThan(1e-5);
  expect(Math.abs(ragged.test!.kl / whole.test!.kl - 1)).toBeLessThan(1e-5);
  expect(Math.abs(single.test!.kl / whole.test!.kl - 1)).toBeLessThan(1e-5);
});

test("a test split smaller than a batch is evaluated as it is", async () => {
  const dataset = { ...patterns(16, 16, [4, 4, 1]), test: patterns(1, 3, [4, 4, 1]).test };
  const device = await sharedDevice();
  const large = await withTrainer(device, tinyVae(), tinyOptions(dataset, { batchSize: 16 }), (trainer) =>
    trainer.evaluate(0),
  );
  const exact = await withTrainer(device, tinyVae(), tinyOptions(dataset, { batchSize: 3 }), (trainer) =>
    trainer.evaluate(0),
  );
  expect(relativeError(Object.values(large!), Object.values(exact!))).toBeLessThan(1e-5);
});

for (const [what, change, message] of [
  [
    "a batch larger than the training set",
    { batchSize: 17 },
    /A batch of 17 is larger than the 16 training examples of patterns/,
  ],
  [
    "no test examples",
    { dataset: { ...patterns(16, 4, [4, 4, 1]), test: { count: 0, examples: new Uint8Array() } } },
    /no test examples/,
  ],
  [
    "examples of another size",
    { dataset: patterns(16, 4, [5, 4, 1]) },
    /takes examples of shape \[4,4,1\].*shape \[5,4,1\]/,
  ],
  [
    "a split that lies about its count",
    { dataset: { ...patterns(16, 4, [4, 4, 1]), train: { count: 15, examples: new Uint8Array(256) } } },
    /training data hold 256 bytes, which are not 15 examples/,
  ],
] as const) {
  test(`${what}: refused as data, in a sentence`, async () => {
    const options = tinyOptions(patterns(16, 4, [4, 4, 1]), change);
    const error = await withTrainer(await sharedDevice(), tinyVae(), options, async () => undefined).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ name: "ReparamError", code: "data", message: expect.stringMatching(message) });
  });
}
