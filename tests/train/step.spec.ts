import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { convVae, vae } from "../../src/models/index.ts";
import { autoencoder } from "../../src/models/model.ts";
import { ones } from "../../src/nn/initializers.ts";
import { trained } from "../../src/nn/parameter.ts";
import * as ops from "../../src/ops/public.ts";
import { quickDrivers } from "../support/dawn.ts";
import { expectSameStep, type StepProblem } from "../support/float64-step.ts";
import { long, onlyLong } from "../support/long.ts";
import { freshDevice, patterns, sharedDevice } from "../support/training.ts";

const problem: fc.Arbitrary<StepProblem> = fc
  .record({
    input: fc.constantFrom([1], [7], [4, 4, 1], [3, 5, 1], [8, 8, 1], [31]),
    options: fc.record({
      hidden: fc.constantFrom([], [1], [8], [13], [16, 12], [5, 7, 9]),
      latent: fc.integer({ min: 1, max: 9 }),
      activation: fc.constantFrom("relu", "leakyRelu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus"),
      likelihood: fc.constantFrom("bernoulli", "gaussian"),
      initializer: fc.constantFrom("pytorch", "glorot", "he"),
      klWeight: fc.constantFrom(0, 0.5, 1, 4),
    } as const),
    count: fc.integer({ min: 17, max: 60 }),
    batchSize: fc.integer({ min: 1, max: 17 }),
    seed: fc.nat(0xffff_ffff),
    epoch: fc.nat(1000),
  })
  .map(({ input, options, count, ...rest }) => ({
    model: vae({ input, ...options }),
    dataset: patterns(count, 3, input),
    ...rest,
  }));

test("a training step on the GPU is the float64 interpreter's, whatever the model, the batch and the place in the run", async () => {
  const device = await sharedDevice();
  await fc.assert(
    fc.asyncProperty(problem, (drawn) => expectSameStep(device, drawn)),
    { numRuns: long ? 100 : 2, endOnFailure: true },
  );
});

for (const driver of quickDrivers) {
  test(`a ragged batch of a model with odd sizes: the interpreter's step (${driver ?? "default"} adapter)`, async () => {
    const input = [5, 7, 1];
    await expectSameStep(await sharedDevice(driver), {
      model: vae({ input, hidden: [13, 6], latent: 3, activation: "gelu", klWeight: 0.5 }),
      dataset: patterns(40, 3, input),
      batchSize: 9,
      seed: 0xffff_ffff,
      epoch: 3,
    });
  });
}

for (const driver of quickDrivers) {
  test(`a convolutional model of odd sizes and three colours: the interpreter's step (${driver ?? "default"} adapter)`, async () => {
    test.skip(!long, onlyLong); // those below are of odd sizes and two colours
    const input = [7, 5, 3];
    await expectSameStep(await sharedDevice(driver), {
      model: convVae({ input, channels: [4, 6], dense: 5, latent: 3, activation: "softplus", klWeight: 0.5 }),
      dataset: patterns(13, 3, input),
      batchSize: 5,
      seed: 9,
      epoch: 2,
    });
  });
}

for (const normalization of ["batch", "layer", "group"] as const) {
  test(`${normalization} norm and dropout in a ragged batch: the interpreter's step`, async () => {
    // Of all three the kernels and their gradients are PyTorch's: tests/golden/norm.spec.ts.
    test.skip(normalization !== "batch" && !long, onlyLong);
    const input = [7, 5, 2];
    const options = {
      channels: [6],
      dense: 8,
      latent: 3,
      activation: "softplus",
      dropout: 0.3,
      klWeight: 0.5,
    } as const;
    await expectSameStep(await sharedDevice(), {
      model: convVae({ input, normalization, ...options }),
      dataset: patterns(13, 3, input),
      batchSize: 5,
      seed: 9,
      epoch: 2,
    });
  });
}

test("a step reads as many schedules as its model has, each its own: the interpreter's step of thirty", async () => {
  const dataset = patterns(40, 3, [4, 4, 1]);
  const factors = trained("factors", [16], ones, { fanIn: 1, fanOut: 1 });
  const names = Array.from({ length: 30 }, (_, k) => `weight ${k}`);
  const model = autoencoder({
    fields: { x: dataset.fields.x },
    parameters: [factors],
    schedules: Object.fromEntries(
      names.map((name, k) => [name, k % 2 ? k / 30 : { name: "linear", from: 0, to: k, steps: 100 + k }]),
    ),
    unit: "",
    terms: (batch, pass) => {
      const x = ops.mul(ops.reshape(batch.field("x"), [pass.rows, 16]), factors.node);
      const part = (name: string, k: number) =>
        ops.mul(ops.schedule(name), ops.sum(ops.square(ops.sub(x, k / 30)), { axes: [1] }));
      return { loss: names.map(part).reduce((sum, term) => ops.add(sum, term)) };
    },
    uses: {},
  });
  await expectSameStep(await sharedDevice(), { model, dataset, batchSize: 9, seed: 5, epoch: 7 });
});

test("WebGPU's default limits and no optional feature are enough for a training step", async () => {
  const device = await freshDevice({ baseline: true });
  expect([...device.gpu.features].filter((feature) => feature !== "core-features-and-limits")).toEqual([]);
  const input = [8, 8, 1];
  await expectSameStep(device, {
    model: vae({ input, hidden: [], latent: 3 }),
    dataset: patterns(40, 3, input),
    batchSize: 16,
    seed: 5,
    epoch: 0,
  });
  device.dispose();
});
