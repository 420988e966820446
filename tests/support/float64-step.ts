import { expect } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, fieldSize, valuesOf } from "../../src/data/dataset.ts";
import type { Device } from "../../src/gpu/device.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Model } from "../../src/models/index.ts";
import { scheduleOf } from "../../src/nn/schedules.ts";
import { permute } from "../../src/random/feistel.ts";
import { arenaLayout, packArena, unpackArena } from "../../src/runtime/arena.ts";
import type { StepRow } from "../../src/runtime/runner.ts";
import { fieldBuffer, INDEX, WEIGHT } from "../../src/train/batch.ts";
import { GRADIENT, type ObjectiveGraph, stageGraphs } from "../../src/train/objective.ts";
import { metricRow } from "../../src/train/step-plan.ts";
import { relativeError, withTrainer } from "./training.ts";

export interface StepProblem {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly seed: number;
  /** The step that is taken is the last one of this epoch, whose batch is mostly ragged. */
  readonly epoch: number;
  readonly stage?: number;
}

/** What the picking kernels give a step, in float64. */
export function pickedBatch({ fields, train }: Dataset, { batchSize, seed, epoch }: StepProblem, batch: number) {
  const places = Array.from({ length: batchSize }, (_, row) => {
    const position = batch * batchSize + row;
    return position < train.count ? permute(position, train.count, [seed, 0], epoch) : undefined;
  });
  const feeds: Record<string, number[]> = {
    [WEIGHT]: places.map((place) => Number(place !== undefined)),
    [INDEX]: places.map((place) => place ?? 0),
  };
  for (const [name, field] of Object.entries(fields)) {
    const size = fieldSize(field);
    const values = valuesOf(train.values[name], field);
    feeds[fieldBuffer(name)] = places.flatMap((place) =>
      place === undefined ? new Array<number>(size).fill(0) : [...values.subarray(place * size, (place + 1) * size)],
    );
  }
  return { feeds, valid: places.filter((place) => place !== undefined).length };
}

/**
 * Takes one step on the GPU and in float64 with plain SGD at a learning rate of 1, and expects the same terms and, of
 * every objective in order, the same gradients and running statistics: an objective finds what those before it moved.
 */
export async function expectSameStep(device: Device, problem: StepProblem): Promise<void> {
  const { model, dataset, batchSize, seed, epoch, stage = 0 } = problem;
  const batches = Math.ceil(dataset.train.count / batchSize);
  const step = epoch * batches + batches - 1;
  const totalSteps = 1000;
  const layout = arenaLayout(model.parameters);
  const parameters = packArena(layout, (parameter) => parameter.initialize(seed).map((value) => value + 0.01));
  const sgd = trainingWith({ optimizer: { name: "sgd", learningRate: 1 } });

  const onGpu = await withTrainer(
    device,
    model,
    { ...sgd, dataset, batchSize, seed },
    async (trainer) => {
      trainer.restore({ ...(await trainer.snapshot()), parameters, step });
      const rows: StepRow[] = [];
      await trainer.train(1, (row) => rows.push(row));
      return { row: rows[0], parameters: (await trainer.snapshot()).parameters };
    },
    { stage, steps: totalSteps },
  );

  const graphs = stageGraphs(model, model.stages[stage], batchSize, true);
  const row = metricRow(graphs);
  const { feeds: batch, valid } = pickedBatch(dataset, problem, batches - 1);
  const schedules = Object.fromEntries(
    Object.entries(model.schedules).map(([name, of]) => [name, [scheduleOf(of, { totalSteps })(step)]]),
  );
  const before = new Map(
    model.parameters.map((parameter) => [parameter.name, unpackArena(layout, parameters, parameter)]),
  );
  const weights = new Map<string, Float64Array>([...before].map(([name, values]) => [name, Float64Array.from(values)]));
  let scale = 0;
  graphs.forEach((objective: ObjectiveGraph, k) => {
    const feeds = { ...Object.fromEntries(weights), ...batch, ...schedules };
    const exact = interpret(objective.graph, { feeds, seed: [seed, 0], step });
    const metrics = onGpu.row.metrics.subarray(row.starts[k], row.starts[k] + objective.metricCount);
    expect(relativeError(metrics, exact.metrics), `terms of ${objective.objective.name}`).toBeLessThan(2e-5);
    for (const { name } of objective.objective.moves) {
      const slope = exact[GRADIENT + name];
      scale = slope.reduce((most, value) => Math.max(most, Math.abs(value)), scale);
      const moved = weights.get(name)!;
      slope.forEach((value, i) => {
        moved[i] -= value;
      });
    }
    for (const name of objective.updates) weights.set(name, exact[GRADIENT + name]);
  });
  expect(onGpu.row.valid).toBe(valid);
  for (const parameter of model.parameters) {
    const actual = unpackArena(layout, onGpu.parameters, parameter);
    const expected = weights.get(parameter.name)!;
    if (!parameter.trained) {
      expect(relativeError(actual, expected), parameter.name).toBeLessThan(2e-5);
      continue;
    }
    // To the scale of all gradients: a bias whose terms cancel has few digits left.
    const error = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), scale);
    expect(error / largest, `what ${parameter.name} becomes`).toBeLessThan(2e-5);
  }
}
