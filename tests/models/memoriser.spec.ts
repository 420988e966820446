import { expect, test } from "@playwright/test";
import { type Dataset, valuesOf } from "../../src/data/dataset.ts";
import { digits } from "../../src/data/digits.ts";
import { memoriser } from "../../src/models/index.ts";
import { type FitOptions, fit, type Run } from "../../src/train/fit.ts";
import { long, onlyLong } from "../support/long.ts";
import { patterns, sharedDevice } from "../support/training.ts";

/** The mean squared error of a pixel over the training examples, which are redrawn by their places. */
async function memoryError(run: Run, { fields, train }: Dataset): Promise<number> {
  const places = Float32Array.from({ length: train.count }, (_, row) => row);
  const redrawn = await run.reconstruct(places);
  const originals = valuesOf(train.values.x, fields.x);
  return redrawn.reduce((sum, value, k) => sum + (value - originals[k]) ** 2, 0) / redrawn.length;
}

async function trained(dataset: Dataset, options: Partial<Parameters<typeof memoriser>[0]>, training: FitOptions) {
  const run = fit(await sharedDevice(), memoriser({ ...options, data: dataset }), dataset, { seed: 1, ...training });
  await run.finished;
  return run;
}

test("fed with ones, a deconvolution network memorises one image: a mean squared error below 1e-4", async () => {
  test.skip(!long, onlyLong);
  const dataset = digits({ trainCount: 1, testCount: 1 });
  const options = { codes: "ones", latent: 8, channels: [16, 8] } as const;
  const run = await trained(dataset, options, {
    epochs: 300,
    checkpointEvery: 300,
    learningRate: 1e-2,
    learningRateSchedule: { name: "cosine" },
  });
  const error = await memoryError(run, dataset);
  console.log(`memoriser fed with ones, one digit: ${error}`);
  expect(error).toBeLessThan(1e-4);
  await run.dispose();
});

test("fed with ones, a small network memorises one image of sixteen pixels", async () => {
  const dataset = patterns(1, 1, [4, 4, 1]);
  const training = {
    epochs: 150,
    checkpointEvery: 150,
    learningRate: 3e-2,
    learningRateSchedule: { name: "cosine" },
  } as const;
  const run = await trained(dataset, { codes: "ones", latent: 4, channels: [4] }, training);
  expect(await memoryError(run, dataset)).toBeLessThan(1e-4);
  await run.dispose();
});

test("a linear decoder of one-hot codes reaches 0", async () => {
  test.skip(!long, onlyLong);
  const dataset = patterns(6, 2, [4, 4, 1]);
  const run = await trained(
    dataset,
    { codes: "oneHot", channels: [] },
    {
      epochs: 800,
      batchSize: 6,
      checkpointEvery: 800,
      learningRate: 0.02,
      learningRateSchedule: { name: "cosine" },
    },
  );
  expect(await memoryError(run, dataset)).toBeLessThan(1e-10);
  await run.dispose();
});

test("learnt codes are told apart, and redraw their examples, also as codes", async () => {
  const dataset = patterns(24, 4, [4, 4, 1]);
  const run = await trained(
    dataset,
    { latent: 6, hidden: [32], channels: [] },
    {
      epochs: 150,
      batchSize: 8,
      checkpointEvery: 150,
      learningRate: 2e-2,
    },
  );
  expect(await memoryError(run, dataset)).toBeLessThan(1e-3);
  const places = [3, 0, 23];
  const codes = await run.encode(places);
  expect(codes).toHaveLength(3 * 6);
  expect([...(await run.decode(codes))]).toEqual([...(await run.reconstruct(places))]);
  await expect(run.reconstruct([24])).rejects.toThrow("number 0 is 24, and there are classes 0 to 23");
  await run.dispose();
});

test("what knows examples by their places is not judged by others: it is watched on the training examples", async () => {
  const dataset = patterns(8, 4, [4, 4, 1]);
  for (const codes of ["learnt", "ones"] as const) {
    const run = await trained(dataset, { codes, latent: 4, channels: [] }, { epochs: 3, batchSize: 8 });
    for (const { train, test: held, best } of run.history) {
      expect(Object.keys(train)).toEqual(["loss"]);
      expect(held).toEqual({});
      expect(best).toBe(true);
    }
    expect(await run.evaluate()).toEqual({});
    await run.dispose();
  }
});

test("it has to know how many training examples there are", () => {
  expect(() => memoriser({ input: [4, 4, 1] })).toThrow("memoriser has to know how many training examples there are");
});
