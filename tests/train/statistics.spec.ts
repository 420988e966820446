import { expect, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { autoencoder, convVae, type Model, type Terms } from "../../src/models/index.ts";
import { batchNorm } from "../../src/nn/norm-layers.ts";
import type { Parameter } from "../../src/nn/parameter.ts";
import { held, type Pass } from "../../src/nn/pass.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { arenaLayout, unpackArena } from "../../src/runtime/arena.ts";
import type { Snapshot } from "../../src/train/arenas.ts";
import { fieldBuffer, usePass, WEIGHT } from "../../src/train/batch.ts";
import { encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { fit } from "../../src/train/fit.ts";
import { GRADIENT, stageGraphs } from "../../src/train/objective.ts";
import { initialProgress } from "../../src/train/progress.ts";
import { openCheckpoint, readCheckpoint, readWeights } from "../../src/train/read-checkpoint.ts";
import type { Trainer } from "../../src/train/trainer.ts";
import { enteredTrainer, patterns, relativeError, sharedDevice, tinyOptions } from "../support/training.ts";

const shape = [6, 6, 1];
const model = convVae({ input: shape, channels: [4], dense: 6, normalization: "batch", dropout: 0.2 });
const dataset = patterns(37, 11, shape); // with batches of 8, the last of five has 5
const layout = arenaLayout(model.parameters);
const X = fieldBuffer("x");
const statistics = model.parameters.filter(({ trained }) => !trained);

// One trainer for most tests: compiling it takes seconds.
let trainer: Trainer;
let beginning: Snapshot;
test.beforeAll(async () => {
  trainer = await enteredTrainer(await sharedDevice(), model, tinyOptions(dataset));
  beginning = await trainer.snapshot();
});
test.afterAll(() => trainer?.dispose());

async function afterSteps(steps: number, from: Snapshot = beginning): Promise<Snapshot> {
  trainer.restore(from);
  await trainer.train(steps, () => {});
  return trainer.snapshot();
}

/** A step of a model's only objective, as a graph. */
const stepOf = (of: Model, rows: number, training = true) => stageGraphs(of, of.stages[0], rows, training)[0];

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
  const progress = { ...initialProgress, step: 6 };
  const identity = { seed: 3, examples: 37, batches: 5 };
  const bytes = encodeCheckpoint(model, { snapshot: half, progress, identity }, {});
  const { tensors } = decodeSafetensors(bytes, "saved");
  for (const { name } of statistics) {
    expect(tensors[name].shape).toEqual([4]);
    expect(Object.keys(tensors).filter((key) => key.endsWith(name))).toEqual([name]);
  }
  const { snapshot } = readCheckpoint(openCheckpoint(bytes, "saved"), model);
  expect(await afterSteps(7, snapshot)).toEqual(whole);
});

test("a ragged last batch is the same as a batch of its size", () => {
  const run = (batchSize: number) => {
    const { graph } = stepOf(model, batchSize);
    const weights = Object.fromEntries(model.parameters.map((parameter) => [parameter.name, parameter.initialize(3)]));
    // What lies past the end must not matter, so it is far from zero.
    const x = Array.from({ length: batchSize * 36 }, (_, k) => (k < 5 * 36 ? Math.sin(k) ** 2 : 7));
    const weight = Array.from({ length: batchSize }, (_, row) => Number(row < 5));
    return interpret(graph, { feeds: { ...weights, [X]: x, [WEIGHT]: weight, klWeight: [1] }, seed: [3, 0], step: 4 });
  };
  const [ragged, exact] = [run(8), run(5)];
  expect(Object.keys(exact).filter((name) => name.includes("running")).length).toBe(4);
  for (const name of Object.keys(exact)) expect(relativeError(ragged[name], exact[name]), name).toBeLessThan(1e-12);
});

