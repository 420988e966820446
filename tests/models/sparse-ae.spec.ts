import { expect, test } from "@playwright/test";
import { digits } from "../../src/data/digits.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { sparseAe } from "../../src/models/index.ts";
import { deadShare, sparsityDivergence } from "../../src/models/sparsity.ts";
import { input } from "../../src/ops/leaf.ts";
import { openBatch, WEIGHT } from "../../src/train/batch.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { expectSameStep } from "../support/float64-step.ts";
import { long, onlyLong } from "../support/long.ts";
import { onBoth } from "../support/on-both.ts";
import { termsOf } from "../support/terms.ts";
import { patterns, relativeError, sharedDevice } from "../support/training.ts";

test("the divergence from a target of 0.05 and its gradient are exact, on the GPU as in float64", async () => {
  const means = input("means", [3]);
  const divergence = sparsityDivergence(means, 0.05);
  const [slope] = gradients(divergence, [means]);
  const exact = await onBoth({ divergence, slope }, { means: [0.05, 0.2, 0.01] });
  expect(exact.divergence[0]).toBeCloseTo(0.09394302602433154 + 0.041291085014358346, 14);
  expect(relativeError(exact.slope, [0, 0.9374999999999998, -4.040404040404041])).toBeLessThan(1e-12);
});

test("at means of 0 and 1 the divergence is large and finite", async () => {
  const means = input("means", [2]);
  // Beside 1 an f32 has few digits left of what is missing.
  const { divergence } = await onBoth({ divergence: sparsityDivergence(means, 0.05) }, { means: [0, 1] }, 2e-3);
  expect(divergence[0]).toBeGreaterThan(10);
  expect(divergence[0]).toBeLessThan(20);
});

test("a number of a code is dead where no example of a batch has it, whatever the rows past the end hold", () => {
  const code = input("code", [3, 4]);
  const graph = collect({ dead: deadShare(code, input("weight", [3])) });
  const feeds = { code: [0, 0.5, 0, 0, 0, 0, -2, 0.009, 7, 7, 7, 7] };
  expect(interpret(graph, { feeds: { ...feeds, weight: [1, 1, 0] } }).dead[0]).toBe(0.5);
  expect(interpret(graph, { feeds: { ...feeds, weight: [1, 1, 1] } }).dead[0]).toBe(0);
});

const data = patterns(24, 8, [2, 2, 1]);
const encoder = {
  "encoder.mean": [0.1, 0.2, 0.3, 0.4],
  "encoder.out.weight": [0.5, 1.5, -1, 0.3, 0.25, -0.7, 0.1, 0.2, -0.4, 0.8, 1.1, -0.6],
  "encoder.out.bias": [0.1, -0.2, 0.3],
};
const x = [0.2, 0.9, 0.4, 0.7, 0, 0.3, 1, 0.1];

/** What the dense layer makes of each example. */
const linear = [x.slice(0, 4), x.slice(4)].map((row) =>
  [0, 1, 2].map((j) =>
    row.reduce(
      (sum, value, i) => sum + (value - encoder["encoder.mean"][i]) * encoder["encoder.out.weight"][3 * i + j],
      encoder["encoder.out.bias"][j],
    ),
  ),
);

test("the means are those of the examples: the rows past the end of a batch do not count", () => {
  const model = sparseAe({ data, hidden: [], latent: 3, target: 0.2 });
  const given = { weights: encoder };
  const codes = linear.map((row) => row.map((value) => 1 / (1 + Math.exp(-(value + Math.log(0.2 / 0.8))))));
  const exact = [0, 1, 2]
    .map((j) => (codes[0][j] + codes[1][j]) / 2)
    .reduce((sum, mean) => sum + 0.2 * Math.log(0.2 / mean) + 0.8 * Math.log(0.8 / (1 - mean)), 0);
  const whole = termsOf(model, { ...given, x, rows: 2 });
  expect(whole.sparsity[0]).toBeCloseTo(exact, 12);
  const ragged = termsOf(model, { ...given, x: [...x, 1, 1, 0, 1], rows: 3, weight: [1, 1, 0] });
  expect(ragged.sparsity[0]).toBeCloseTo(exact, 12);
  whole.loss.forEach((loss, row) => {
    expect(loss).toBeCloseTo(whole.reconstruction[row] + 10 * exact, 10);
  });
});

test("l1 is the sum of a ReLU code", () => {
  const model = sparseAe({ data, hidden: [], latent: 3, sparsity: "l1", sparsityWeight: 0.5 });
  const { loss, reconstruction, sparsity } = termsOf(model, { x, rows: 2, weights: encoder });
  linear.forEach((row, i) => {
    const size = row.reduce((sum, value) => sum + Math.max(value, 0), 0);
    expect(sparsity[i]).toBeCloseTo(size, 12);
    expect(loss[i]).toBeCloseTo(reconstruction[i] + 0.5 * size, 12);
  });
});

