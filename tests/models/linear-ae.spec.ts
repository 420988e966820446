import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, fieldSize } from "../../src/data/dataset.ts";
import type { Device } from "../../src/gpu/device.ts";
import { ae, denoisingAe, type Model } from "../../src/models/index.ts";
import { arenaLayout, unpackArena } from "../../src/runtime/arena.ts";
import { drivers } from "../support/dawn.ts";
import { covariance, eigen, sineBetween, wavyVectors } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { mnistTrainingImages } from "../support/mnist.ts";
import { largestError } from "../support/numbers.ts";
import { sharedDevice, withTrainer } from "../support/training.ts";

interface Problem {
  readonly dataset: Dataset;
  readonly batchSize: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly evaluations?: number;
}

interface Trained {
  /** The terms over the data that it was trained on. */
  readonly terms: Readonly<Record<string, number>>;
  /** The layers' weights, [inputs][outputs]. */
  readonly encoder: number[][];
  readonly decoder: number[][];
}

/** Trains with a falling learning rate. */
function trained(device: Device, model: Model, problem: Problem): Promise<Trained> {
  const { dataset, batchSize, steps, learningRate, evaluations = 1 } = problem;
  const options = {
    ...trainingWith({ optimizer: { learningRate } }),
    learningRateSchedule: { name: "cosine", warmupSteps: 20 },
    dataset,
    batchSize,
    seed: 1,
  } as const;
  return withTrainer(device, model, options, async (trainer) => {
    await trainer.enter(0, 0, steps);
    expect(await trainer.train(steps, () => {})).toBe(steps);
    const terms: Record<string, number> = {};
    for (let index = 0; index < evaluations; index++) {
      for (const [name, value] of Object.entries((await trainer.evaluate(index))!)) {
        terms[name] = (terms[name] ?? 0) + value / evaluations;
      }
    }
    const { parameters } = await trainer.snapshot();
    const rowsOf = (name: string): number[][] => {
      const weight = model.parameters.find((parameter) => parameter.name === name)!;
      const flat = unpackArena(arenaLayout(model.parameters), parameters, weight);
      const [rows, columns] = weight.shape;
      return Array.from({ length: rows }, (_, row) => [...flat.subarray(row * columns, (row + 1) * columns)]);
    };
    return { terms, encoder: rowsOf("encoder.out.weight"), decoder: rowsOf("decoder.out.weight") };
  });
}

/** What linear models leave over: the variances that k components do not hold. */
const left = (variances: readonly number[], k: number): number =>
  variances.slice(k).reduce((sum, value) => sum + value, 0);

test("an autoencoder without hidden layers leaves what principal components leave, in their subspace", async () => {
  const dataset = wavyVectors(240, 16);
  const { values, vectors } = eigen(covariance(dataset.train.values.x, 16));
  const problem = { dataset, batchSize: 60, steps: 1500, learningRate: 0.02 };
  for (const k of long ? [1, 2, 3] : [2]) {
    const model = ae({ data: dataset, hidden: [], latent: k, loss: "squared" });
    const {
      terms: { loss },
      decoder,
    } = await trained(await sharedDevice(), model, problem);
    expect(loss / left(values, k)).toBeGreaterThan(1 - 1e-5);
    expect(loss / left(values, k)).toBeLessThan(1 + 1e-3);
    expect(sineBetween(decoder, vectors.slice(0, k))).toBeLessThan(0.02);
  }
});

test("a linear denoiser leaves Σλ − Σ λ²/(λ + τ²), over the largest k variances", async () => {
  test.skip(!long, onlyLong);
  const dataset = wavyVectors(240, 16);
  const { values } = eigen(covariance(dataset.train.values.x, 16));
  const [k, amount] = [2, 0.5];
  const kept = values.slice(0, k).reduce((sum, value) => sum + value ** 2 / (value + amount ** 2), 0);
  const exact = left(values, 0) - kept;
  const model = denoisingAe({ data: dataset, hidden: [], latent: k, loss: "squared", noise: "gaussian", amount });
  const problem = { dataset, batchSize: 240, steps: 2000, learningRate: 0.01, evaluations: 100 };
  const { loss } = (await trained(await sharedDevice(), model, problem)).terms;
  expect(Math.abs(loss / exact - 1)).toBeLessThan(0.02);
});