test("evaluation and inference normalise with them, and drop nothing", async () => {
  const run = fit(await sharedDevice(), model, dataset, { epochs: 2, batchSize: 8, seed: 3, learningRate: 0.01 });
  await run.finished;
  const bytes = await run.checkpoint();
  const weights = Object.fromEntries(readWeights(openCheckpoint(bytes, "saved"), model.parameters));
  const examples = Float32Array.from(dataset.test.values.x, (byte) => byte / 255);
  const x = ops.input("x", [11, ...shape]);
  const { encode, reconstruct } = model.uses;
  const graph = collect({
    codes: encode.apply({ x }, usePass(11)),
    images: reconstruct.apply({ x }, usePass(11)),
    metrics: stepOf(model, 11, false).graph.outputs.metrics,
  });
  const feeds = { ...weights, x: examples, [X]: examples, [WEIGHT]: Array(11).fill(1), klWeight: [1] };
  const exact = interpret(graph, { feeds });
  expect(relativeError(await run.encode(examples), exact.codes)).toBeLessThan(1e-5);
  expect(relativeError(await run.reconstruct(examples), exact.images)).toBeLessThan(1e-5);
  // Codes do not depend on what else is in the batch.
  expect(relativeError(await run.encode(examples.subarray(0, 36)), exact.codes.subarray(0, 2))).toBeLessThan(1e-5);
  const { kl } = await run.evaluate();
  expect(Math.abs(kl / exact.metrics[2] - 1)).toBeLessThan(1e-5);

  const again = fit(await sharedDevice(), model, dataset, { epochs: 2, batchSize: 8, seed: 3, resume: bytes });
  await again.finished;
  expect(await again.encode(examples)).toEqual(await run.encode(examples));
  await Promise.all([run.dispose(), again.dispose()]);
});

/** A model by hand of one factor for each number, whose loss may use the pass. */
function withStatistic(parameters: readonly Parameter[], use: (pass: Pass, x: Node) => Node | undefined): Model {
  const factors = parameterOf("factors", [36], true);
  return autoencoder({
    fields: { x: dataset.fields.x },
    parameters: [factors, ...parameters],
    unit: "",
    terms: (batch, pass): Terms => {
      const x = ops.reshape(batch.field("x"), [pass.rows, 36]);
      const added = use(pass, x);
      const loss = ops.sum(ops.square(ops.mul(x, factors.node)), { axes: [1] });
      return { loss: added ? ops.add(loss, added) : loss };
    },
    uses: {},
  });
}

const parameterOf = (name: string, shape: number[], trained: boolean): Parameter => ({
  name,
  shape,
  node: ops.parameter(name, shape),
  trained,
  initialize: () => new Float32Array(shape[0]).fill(1),
});

const peak = parameterOf("peak", [36], false);

/** What a step makes of the statistic `peak`, in float64. */
function nextPeak(model: Model, start: number): Float64Array {
  const x = Array.from({ length: 4 * 36 }, (_, k) => Math.sin(k) ** 2);
  const feeds = { factors: Array(36).fill(1), peak: Array(36).fill(start), [X]: x, [WEIGHT]: Array(4).fill(1) };
  return interpret(stepOf(model, 4).graph, { feeds })[`${GRADIENT}peak`];
}

test("a statistic that is updated twice in a step has both updates behind it, one after the other", () => {
  const twice = withStatistic([peak], (pass) => {
    pass.update(peak, (current) => ops.add(current, 3));
    pass.update(peak, (current) => ops.mul(current, 10));
    return undefined;
  });
  expect([...new Set(nextPeak(twice, 2))]).toEqual([50]);
});

test("in a pass that holds them, statistics stay what they are", () => {
  const once = withStatistic([peak], (pass) => {
    pass.update(peak, (current) => ops.add(current, 3));
    held(pass).update(peak, (current) => ops.mul(current, 10));
    return undefined;
  });
  expect([...new Set(nextPeak(once, 2))]).toEqual([5]);
});

test("outside training nothing is updated", () => {
  const updating = withStatistic([peak], (pass) => {
    pass.update(peak, (current) => ops.add(current, 3));
    return undefined;
  });
  expect(stepOf(updating, 4, false).updates).toEqual([]);
  expect(stepOf(updating, 4).updates).toEqual(["peak"]);
});

