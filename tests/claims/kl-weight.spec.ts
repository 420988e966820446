import { expect, test } from "@playwright/test";
import { vae } from "../../src/models/index.ts";
import { lineChart } from "../../src/report/line-chart.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";
import { digitsToLearn, keep, say } from "./keep.ts";

const data = digitsToLearn({ trainCount: 10_000, testCount: 1000 });
const WEIGHTS = [0.1, 0.3, 1, 3, 10];

test("the weight of the KL term trades reconstruction for codes that lie as the prior does", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice(drivers[0]);
  const reconstruction: number[] = [];
  const kl: number[] = [];
  for (const klWeight of WEIGHTS) {
    const model = vae({ data, hidden: [400], latent: 16, klWeight });
    const run = fit(device, model, data, { epochs: 6, batchSize: 100, learningRate: 1e-3, seed: 1 });
    await run.finished;
    const { test } = run.history[run.history.length - 1];
    reconstruction.push(test.reconstruction);
    kl.push(test.kl);
    await run.dispose();
  }
  say({ WEIGHTS, reconstruction, kl });
  const series = (name: string, values: readonly number[]) => ({
    name,
    points: WEIGHTS.map((weight, k) => [Math.log10(weight), values[k]] as const),
  });
  keep(
    "kl-weight",
    lineChart({
      title: "What the weight of the KL term buys, of held-out digits",
      xLabel: "log₁₀ of the weight",
      yLabel: "nats an example",
      series: [series("reconstruction", reconstruction), series("KL", kl)],
    }),
  );
  for (let k = 1; k < WEIGHTS.length; k++) {
    expect(reconstruction[k]).toBeGreaterThan(reconstruction[k - 1]);
    expect(kl[k]).toBeLessThan(kl[k - 1]);
  }
});