test("with L2 on its weights, every component is shrunk by 1 − w/λ, and one whose variance λ is below w vanishes", async () => {
  const dataset = wavyVectors(240, 16);
  const { values, vectors } = eigen(covariance(dataset.train.values.x, 16));
  const [k, decayWeight] = [4, 0.5];
  const kept = values.slice(0, k).map((variance) => Math.max(0, 1 - decayWeight / variance));
  expect(kept.filter((share) => share > 0)).toHaveLength(3);
  const model = ae({ data: dataset, hidden: [], latent: k, loss: "squared", decayWeight });
  const problem = { dataset, batchSize: 60, steps: 1500, learningRate: 0.02 };
  const { terms, encoder, decoder } = await trained(await sharedDevice(), model, problem);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0);
  const exact = {
    reconstruction: left(values, k) + sum(kept.map((share, i) => values[i] * (1 - share) ** 2)),
    decay: 2 * sum(kept),
  };
  for (const [name, value] of Object.entries({ ...exact, loss: exact.reconstruction + decayWeight * exact.decay })) {
    expect(Math.abs(terms[name] / value - 1), name).toBeLessThan(1e-3);
  }
  // Encoder and decoder are each other's transpose, and their product is the components, shrunk.
  const rows = encoder.map((_, j) => decoder.map((row) => row[j]));
  expect(largestError(encoder.flat(), rows.flat())).toBeLessThan(2e-3);
  const product = encoder.map((row) => encoder.map((_, j) => sum(row.map((value, code) => value * decoder[code][j]))));
  const shrunk = product.map((row, i) =>
    row.map((_, j) => sum(kept.map((share, c) => share * vectors[c][i] * vectors[c][j]))),
  );
  expect(largestError(product.flat(), shrunk.flat())).toBeLessThan(2e-3);
});

for (const [k, exact] of [
  [2, 43.866919],
  [10, 26.98732],
  [32, 13.518389],
] as const) {
  test(`on MNIST an autoencoder of ${k} numbers without hidden layers leaves ${exact}, as principal components`, async () => {
    test.skip(!long, onlyLong);
    const dataset = mnistTrainingImages();
    const model = ae({ data: dataset, hidden: [], latent: k, loss: "squared" });
    const problem = { dataset, batchSize: 200, steps: 12_000, learningRate: 2e-3 };
    const {
      terms: { loss },
      decoder,
    } = await trained(await sharedDevice(drivers[0]), model, problem);
    console.log(`linear autoencoder on MNIST, k = ${k}: ${loss}, ${loss / exact} of the exact value`);
    expect(loss / exact).toBeGreaterThan(1 - 1e-5);
    expect(loss / exact).toBeLessThan(1 + 1e-3);
    const values = Float32Array.from(dataset.train.values.x, (byte) => byte / 255);
    const { vectors } = leading(values, fieldSize(dataset.fields.x), k);
    expect(sineBetween(decoder, vectors)).toBeLessThan(0.05);
  });
}

test("on MNIST a linear denoiser of 10 numbers leaves 27.379992 under noise of variance 0.04", async () => {
  test.skip(!long, onlyLong);
  const dataset = mnistTrainingImages();
  const model = denoisingAe({ data: dataset, hidden: [], latent: 10, loss: "squared", noise: "gaussian", amount: 0.2 });
  const problem = { dataset, batchSize: 200, steps: 12_000, learningRate: 2e-3, evaluations: 2 };
  const { loss } = (await trained(await sharedDevice(drivers[0]), model, problem)).terms;
  console.log(`linear denoiser on MNIST: ${loss}`);
  expect(Math.abs(loss / 27.379992 - 1)).toBeLessThan(2e-3);
});

/** The k leading eigenvectors of a covariance by subspace iteration: for matrices that rotations would take long for. */
function leading(values: Float32Array, features: number, k: number): { vectors: number[][] } {
  const matrix = covariance(values, features);
  const wider = k + 8;
  let vectors = Array.from({ length: wider }, (_, i) =>
    Array.from({ length: features }, (_, j) => Math.cos((i + 1) * (j + 0.5))),
  );
  const orthonormalise = (rows: number[][]): number[][] => {
    const done: number[][] = [];
    for (const row of rows) {
      let rest = row;
      for (const other of done) {
        const by = rest.reduce((sum, value, j) => sum + value * other[j], 0);
        rest = rest.map((value, j) => value - by * other[j]);
      }
      const length = Math.hypot(...rest);
      done.push(rest.map((value) => value / length));
    }
    return done;
  };
  for (let round = 0; round < 150; round++) {
    vectors = orthonormalise(
      vectors.map((v) => matrix.map((row) => row.reduce((sum, value, j) => sum + value * v[j], 0))),
    );
  }
  const projected = vectors.map((a) =>
    vectors.map((b) => a.reduce((sum, value, i) => sum + value * matrix[i].reduce((s, m, j) => s + m * b[j], 0), 0)),
  );
  const ritz = eigen(projected).vectors.slice(0, k);
  return {
    vectors: ritz.map((weights) => vectors[0].map((_, j) => weights.reduce((sum, w, i) => sum + w * vectors[i][j], 0))),
  };
}
