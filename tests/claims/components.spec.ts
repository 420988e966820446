import { expect, test } from "@playwright/test";
import { ae } from "../../src/models/index.ts";
import { lineChart } from "../../src/report/line-chart.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { mnistTrainingImages } from "../support/mnist.ts";
import { sharedDevice } from "../support/training.ts";
import { keep, say } from "./keep.ts";

/** Numbers in a code, and the error that as many principal components leave. */
const EXACT = [
  [2, 43.866919],
  [10, 26.98732],
  [32, 13.518389],
] as const;

test("a linear autoencoder comes to leave what principal components leave", async () => {
  test.skip(!long, onlyLong);
  const data = mnistTrainingImages();
  const device = await sharedDevice(drivers[0]);
  const series = [];
  for (const [latent, exact] of EXACT) {
    const options = {
      epochs: 10,
      batchSize: 200,
      learningRate: 2e-3,
      learningRateSchedule: { name: "cosine" },
      seed: 1,
    } as const;
    const run = fit(device, ae({ data, hidden: [], latent, loss: "squared" }), data, options);
    await run.finished;
    const excess = run.history.map(({ test }) => test.loss / exact - 1);
    say({ [`${latent} numbers, excess by epoch`]: excess });
    series.push({
      name: `${latent} numbers`,
      points: excess.map((value, k) => [k + 1, Math.log10(value)] as const),
    });
    expect(Math.min(...excess)).toBeGreaterThan(-1e-5);
    expect(excess[excess.length - 1]).toBeLessThan(1e-2);
    await run.dispose();
  }
  keep(
    "components",
    lineChart({
      title: "How far a linear autoencoder is above principal components, on MNIST",
      xLabel: "epoch",
      yLabel: "log₁₀ of the share above",
      series,
    }),
  );
});
