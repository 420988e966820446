import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, valuesOf, vector } from "../../src/data/dataset.ts";
import { RING_SIGMA, ring, ringCentres } from "../../src/data/ring.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { modesFound } from "../../src/metrics/modes-found.ts";
import { gan, type Model } from "../../src/models/index.ts";
import type { Node } from "../../src/node/node.ts";
import { sum } from "../../src/ops/reduce.ts";
import { reshape } from "../../src/ops/shape.ts";
import { arenaLayout, unpackArena } from "../../src/runtime/arena.ts";
import { fieldBuffer, openBatch, WEIGHT } from "../../src/train/batch.ts";
import { fit } from "../../src/train/fit.ts";
import { normals } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { patterns, sharedDevice, tinyOptions, withTrainer } from "../support/training.ts";

const data = patterns(37, 9, [4, 4, 1]);
const tiny = (options: Partial<Parameters<typeof gan>[0]> = {}) => gan({ data, widths: [8, 6], latent: 3, ...options });

const feedsOf = (
  model: Model,
  rows: number,
  values: (name: string) => ArrayLike<number> | undefined = () => undefined,
) => ({
  ...Object.fromEntries(
    model.parameters.map((parameter) => [parameter.name, values(parameter.name) ?? parameter.initialize(5)]),
  ),
  [WEIGHT]: new Array<number>(rows).fill(1),
  [fieldBuffer("x")]: valuesOf(data.train.values.x.subarray(0, rows * 16), data.fields.x),
});

test("the discriminator's loss has no gradient in the generator, exactly", () => {
  const model = tiny();
  const [discriminator] = model.stages[0].objectives;
  const { batch, pass } = openBatch(model, 6, { training: true });
  const { loss } = discriminator.terms(batch, pass);
  const generator = model.parameters.filter(({ name, trained }) => trained && name.startsWith("generator"));
  const slopes = gradients(
    sum(loss as Node),
    generator.map(({ node }) => node),
  );
  const graph = collect(Object.fromEntries(slopes.map((slope, k) => [generator[k].name, slope])));
  const values = interpret(graph, { feeds: feedsOf(model, 6) });
  for (const { name } of generator)
    expect(
      values[name].every((value) => value === 0),
      name,
    ).toBe(true);
});

test("each player moves its own weights and no bit of the other's", async () => {
  const whole = tiny({ normalization: "none" });
  for (const [k, mine] of ["discriminator", "generator"].entries()) {
    const [stage] = whole.stages;
    const other = whole.stages[0].objectives[1 - k];
    // The other player stands still: its objective moves nothing that is looked at.
    const model: Model = {
      ...whole,
      parameters: whole.parameters.map((parameter) =>
        other.moves.includes(parameter) ? { ...parameter, trained: false } : parameter,
      ),
      stages: [{ ...stage, objectives: [stage.objectives[k]] }],
    };
    const layout = arenaLayout(model.parameters);
    await withTrainer(await sharedDevice(), model, tinyOptions(data), async (trainer) => {
      const before = await trainer.snapshot();
      await trainer.train(7, () => {});
      const after = await trainer.snapshot();
      for (const parameter of model.parameters) {
        const same = Buffer.compare(
          Buffer.from(unpackArena(layout, before.parameters, parameter).slice().buffer),
          Buffer.from(unpackArena(layout, after.parameters, parameter).slice().buffer),
        );
        expect(same === 0, parameter.name).toBe(!parameter.name.startsWith(mine));
      }
    });
  }
});

test("a discriminator that cannot tell has the losses 2 ln 2 and ln 2", () => {
  const model = tiny();
  const zeros = (name: string) =>
    name.startsWith("discriminator.out")
      ? new Float64Array(model.parameters.find((p) => p.name === name)!.initialize(0).length)
      : undefined;
  const losses = model.stages[0].objectives.map((objective) => {
    const { batch, pass } = openBatch(model, 6, { training: false });
    const { loss } = objective.terms(batch, pass);
    return interpret(collect({ loss: loss as Node }), { feeds: feedsOf(model, 6, zeros) }).loss;
  });
  for (const value of losses[0]) expect(value).toBeCloseTo(2 * Math.LN2, 12);
  for (const value of losses[1]) expect(value).toBeCloseTo(Math.LN2, 12);
});