test("with topK exactly so many numbers of a code are not 0: in training as the schedule says, then as it ends", () => {
  const active = { name: "linear", from: 3, to: 1, steps: 10 } as const;
  const model = sparseAe({ data, hidden: [], latent: 3, sparsity: "topK", active });
  const passing = (training: boolean, now: number) => {
    const { pass } = openBatch(model, 2, { training });
    const graph = collect({ code: model.uses.encode.apply({ x: input("x", [2, 2, 2, 1]) }, pass) });
    const { code } = interpret(graph, { feeds: { ...encoder, x, active: [now], [WEIGHT]: [1, 1] } });
    return [code.slice(0, 3), code.slice(3)];
  };
  for (const [training, now, count] of [
    [true, 3, 3],
    [true, 2, 2],
    [false, 3, 1],
  ] as const) {
    passing(training, now).forEach((code, row) => {
      const kept = linear[row].toSorted((a, b) => b - a).slice(0, count);
      code.forEach((value, j) => {
        expect(value).toBeCloseTo(kept.includes(linear[row][j]) ? linear[row][j] : 0, 12);
      });
      expect(code.filter((value) => value !== 0)).toHaveLength(count);
    });
  }
});

test("a step with topK is that in float64, while its schedule goes on", async () => {
  const dataset = patterns(21, 3, [2, 3, 1]);
  const active = { name: "linear", from: 6, to: 2, steps: 12 } as const;
  const model = sparseAe({ data: dataset, hidden: [5], latent: 6, sparsity: "topK", active });
  await expectSameStep(await sharedDevice(), { model, dataset, batchSize: 8, seed: 9, epoch: 2 });
});

test("examples are taken less the training examples' mean, which a model keeps", () => {
  const model = sparseAe({ data, hidden: [], latent: 3 });
  const mean = model.parameters.find(({ name }) => name === "encoder.mean")!;
  expect(mean.trained).toBe(false);
  const fitted = mean.fit!(data.train, data.fields);
  const exact = [0, 1, 2, 3].map(
    (k) =>
      [...data.train.values.x].reduce((sum, byte, at) => sum + (at % 4 === k ? byte : 0), 0) / 255 / data.train.count,
  );
  expect(relativeError(fitted, exact)).toBeLessThan(1e-7);
});

/** The mean of each number of the test examples' codes. */
function meansOf(codes: Float32Array, latent: number): number[] {
  const sums = new Array<number>(latent).fill(0);
  codes.forEach((value, at) => {
    sums[at % latent] += (value * latent) / codes.length;
  });
  return sums;
}

test("numbers of a code come to be on for the share of the examples that is wanted, and stay so by the penalty", async () => {
  test.skip(!long, onlyLong);
  const data = digits({ trainCount: 1000, testCount: 400 });
  const trained = async (sparsityWeight: number) => {
    const model = sparseAe({ data, latent: 48, target: 0.1, sparsityWeight });
    const run = fit(await sharedDevice(), model, data, { epochs: 15, batchSize: 50, learningRate: 1e-2, seed: 1 });
    let dead = Number.NaN;
    for await (const { test: terms } of run) dead = terms.deadUnits;
    const means = meansOf(await run.encode(data.test.values.x), 48);
    await run.dispose();
    return { dead, means, mean: means.reduce((sum, mean) => sum + mean, 0) / means.length };
  };
  const sparse = await trained(60);
  expect(sparse.dead).toBe(0);
  expect(Math.abs(sparse.mean - 0.1)).toBeLessThan(0.02);
  for (const mean of sparse.means) expect(Math.abs(mean - 0.1)).toBeLessThan(0.06);
  expect((await trained(0)).mean).toBeGreaterThan(0.2);
});

for (const [preset, { options, training }] of Object.entries(sparseAe.statement.presets)) {
  test(`the preset ${preset} leaves hardly a number of a code dead on the built-in digits`, async () => {
    test.skip(!long, onlyLong);
    const data = digits({ trainCount: 10_000, testCount: 1000 });
    const model = sparseAe({ data, ...options });
    const { learningRate } = { ...sparseAe.statement.training!.optimizer, ...training?.optimizer };
    const run = fit(await sharedDevice(drivers[0]), model, data, { epochs: 10, learningRate, seed: 1 });
    await run.finished;
    const codes = await run.encode(data.test.values.x);
    await run.dispose();
    const latent = 256;
    const largest = new Array<number>(latent).fill(0);
    codes.forEach((value, at) => {
      largest[at % latent] = Math.max(largest[at % latent], Math.abs(value));
    });
    const dead = largest.filter((value) => value < 0.01).length / latent;
    const mean = codes.reduce((sum, value) => sum + value, 0) / codes.length;
    const rest = codes.filter((value) => value === 0).length / codes.length;
    console.log(`${preset}: ${dead} dead, mean ${mean}, ${rest} are 0`);
    expect(dead).toBeLessThan(0.15);
    if (preset === "sparse-ae") expect(Math.abs(mean - 0.05)).toBeLessThan(0.01);
    if (preset === "sparse-ae-topk") expect(rest).toBe(1 - 16 / latent);
  });
}
