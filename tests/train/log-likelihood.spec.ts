import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { ae, iwae, type Model, vae } from "../../src/models/index.ts";
import { arenaLayout, packArena } from "../../src/runtime/arena.ts";
import { fit } from "../../src/train/fit.ts";
import { logLikelihood, wholeCalls } from "../../src/train/log-likelihood.ts";
import type { Uses } from "../../src/train/uses.ts";
import { long, onlyLong } from "../support/long.ts";
import { TOY, toyExamples } from "../support/ppca-toy.ts";
import { meanOf } from "../support/terms.ts";
import { patterns, sharedDevice, tinyVae, withTrainer } from "../support/training.ts";

/** Uses that answer as told, and what they were asked. */
function fakeUses(answer: (name: string, index: number, row: number) => number) {
  const asked: { name: string; x: ArrayLike<number>; index: number; seed?: number }[] = [];
  const run: Uses["run"] = async (name, count, inputs = {}, { index = 0, seed } = {}) => {
    asked.push({ name, x: inputs.x, index, seed });
    return Float32Array.from({ length: count }, (_, row) => answer(name, index, row));
  };
  return { run, asked };
}

test("estimates of many calls are added up without underflow", async () => {
  // e^−9000 is 0 in every format; the second row's calls are far from each other, in either order.
  const rows = [
    [-9000, -9001, -8999.5],
    [-700, -20, -300],
    [-20, -700, -300],
  ];
  const { run } = fakeUses((_, index, row) => rows[row][index]);
  const nats = await logLikelihood({ run }, vae({ input: [1], latent: 1 }), 3, {}, { samples: 48 });
  const shifted = Math.log((1 + Math.exp(-1) + Math.exp(0.5)) / 3);
  expect(nats[0]).toBeCloseTo(-9000 + shifted, 9);
  expect(nats[1]).toBeCloseTo(-20 - Math.log(3), 9);
  expect(nats[2]).toBeCloseTo(-20 - Math.log(3), 9);
});

test("so many codes are rounded up to calls of 16, each with noise of its own", async () => {
  expect([1, 16, 17, 500, 512].map(wholeCalls)).toEqual([16, 16, 32, 512, 512]);
  const { run, asked } = fakeUses(() => -1);
  await logLikelihood({ run }, vae({ input: [1], latent: 1 }), 1, {}, { samples: 33, seed: 4 });
  expect(asked.map(({ name, index, seed }) => [name, index, seed])).toEqual(
    [0, 1, 2].map((index) => ["logLikelihood", index, 4]),
  );
});

test("all codes of a model that sees zeros and ones are asked about one draw of them", async () => {
  const { run, asked } = fakeUses((name, _, row) => (name === "binarise" ? row % 2 : -1));
  const model = iwae({ input: [1], binarisation: "dynamic" });
  await logLikelihood({ run }, model, 3, { x: Uint8Array.of(10, 20, 30) }, { samples: 32 });
  expect(asked.map(({ name }) => name)).toEqual(["binarise", "logLikelihood", "logLikelihood"]);
  expect(Array.from(asked[0].x)).toEqual([10, 20, 30]);
  for (const { x } of asked.slice(1)) expect(Array.from(x)).toEqual([0, 1, 0]);
});

const rows = 200;
const dataset = toyExamples(rows);

/** ln p(x) of rows that are all the toy's example, by a linear VAE whose decoder is the toy's. */
async function estimates(posterior: "logVariance" | "full", encoded: readonly number[], samples: number) {
  const sigma = Math.sqrt(TOY.variance);
  const model: Model = vae({ data: dataset, hidden: [], latent: 3, likelihood: "gaussian", sigma, posterior });
  const weights: Record<string, readonly number[]> = {
    "encoder.out.bias": encoded,
    "decoder.out.weight": [0, 1, 2].flatMap((k) => TOY.w.map((row) => row[k])),
    "decoder.out.bias": TOY.mean,
  };
  const options = { ...trainingWith({}), dataset, batchSize: 64, seed: 1 };
  return withTrainer(await sharedDevice(), model, options, async (trainer) => {
    const parameters = packArena(arenaLayout(model.parameters), ({ name, shape }) =>
      Float32Array.from(weights[name] ?? new Array(shape.reduce((a, b) => a * b)).fill(0)),
    );
    trainer.restore({ ...(await trainer.snapshot()), parameters });
    return logLikelihood(trainer.uses, model, rows, dataset.train.values, { samples, seed: 3 });
  });
}

test("a linear VAE with its exact posterior has ln p(x) of probabilistic PCA, by any number of codes", async () => {
  // The Cholesky factor of the posterior's covariance.
  const l = [0, 1, 2].map(() => [0, 0, 0]);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j <= i; j++) {
      const rest =
        TOY.posteriorCovariance[i][j] - l[i].reduce((sum, value, k) => sum + (k < j ? value * l[j][k] : 0), 0);
      l[i][j] = i === j ? Math.sqrt(rest) : rest / l[j][j];
    }
  }
  const encoded = [...TOY.posteriorMean, ...l.map((row, k) => 2 * Math.log(row[k])), l[1][0], l[2][0], l[2][1]];
  for (const samples of [16, 48]) {
    const errors = [...(await estimates("full", encoded, samples))].map((nats) => Math.abs(nats - TOY.logEvidence));
    expect(errors).toHaveLength(rows);
    expect(Math.max(...errors)).toBeLessThan(5e-5);
  }
});

test("with a posterior that is not exact, the estimate comes to ln p(x) with the number of codes", async () => {
  test.skip(!long, onlyLong);
  // Wide enough in every direction for the weights to have a variance.
  const wide = TOY.posteriorCovariance.map((row, k) => Math.log(1.5 * row[k]));
  const few = meanOf(await estimates("logVariance", [...TOY.posteriorMean, ...wide], 16));
  const many = meanOf(await estimates("logVariance", [...TOY.posteriorMean, ...wide], 4000));
  expect(few.mean).toBeLessThan(TOY.logEvidence - 0.05);
  expect(many.error).toBeLessThan(0.01);
  expect(Math.abs(many.mean - TOY.logEvidence)).toBeLessThan(0.02);
});

test("a run tells ln p(x), again to the bit, and with another seed a little other; what has no likelihood says so", async () => {
  const data = patterns(24, 9, [4, 4, 1]);
  const device = await sharedDevice();
  const run = fit(device, tinyVae(), data, { epochs: 1, batchSize: 8, seed: 2 });
  await run.finished;
  const { x } = data.test.values;
  const nats = await run.logLikelihood(x, { samples: 32 });
  expect(nats).toHaveLength(9);
  expect(await run.logLikelihood(x, { samples: 20 })).toEqual(nats);
  expect(await run.logLikelihood(x, { samples: 32, seed: 3 })).not.toEqual(nats);
  await expect(run.logLikelihood(x, { samples: 0 })).rejects.toThrow(
    "logLikelihood: samples must be a whole number of at least 1, but it is 0.",
  );
  await run.dispose();
  const plain = fit(device, ae({ data, hidden: [], latent: 2 }), data, { epochs: 1, batchSize: 8 });
  await plain.finished;
  await expect(plain.logLikelihood(x)).rejects.toThrow("This model does not say how likely an example is");
  await plain.dispose();
});