test("against a generator that stands still the discriminator becomes p / (p + q)", async () => {
  // p is N(0, 1), and what is drawn N(1.5, 1): the log of their ratio is 1.125 − 1.5 x.
  const count = 2000;
  const x = Float32Array.from(normals(count / 4).flat());
  const split = { count, values: { x } };
  const few = { count: 250, values: { x: x.slice(0, 250) } };
  const dataset: Dataset = { name: "normal", fields: { x: vector(1) }, train: split, test: few };
  const made = gan({ data: dataset, widths: [16], latent: 1, normalization: "none", output: "linear" });
  // The generator draws 1.5 + z, as 1.5 + relu(z) − relu(−z), and stands still.
  const pair = Array.from({ length: 16 }, (_, unit) => [1, -1][unit] ?? 0);
  const generator: Record<string, number[]> = {
    "generator.0.weight": pair,
    "generator.0.bias": pair.map(() => 0),
    "generator.out.weight": pair,
    "generator.out.bias": [1.5],
  };
  const [stage] = made.stages;
  const [discriminator] = stage.objectives;
  expect(discriminator.name).toBe("discriminator");
  const model: Model = {
    ...made,
    parameters: made.parameters.map((parameter) => {
      const values = generator[parameter.name];
      return values ? { ...parameter, trained: false, initialize: () => Float32Array.from(values) } : parameter;
    }),
    stages: [{ ...stage, objectives: [discriminator] }],
    uses: {
      // The probability that the discriminator gives an example of being real.
      judge: {
        from: { x: vector(1) },
        to: vector(1),
        apply: ({ x }, pass) => {
          const { batch } = openBatch(made, pass.rows, { training: false });
          const { real } = discriminator.terms({ ...batch, field: () => x }, pass);
          return reshape(real as Node, [pass.rows, 1]);
        },
      },
    },
  };
  const run = fit(await sharedDevice(), model, dataset, {
    epochs: 100,
    batchSize: 250,
    learningRate: 0.02,
    learningRateSchedule: { name: "cosine" },
  });
  await run.finished;
  const places = [-1.5, -0.5, 0, 0.5, 1, 1.5, 2.5];
  const judged = await run.use("judge", places.length, { x: places });
  places.forEach((place, k) => {
    expect(Math.abs(judged[k] - 1 / (1 + Math.exp(1.5 * place - 1.125))), `at ${place}`).toBeLessThan(0.04);
  });
  await run.dispose();
});

test("a run that is cut after each of its steps and resumed ends in the same bytes", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice();
  // Of each part, what a step leaves: weights, both moments and the state. How often was evaluated between is not the run's.
  const trainedTo = async (maxSteps: number, resume?: Uint8Array) => {
    const run = fit(device, tiny(), data, { maxSteps, epochs: 2, batchSize: 8, seed: 2, resume });
    await run.finished;
    const checkpoint = await run.checkpoint();
    await run.dispose();
    return checkpoint;
  };
  const expected = await trainedTo(6);
  let cut: Uint8Array | undefined;
  for (let step = 1; step <= 6; step++) cut = await trainedTo(step, cut);
  expect(decodeSafetensors(cut!, "cut").tensors).toEqual(decodeSafetensors(expected, "whole").tensors);
});

test("the players have optimizers of their own, and an unknown one is refused", async () => {
  const model = tiny({ normalization: "none" });
  const layout = arenaLayout(model.parameters);
  const still = { generator: { name: "sgd", learningRate: 1e-30 } } as const;
  const options = tinyOptions(data, {
    ...trainingWith({ optimizers: still, optimizer: { learningRate: 0.01 } }),
    dataset: data,
    batchSize: 8,
    seed: 3,
  });
  await withTrainer(await sharedDevice(), model, options, async (trainer) => {
    const before = await trainer.snapshot();
    await trainer.train(3, () => {});
    const after = await trainer.snapshot();
    const moved = (name: string) => {
      const parameter = model.parameters.find((other) => other.name === name)!;
      const [a, b] = [before, after].map(({ parameters }) => unpackArena(layout, parameters, parameter));
      return a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k])), 0);
    };
    expect(moved("generator.0.weight")).toBe(0);
    expect(moved("discriminator.0.weight")).toBeGreaterThan(1e-3);
  });
  const run = fit(await sharedDevice(), tiny(), data, { optimizers: { critic: { learningRate: 1 } } });
  await expect(run.finished).rejects.toThrow("this model has no optimizer of that name; did you mean generator?");
});

for (const seed of [1, 2, 3]) {
  test(`gan-ring knows all eight modes of the ring, seed ${seed}`, async () => {
    test.skip(!long, onlyLong);
    const dataset = ring();
    const { options, training } = gan.statement.presets["gan-ring"];
    const run = fit(await sharedDevice(), gan({ data: dataset, ...options }), dataset, { ...training, seed });
    await run.finished;
    const samples = await run.sample(4000);
    await run.dispose();
    const around = { rows: 4000, centres: ringCentres, sigma: RING_SIGMA, atLeast: 200 };
    const { found, samples: counts, near } = modesFound(samples, around);
    const share = `${(100 * near).toFixed(1)} % within three standard deviations`;
    console.log(`gan-ring, seed ${seed}: ${found} modes, of 4000 samples ${counts.join(", ")}; ${share}`);
    expect(found).toBe(8);
    expect(near).toBeGreaterThan(0.7);
  });
}
