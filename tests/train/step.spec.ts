import { expect, test } from "@playwright/test";
import fc from "fast-check";
import type { Device } from "../../src/gpu/device.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { encodeState } from "../../src/kernels/state.ts";
import { convVae, type Model, vae } from "../../src/models/index.ts";
import { sizeOf } from "../../src/node/node.ts";
import { permute } from "../../src/random/feistel.ts";
import { arenaLayout, packArena, unpackArena } from "../../src/runtime/arena.ts";
import type { StepRow } from "../../src/runtime/runner.ts";
import { batchObjective } from "../../src/train/objective.ts";
import { drivers } from "../support/dawn.ts";
import { freshDevice, patterns, relativeError, sharedDevice, withTrainer } from "../support/training.ts";

interface Problem {
  readonly model: Model;
  readonly count: number;
  readonly batchSize: number;
  readonly klWeight: number;
  readonly seed: number;
  readonly epoch: number;
}

/** One step, of an epoch's last and mostly ragged batch, on the GPU and in float64. */
async function expectSameStep(device: Device, { model, count, batchSize, klWeight, seed, epoch }: Problem) {
  const features = sizeOf(model.input);
  const dataset = patterns(count, 3, model.input);
  const batches = Math.ceil(count / batchSize);
  const batch = batches - 1;
  const step = epoch * batches + batch;
  const layout = arenaLayout(model.parameters);
  const parameters = packArena(layout, (parameter) => parameter.initialize(seed).map((value) => value + 0.01));

  const onGpu = await withTrainer(
    device,
    model,
    {
      dataset,
      batchSize,
      optimizer: { name: "sgd", learningRate: 1 },
      learningRateSchedule: { name: "constant" },
      klWeight: { name: "constant", value: klWeight },
      totalSteps: step + 1,
      seed,
    },
    async (trainer) => {
      const state = encodeState({ seed: [seed, 0], step, epoch, batch, batches, examples: count });
      trainer.restore({ ...(await trainer.snapshot()), parameters, state });
      const rows: StepRow[] = [];
      await trainer.train(1, (row) => rows.push(row));
      const after = await trainer.snapshot();
      // Plain SGD keeps the gradient there.
      return { row: rows[0], gradients: after.firstMoments, parameters: after.parameters };
    },
  );

  const { loss, metrics, statistics } = batchObjective(model, batchSize, features, true);
  const trained = model.parameters.filter((parameter) => parameter.trained);
  const slopes = gradients(
    loss,
    trained.map(({ node }) => node),
  );
  const graph = collect({
    metrics,
    ...Object.fromEntries(trained.map(({ name }, k) => [name, slopes[k]])),
    ...Object.fromEntries([...statistics].map(([{ name }, next]) => [name, next])),
  });
  const positions = Array.from({ length: batchSize }, (_, row) => batch * batchSize + row);
  const x = positions.flatMap((position) => {
    if (position >= count) return new Array<number>(features).fill(0);
    const index = permute(position, count, [seed, 0], epoch);
    return Array.from(dataset.train.examples.subarray(index * features, (index + 1) * features), (byte) => byte / 255);
  });
  const weights = Object.fromEntries(
    model.parameters.map((parameter) => [parameter.name, unpackArena(layout, parameters, parameter)]),
  );
  const feeds = { ...weights, x, weight: positions.map((position) => Number(position < count)), klWeight: [klWeight] };
  const exact = interpret(graph, { feeds, seed: [seed, 0], step });

  expect(onGpu.row.valid).toBe(count - batch * batchSize);
  expect(relativeError(onGpu.row.metrics, exact.metrics), "losses").toBeLessThan(1e-5);
  let square = 0;
  for (const parameter of trained) {
    const slope = exact[parameter.name];
    square += slope.reduce((sum, value) => sum + value * value, 0);
    const actual = unpackArena(layout, onGpu.gradients, parameter);
    // To the scale of all gradients: a bias whose terms cancel has few digits left.
    const scale = Math.max(
      ...trained.map(({ name }) => exact[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0)),
    );
    const error = Math.max(...actual.map((value, k) => Math.abs(value - slope[k])));
    expect(error / scale, `gradient of ${parameter.name}`).toBeLessThan(1e-5);
  }
  expect(statistics.size).toBe(model.parameters.length - trained.length);
  for (const statistic of statistics.keys()) {
    const next = unpackArena(layout, onGpu.parameters, statistic);
    expect(relativeError(next, exact[statistic.name]), statistic.name).toBeLessThan(1e-5);
  }
  expect(Math.abs(onGpu.row.gradientNorm / Math.sqrt(square) - 1), "gradient norm").toBeLessThan(1e-5);
}

