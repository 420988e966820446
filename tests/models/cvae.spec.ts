import { expect, test } from "@playwright/test";
import { digits } from "../../src/data/digits.ts";
import { cvae } from "../../src/models/index.ts";
import { fit } from "../../src/train/fit.ts";
import { trainJudge } from "../support/classifier.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { patterns, sharedDevice } from "../support/training.ts";

const CLASSES = 10;

test("of a hundred samples of each of three patterns, 95 and more are nearest to that pattern", async () => {
  const small = patterns(96, 12, [4, 4, 1]);
  const { count, values } = small.train;
  const middles = [0, 1, 2].map((label) =>
    Array.from({ length: 16 }, (_, k) => {
      const rows = Array.from({ length: count }, (_, row) => row).filter((row) => values.label[row] === label);
      return rows.reduce((sum, row) => sum + values.x[16 * row + k] / 255, 0) / rows.length;
    }),
  );
  const nearest = (image: Float32Array) => {
    const distances = middles.map((middle) => middle.reduce((sum, value, k) => sum + (value - image[k]) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
  };
  const options = { epochs: 40, batchSize: 32, learningRate: 1e-2, seed: 1, checkpointEvery: 40 };
  const run = fit(await sharedDevice(), cvae({ data: small, hidden: [16], latent: 2 }), small, options);
  await run.finished;
  for (const label of [0, 1, 2]) {
    const samples = await run.sample(100, { label });
    const named = Array.from({ length: 100 }, (_, row) => nearest(samples.subarray(16 * row, 16 * row + 16)));
    expect(named.filter((name) => name === label).length).toBeGreaterThanOrEqual(95);
  }
  await run.dispose();
});

test("of a hundred samples of each class, another network takes 95 for that class", async () => {
  test.skip(!long, onlyLong);
  const data = digits({ trainCount: 40_000, testCount: 2000 });
  const device = await sharedDevice(drivers[0]);
  const learningRateSchedule = { name: "cosine" } as const;
  const options = { epochs: 10, batchSize: 100, learningRate: 1e-3, learningRateSchedule, seed: 1 };
  const judge = await trainJudge(device, data);
  expect(judge.accuracy).toBeGreaterThan(0.98); // else it can judge nothing

  const run = fit(device, cvae({ data }), data, options);
  await run.finished;
  const shares: number[] = [];
  for (let label = 0; label < CLASSES; label++) {
    const samples = await run.sample(100, { label });
    shares.push((await judge.judge(samples)).filter(({ name }) => name === label).length);
  }
  console.log(
    `the classifier names ${100 * judge.accuracy} % of the test images right, and of 100 samples a class ${shares.join(" ")}`,
  );
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(95);
  await Promise.all([judge.dispose(), run.dispose()]);
});
