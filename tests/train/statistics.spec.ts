import { expect, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/safetensors.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { convVae, type Model } from "../../src/models/index.ts";
import { inference, type Parameter, type TrainingPass } from "../../src/nn/layers.ts";
import { batchNorm } from "../../src/nn/norm-layers.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { arenaLayout, unpackArena } from "../../src/runtime/arena.ts";
import { decodeCheckpoint, decodeWeights, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { fit } from "../../src/train/fit.ts";
import { initialProgress } from "../../src/train/loop.ts";
import { batchObjective } from "../../src/train/objective.ts";
import { createTrainer, type Snapshot, type Trainer } from "../../src/train/trainer.ts";
import { patterns, relativeError, sharedDevice, tinyOptions } from "../support/training.ts";

const shape = [6, 6, 1];
const model = convVae({ input: shape, channels: [4], dense: 6, normalization: "batch", dropout: 0.2 });
const dataset = patterns(37, 11, shape); // with batches of 8, the last of five has 5
const layout = arenaLayout(model.parameters);
const statistics = model.parameters.filter(({ trained }) => !trained);

// One trainer for most tests: compiling it takes seconds.
let trainer: Trainer;
let beginning: Snapshot;
test.beforeAll(async () => {
  trainer = await createTrainer(await sharedDevice(), model, tinyOptions(dataset));
  beginning = await trainer.snapshot();
});
test.afterAll(() => trainer?.dispose());

async function afterSteps(steps: number, from: Snapshot = beginning): Promise<Snapshot> {
  trainer.restore(from);
  await trainer.train(steps, () => {});
  return trainer.snapshot();
}

test("running statistics lie behind what is trained, and are not counted", async () => {
  expect(statistics.map(({ name }) => name)).toEqual(
    ["encoder.norm.0", "decoder.norm.0"].flatMap((norm) => [`${norm}.runningMean`, `${norm}.runningVariance`]),
  );
  for (const { name } of statistics) expect(layout.offsets.get(name)).toBeGreaterThanOrEqual(layout.trainedBytes);
  const count = model.parameters
    .filter(({ trained }) => trained)
    .reduce((sum, parameter) => sum + parameter.shape.reduce((a, b) => a * b), 0);
  expect(trainer.parameterCount).toBe(count);
});

test("every step moves them, and they have no moments", async () => {
  const [one, two] = [await afterSteps(1), await afterSteps(2)];
  for (const parameter of statistics) {
    const values = [parameter.initialize(0), ...[one, two].map((at) => unpackArena(layout, at.parameters, parameter))];
    expect(values[1]).not.toEqual(values[0]);
    expect(values[2]).not.toEqual(values[1]);
    expect(unpackArena(layout, two.firstMoments, parameter).every((moment) => moment === 0)).toBe(true);
  }
});

test("a run that was interrupted, saved and loaded ends with the same bytes", async () => {
  const whole = await afterSteps(13);
  const half = await afterSteps(6);
  const progress = { ...initialProgress(trainer), step: 6 };
  const bytes = encodeCheckpoint(model.parameters, half, progress, {});
  const { tensors } = decodeSafetensors(bytes, "saved");
  for (const { name } of statistics) {
    expect(tensors[name].shape).toEqual([4]);
    expect(Object.keys(tensors).filter((key) => key.endsWith(name))).toEqual([name]);
  }
  expect(await afterSteps(7, decodeCheckpoint(bytes, model.parameters, "saved").snapshot)).toEqual(whole);
});

test("a ragged last batch is the same as a batch of its size", () => {
  const run = (batchSize: number) => {
    const { metrics, statistics: next } = batchObjective(model, batchSize, 36, true);
    const graph = collect({ metrics, ...Object.fromEntries([...next].map(([{ name }, node]) => [name, node])) });
    const weights = Object.fromEntries(model.parameters.map((parameter) => [parameter.name, parameter.initialize(3)]));
    // What lies past the end must not matter, so it is far from zero.
    const x = Array.from({ length: batchSize * 36 }, (_, k) => (k < 5 * 36 ? Math.sin(k) ** 2 : 7));
    const weight = Array.from({ length: batchSize }, (_, row) => Number(row < 5));
    return interpret(graph, { feeds: { ...weights, x, weight, klWeight: [1] }, seed: [3, 0], step: 4 });
  };
  const [ragged, exact] = [run(8), run(5)];
  for (const name of Object.keys(exact)) expect(relativeError(ragged[name], exact[name]), name).toBeLessThan(1e-12);
});

test("evaluation and inference normalise with them, and drop nothing", async () => {
  const run = fit(await sharedDevice(), model, dataset, { epochs: 2, batchSize: 8, seed: 3, learningRate: 0.01 });
  await run.finished;
  const bytes = await run.checkpoint();
  const weights = Object.fromEntries(decodeWeights(bytes, model.parameters, "saved"));
  const examples = Float32Array.from(dataset.test.examples, (byte) => byte / 255);
  const x = ops.input("x", [11, 36]);
  const graph = collect({
    codes: model.encode(x),
    images: model.decode(model.encode(x)),
    ...model.terms(x, inference),
  });
  const feeds = { ...weights, x: examples, klWeight: [1] };
  const exact = interpret(graph, { feeds });
  expect(relativeError(await run.encode(examples), exact.codes)).toBeLessThan(1e-5);
  expect(relativeError(await run.reconstruct(examples), exact.images)).toBeLessThan(1e-5);
  // Codes do not depend on what else is in the batch.
  expect(relativeError(await run.encode(examples.subarray(0, 36)), exact.codes.subarray(0, 2))).toBeLessThan(1e-5);
  const { kl } = await run.evaluate();
  expect(Math.abs(kl / (exact.kl.reduce((sum, value) => sum + value, 0) / 11) - 1)).toBeLessThan(1e-5);

  const again = fit(await sharedDevice(), model, dataset, { epochs: 2, batchSize: 8, seed: 3, resume: bytes });
  await again.finished;
  expect(await again.encode(examples)).toEqual(await run.encode(examples));
  await Promise.all([run.dispose(), again.dispose()]);
});

test("a layer applied twice in a step is refused in a sentence", () => {
  const norm = batchNorm("norm", 36);
  const twice = {
    ...model,
    parameters: norm.parameters,
    terms: (x: Parameters<typeof model.terms>[0], pass: Parameters<typeof model.terms>[1]) => ({
      loss: ops.sum(norm.apply(norm.apply(x, pass), pass), { axes: [1] }),
    }),
  };
  expect(() => batchObjective(twice, 4, 36, true)).toThrow(
    'A step updates "norm.runningMean", a running statistic, twice: apply its layer once, or make two layers.',
  );
  batchObjective(twice, 4, 36, false);
});

/** A model by hand of one factor for each number, which does something with a running statistic in training. */
function withStatistic(parameters: readonly Parameter[], train: (pass: TrainingPass, x: Node) => void): Model {
  const factors = parameterOf("factors", [36], true);
  return {
    ...model,
    parameters: [factors, ...parameters],
    terms: (x, pass) => {
      if (pass.training) train(pass, x);
      return { loss: ops.sum(ops.square(ops.mul(x, factors.node)), { axes: [1] }) };
    },
  };
}

const parameterOf = (name: string, shape: number[], trained: boolean): Parameter => ({
  name,
  shape,
  node: ops.parameter(name, shape),
  trained,
  initialize: () => new Float32Array(shape[0]).fill(1),
});

const peak = parameterOf("peak", [36], false);

test("an update that could only go wrong is refused in a sentence", () => {
  const objective = (mistaken: Model) => () => batchObjective(mistaken, 4, 36, true);
  const sums = (x: Node) => ops.sum(x, { axes: [0] });
  expect(objective(withStatistic([peak], (pass, x) => pass.update(peak, ops.sum(x, { axes: [1] }))))).toThrow(
    'A step updates "peak", a running statistic of shape [36], with the shape [4]: the two must agree.',
  );
  expect(objective(withStatistic([], (pass, x) => pass.update(peak, sums(x))))).toThrow(
    'A step updates "peak", which is none of the model\'s parameters: list it there.',
  );
  const trained = parameterOf("peak", [36], true);
  expect(objective(withStatistic([trained], (pass, x) => pass.update(trained, sums(x))))).toThrow(
    'A step updates "peak", which the optimizer moves: a running statistic has `trained: false`.',
  );
});

for (const [what, leaf, message] of [
  ["a parameter that the model does not list", peak.node, /uses the parameter "peak".*list it in the model's param/],
  [
    "an input that nothing fills",
    ops.input("labels", [8, 36]),
    /Nothing fills the input "labels": there are .*\bx, weight\b/,
  ],
] as const) {
  test(`${what} is refused in a sentence`, async () => {
    const plain = withStatistic([], () => {});
    const mistaken: Model = {
      ...plain,
      terms: (x, pass) => ({ loss: ops.add(plain.terms(x, pass).loss, ops.sum(leaf)) }),
    };
    const building = createTrainer(await sharedDevice(), mistaken, tinyOptions(dataset));
    await expect(building).rejects.toMatchObject({ code: "config", message: expect.stringMatching(message) });
  });
}

test("a running statistic that is not finite ends the run with the weights before it, though the loss is", async () => {
  const mistaken = withStatistic([peak], (pass, x) =>
    pass.update(peak, ops.log(ops.sub(ops.sum(x, { axes: [0] }), 99))),
  );
  const bad = await createTrainer(await sharedDevice(), mistaken, tinyOptions(dataset));
  await expect(bad.train(3, () => {})).rejects.toMatchObject({
    code: "nonfinite",
    message: expect.stringMatching(/a running statistic was not finite at step 1; the first bad value was log \[36\]/),
  });
  expect((await bad.weights()).every(Number.isFinite)).toBe(true);
  bad.dispose();
});
