import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, vector } from "../../src/data/dataset.ts";
import type { Model, Objective } from "../../src/models/index.ts";
import { DEFAULT_OPTIMIZER } from "../../src/nn/optimizers.ts";
import type { Parameter } from "../../src/nn/parameter.ts";
import { add, mul, square } from "../../src/ops/arithmetic.ts";
import { constant, parameter } from "../../src/ops/leaf.ts";
import { sum } from "../../src/ops/reduce.ts";
import { arenaLayout, unpackArena } from "../../src/runtime/arena.ts";
import { fit } from "../../src/train/fit.ts";
import { allMoments, momentLayout, momentsOf } from "../../src/train/moments.ts";
import { relativeError, sharedDevice, tinyOptions, withTrainer } from "../support/training.ts";

const tensor = (name: string, size: number): Parameter => ({
  name,
  shape: [size],
  node: parameter(name, [size]),
  trained: true,
  initialize: () => Float32Array.from({ length: size }, (_, k) => Math.sin(1 + k)),
});
const [w, v] = [tensor("w", 70), tensor("v", 3)];

/** ½ factor Σ p² of what it moves: the gradient is factor · p. */
const bowl = (name: string, moves: readonly Parameter[], factor: number): Objective => ({
  name,
  moves,
  optimizer: name,
  unit: "",
  terms: () => ({
    loss: moves.reduce((loss, { node }) => add(loss, mul(factor / 2, sum(square(node)))), constant(0)),
  }),
});

const FACTORS: Readonly<Record<string, number>> = { first: 1, second: 1000 };

/** Both objectives move w; the second moves v, too, and names it before. The first comes twice in a step. */
const [first, second] = [bowl("first", [w], FACTORS.first), bowl("second", [v, w], FACTORS.second)];
const model: Model = {
  fields: { x: vector(1) },
  parameters: [w, v],
  schedules: {},
  stages: [{ name: "training", share: 1, monitor: null, objectives: [first, second, first] }],
  uses: {},
};
const split = { count: 4, values: { x: new Float32Array(4) } };
const dataset: Dataset = { name: "zeros", fields: model.fields, train: split, test: split };
const optimizers = { first: { learningRate: 0.01 }, second: { learningRate: 0.002, beta1: 0.5 } } as const;

test("an objective that moves what another has moved has moments of its own there", () => {
  const [stage] = model.stages;
  const names = (objective: Objective) => momentsOf(stage, objective).map(({ name }) => name);
  expect(names(first)).toEqual(["w"]);
  expect(names(second)).toEqual(["v", "second/w"]);
  expect(allMoments(model).map(({ name }) => name)).toEqual(["w", "v", "second/w"]);
  const [layout, moments] = [arenaLayout(model.parameters), momentLayout(model)];
  for (const name of ["w", "v"]) expect(moments.offsets.get(name)).toBe(layout.offsets.get(name));
  expect(moments.offsets.get("second/w")).toBe(layout.bytes);
});

/** The steps of the model in float64: Adam for each objective, with its own moments and its own count of updates. */
function inFloat64(steps: number): Record<string, Float64Array> {
  const values = Object.fromEntries(
    model.parameters.map(({ name, initialize }) => [name, Float64Array.from(initialize(0))]),
  );
  const memory: Record<string, { updates: number; m: Float64Array; v: Float64Array }> = {};
  for (let step = 0; step < steps; step++) {
    for (const { name: objective, moves } of model.stages[0].objectives) {
      const { beta1, beta2, epsilon, learningRate } = { ...DEFAULT_OPTIMIZER, ...optimizers[objective as "first"] };
      for (const { name } of moves) {
        const p = values[name];
        const own = (memory[`${objective} ${name}`] ??= {
          updates: 0,
          m: new Float64Array(p.length),
          v: new Float64Array(p.length),
        });
        own.updates++;
        p.forEach((value, k) => {
          const g = FACTORS[objective] * value;
          own.m[k] = beta1 * own.m[k] + (1 - beta1) * g;
          own.v[k] = beta2 * own.v[k] + (1 - beta2) * g * g;
          const [c1, c2] = [1 - beta1 ** own.updates, 1 - beta2 ** own.updates];
          p[k] -= (learningRate * (own.m[k] / c1)) / (Math.sqrt(own.v[k] / c2) + epsilon);
        });
      }
    }
  }
  return values;
}

test("two optimizers of one parameter do not disturb each other: Adam's steps are those in float64", async () => {
  const options = tinyOptions(dataset, { ...trainingWith({ optimizers }), dataset, batchSize: 4, seed: 0 });
  await withTrainer(await sharedDevice(), model, options, async (trainer) => {
    await trainer.train(7, () => {});
    const { parameters } = await trainer.snapshot();
    const expected = inFloat64(7);
    for (const parameter of model.parameters) {
      const actual = unpackArena(arenaLayout(model.parameters), parameters, parameter);
      expect(relativeError(actual, expected[parameter.name]), parameter.name).toBeLessThan(1e-5);
    }
  });
});

test("a checkpoint has the moments of both, and a run that goes on from it ends in the same bytes", async () => {
  const device = await sharedDevice();
  const options = { epochs: 8, batchSize: 4, optimizers };
  const whole = fit(device, model, dataset, options);
  expect(await whole.finished).toBe("ok");
  const stop = new AbortController();
  const onStep = (step: number) => step === 5 && stop.abort();
  const cut = fit(device, model, dataset, { ...options, signal: stop.signal, onStep });
  expect(await cut.finished).toBe("interrupted");
  const resumed = fit(device, model, dataset, { ...options, resume: await cut.checkpoint() });
  expect(await resumed.finished).toBe("ok");
  const [expected, actual] = [await whole.checkpoint(), await resumed.checkpoint()];
  expect(Buffer.compare(actual, expected)).toBe(0);
  expect(Buffer.from(expected).includes("optimizer.first.second/w")).toBe(true);
  for (const run of [whole, cut, resumed]) await run.dispose();
});
