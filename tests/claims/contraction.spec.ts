import { expect, test } from "@playwright/test";
import { contractiveAe } from "../../src/models/index.ts";
import { lineChart } from "../../src/report/line-chart.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";
import { digitsToLearn, keep, say } from "./keep.ts";

const data = digitsToLearn({ trainCount: 10_000, testCount: 1000 });
const WEIGHTS = [0.01, 0.1, 1, 10];

test("the more contraction weighs, the less a code moves when its example does", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice(drivers[0]);
  const contraction: number[] = [];
  const reconstruction: number[] = [];
  for (const contractionWeight of WEIGHTS) {
    const model = contractiveAe({ data, contractionWeight });
    const run = fit(device, model, data, { epochs: 8, batchSize: 100, learningRate: 1e-3, seed: 1 });
    await run.finished;
    const { test } = run.history[run.history.length - 1];
    contraction.push(test.contraction);
    reconstruction.push(test.reconstruction);
    await run.dispose();
  }
  say({ WEIGHTS, contraction, reconstruction });
  const points = WEIGHTS.map((weight, k) => [Math.log10(weight), contraction[k]] as const);
  keep(
    "contraction",
    lineChart({
      title: "How far a code moves for a small step of its digit",
      xLabel: "log₁₀ of the weight",
      yLabel: "squared Jacobian of the code",
      series: [{ name: "held-out digits", points }],
    }),
  );
  for (let k = 1; k < WEIGHTS.length; k++) {
    expect(contraction[k]).toBeLessThan(contraction[k - 1]);
    expect(reconstruction[k]).toBeGreaterThan(reconstruction[k - 1]);
  }
});