const problem: fc.Arbitrary<Problem> = fc.record({
  model: fc
    .record({
      input: fc.constantFrom([1], [7], [4, 4, 1], [3, 5, 1], [8, 8, 1], [31]),
      hidden: fc.constantFrom([], [1], [8], [13], [16, 12], [5, 7, 9]),
      latent: fc.integer({ min: 1, max: 9 }),
      activation: fc.constantFrom("relu", "leakyRelu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus"),
      likelihood: fc.constantFrom("bernoulli", "gaussian"),
      initializer: fc.constantFrom("pytorch", "glorot", "he"),
    })
    .map(vae),
  count: fc.integer({ min: 17, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 17 }),
  klWeight: fc.constantFrom(0, 0.5, 1, 4),
  seed: fc.nat(0xffff_ffff),
  epoch: fc.nat(1000),
});

test("a training step on the GPU is the float64 interpreter's, whatever the model, the batch and the place in the run", async () => {
  const device = await sharedDevice();
  await fc.assert(
    fc.asyncProperty(problem, (drawn) => expectSameStep(device, drawn)),
    { numRuns: process.env.REPARAM_LONG ? 100 : 6, endOnFailure: true },
  );
});

for (const driver of drivers) {
  test(`a ragged batch of a model with odd sizes: the interpreter's step (${driver ?? "default"} adapter)`, async () => {
    const model = vae({
      input: [5, 7, 1],
      hidden: [13, 6],
      latent: 3,
      activation: "gelu",
      likelihood: "bernoulli",
    });
    await expectSameStep(await sharedDevice(driver), {
      model,
      count: 40,
      batchSize: 9,
      klWeight: 0.5,
      seed: 0xffff_ffff,
      epoch: 3,
    });
  });
}

for (const driver of drivers) {
  test(`a convolutional model of odd sizes and three colours: the interpreter's step (${driver ?? "default"} adapter)`, async () => {
    const model = convVae({ input: [7, 5, 3], channels: [4, 6], dense: 5, latent: 3, activation: "softplus" });
    await expectSameStep(await sharedDevice(driver), {
      model,
      count: 13,
      batchSize: 5,
      klWeight: 0.5,
      seed: 9,
      epoch: 2,
    });
  });
}

for (const normalization of ["batch", "layer", "group"] as const) {
  test(`${normalization} norm and dropout in a ragged batch: the interpreter's step`, async () => {
    const model = convVae({
      input: [7, 5, 2],
      channels: [6],
      dense: 8,
      latent: 3,
      activation: "softplus",
      normalization,
      dropout: 0.3,
    });
    const rest = { count: 13, batchSize: 5, klWeight: 0.5, seed: 9, epoch: 2 };
    await expectSameStep(await sharedDevice(), { model, ...rest });
  });
}

test("WebGPU's default limits and no optional feature are enough for a training step", async () => {
  const device = await freshDevice({ baseline: true });
  expect([...device.gpu.features].filter((feature) => feature !== "core-features-and-limits")).toEqual([]);
  const model = vae({ input: [8, 8, 1], hidden: [12], latent: 3, activation: "relu", likelihood: "bernoulli" });
  await expectSameStep(device, { model, count: 40, batchSize: 16, klWeight: 1, seed: 5, epoch: 0 });
  device.dispose();
});
