import { expect, test } from "@playwright/test";
import { digits } from "../../src/data/digits.ts";
import { cvae } from "../../src/models/index.ts";
import { fit } from "../../src/train/fit.ts";
import { trainJudge } from "../support/classifier.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";

const data = digits({ trainCount: 40_000, testCount: 2000 });
const CLASSES = 10;

test("of a hundred samples of each class, another network takes 95 for that class", async () => {
  test.skip(!long, onlyLong);
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