test("a batch norm applied twice in a step follows the batch of both", () => {
  const norm = batchNorm("norm", 36);
  const runs = (apply: (x: Node, pass: Pass) => void) => {
    const of = withStatistic(norm.parameters, (pass, x) => {
      apply(x, pass);
      // What is trained has to be moved by something.
      return ops.mul(0, ops.sum(ops.mul(norm.parameters[0].node, norm.parameters[1].node)));
    });
    const x = Array.from({ length: 4 * 36 }, (_, k) => Math.sin(k) ** 2);
    const weights = Object.fromEntries(of.parameters.map((parameter) => [parameter.name, parameter.initialize(1)]));
    const feeds = { ...weights, [X]: x, [WEIGHT]: Array(4).fill(1) };
    return interpret(stepOf(of, 4).graph, { feeds })[`${GRADIENT}norm.runningMean`];
  };
  const once = runs((x, pass) => norm.apply(x, pass));
  const twice = runs((x, pass) => {
    norm.apply(x, pass);
    norm.apply(ops.mul(x, 2), pass);
  });
  // From 0 by 0.1 towards the mean m, and then by 0.1 towards 2 m: 0.9 · 0.1 m + 0.1 · 2 m.
  expect(
    relativeError(
      twice,
      once.map((mean) => 2.9 * mean),
    ),
  ).toBeLessThan(1e-12);
});

test("noise that is drawn twice under a name differs, and a schedule may be read twice", () => {
  const of: Model = {
    ...withStatistic([], (pass) => {
      const weighted = () => ops.mul(ops.schedule("klWeight"), ops.normal(pass.noise("epsilon"), [pass.rows]));
      return ops.sub(weighted(), weighted());
    }),
    schedules: { klWeight: 1 },
  };
  const { graph } = stepOf(of, 4);
  const lossAt = (klWeight: number) => {
    const feeds = { factors: Array(36).fill(0), [X]: Array(4 * 36).fill(0), [WEIGHT]: Array(4).fill(1) };
    return interpret(graph, { feeds: { ...feeds, klWeight: [klWeight] } }).metrics[0];
  };
  expect(lossAt(0)).toBe(0);
  expect(lossAt(1)).not.toBe(0);
  expect(lossAt(2)).toBe(2 * lossAt(1));
});

test("an update that could only go wrong is refused in a sentence", () => {
  const updating = (parameters: readonly Parameter[], statistic: Parameter, axis: number) => () =>
    stepOf(
      withStatistic(parameters, (pass, x) => {
        pass.update(statistic, () => ops.sum(x, { axes: [axis] }));
        return undefined;
      }),
      4,
    );
  expect(updating([peak], peak, 1)).toThrow(
    'A step updates "peak", a running statistic of shape [36], with the shape [4]: the two must agree.',
  );
  expect(updating([], peak, 0)).toThrow(
    'A step updates "peak", which is none of the model\'s parameters: list it there.',
  );
  const trained = parameterOf("peak", [36], true);
  expect(updating([trained], trained, 0)).toThrow(
    'A step updates "peak", which an optimizer moves: a running statistic has `trained: false`.',
  );
});

for (const [what, leaf, message] of [
  ["a parameter that the model does not list", peak.node, /uses the parameter "peak".*list it in the model's param/],
  ["an input that nothing fills", ops.input("labels", [8, 36]), /Nothing fills the input "labels"/],
] as const) {
  test(`${what} is refused in a sentence`, async () => {
    const mistaken = withStatistic([], () => ops.sum(leaf));
    const building = enteredTrainer(await sharedDevice(), mistaken, tinyOptions(dataset));
    await expect(building).rejects.toMatchObject({ code: "config", message: expect.stringMatching(message) });
  });
}

test("a running statistic that is not finite ends the run with the weights before it, though the loss is", async () => {
  const mistaken = withStatistic([peak], (pass, x) => {
    pass.update(peak, () => ops.log(ops.sub(ops.sum(x, { axes: [0] }), 99)));
    return undefined;
  });
  const bad = await enteredTrainer(await sharedDevice(), mistaken, tinyOptions(dataset));
  await expect(bad.train(3, () => {})).rejects.toMatchObject({
    code: "nonfinite",
    message: expect.stringMatching(/a running statistic was not finite at step 1; the first bad value was log \[36\]/),
  });
  expect((await bad.snapshot()).parameters.every(Number.isFinite)).toBe(true);
  bad.dispose();
});
