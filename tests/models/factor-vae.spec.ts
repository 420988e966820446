import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, vector } from "../../src/data/dataset.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { permutedColumns } from "../../src/models/factor-vae.ts";
import { factorVae } from "../../src/models/index.ts";
import { input } from "../../src/ops/leaf.ts";
import { arenaLayout, packArena } from "../../src/runtime/arena.ts";
import { openBatch, WEIGHT } from "../../src/train/batch.ts";
import { normals } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice, withTrainer } from "../support/training.ts";

/** Codes 0, 1, 2 … by column, of which the first `real` rows count, and what becomes of them: by column, too. */
function permuted(rows: number, latent: number, real: number, step = 0): number[][] {
  const { pass } = openBatch({ fields: {}, parameters: [] }, rows, { training: true });
  const y = permutedColumns(input("z", [rows, latent]), pass);
  const z = Array.from({ length: rows * latent }, (_, k) => Math.floor(k / latent) + 100 * (k % latent));
  const weight = Array.from({ length: rows }, (_, row) => Number(row < real));
  const found = interpret(collect({ y }), { feeds: { z, [WEIGHT]: weight }, seed: [3, 0], step }).y;
  return Array.from({ length: latent }, (_, column) =>
    Array.from({ length: rows }, (_, row) => found[row * latent + column] - 100 * column),
  );
}

test("every column of codes is in an order of its own, anew at every step", () => {
  const [rows, latent] = [50, 4];
  const inOrder = Array.from({ length: rows }, (_, row) => row);
  const orders = [0, 1].flatMap((step) => permuted(rows, latent, rows, step));
  for (const order of orders) expect(order.toSorted((a, b) => a - b)).toEqual(inOrder);
  expect(new Set(orders.map(String)).size).toBe(2 * latent);
});

test("every place is as likely for a row as any other", () => {
  const rows = 4;
  const counts = Array.from({ length: rows }, () => new Array<number>(rows).fill(0));
  const draws = 600;
  for (let step = 0; step < draws / 6; step++) {
    for (const order of permuted(rows, 6, rows, step)) {
      for (const [place, row] of order.entries()) counts[row][place]++;
    }
  }
  for (const count of counts.flat()) {
    expect(Math.abs(count - draws / rows)).toBeLessThan(4 * Math.sqrt((draws * (rows - 1)) / rows ** 2));
  }
});

test("rows past the end of a ragged batch stay among themselves", () => {
  for (const column of permuted(9, 3, 5)) {
    expect(column.slice(0, 5).toSorted()).toEqual([0, 1, 2, 3, 4]);
    expect(column.slice(5).toSorted()).toEqual([5, 6, 7, 8]);
  }
});

test("the discriminator finds the total correlation of two correlated normal numbers, −½ ln(1 − ρ²)", async () => {
  test.skip(!long, onlyLong);
  const [correlation, count] = [0.8, 4000];
  const x = new Float32Array(2 * count);
  normals(count / 2)
    .flatMap(([a, b, c, d]) => [
      [a, b],
      [c, d],
    ])
    .forEach(([a, b], row) => {
      x.set([a, correlation * a + Math.sqrt(1 - correlation ** 2) * b], 2 * row);
    });
  const split = { count, values: { x } };
  const dataset: Dataset = { name: "correlated", fields: { x: vector(2) }, train: split, test: split };
  const model = factorVae({
    data: dataset,
    hidden: [],
    latent: 2,
    discriminator: [32, 32],
    likelihood: "gaussian",
  });
  // Codes are the examples themselves, and stay so: the autoencoder's steps are too small to be any.
  const given: Record<string, readonly number[]> = {
    "encoder.out.weight": [1, 0, 0, 0, 0, 1, 0, 0],
    "encoder.out.bias": [0, 0, -16, -16],
  };
  const options = {
    ...trainingWith({
      optimizer: { name: "sgd", learningRate: 1e-30 },
      optimizers: { discriminator: { name: "adam", learningRate: 3e-3 } },
    }),
    learningRateSchedule: { name: "cosine" },
    dataset,
    batchSize: 250,
    seed: 1,
  } as const;
  const steps = 800;
  const found = await withTrainer(
    await sharedDevice(),
    model,
    options,
    async (trainer) => {
      const parameters = packArena(arenaLayout(model.parameters), ({ name, initialize }) =>
        name in given ? Float32Array.from(given[name]) : initialize(1),
      );
      trainer.restore({ ...(await trainer.snapshot()), parameters });
      await trainer.train(steps, () => {});
      return (await trainer.evaluate(0))!;
    },
    { steps },
  );
  expect(Math.abs(found["autoencoder.totalCorrelation"] + 0.5 * Math.log(1 - correlation ** 2))).toBeLessThan(0.06);
});
