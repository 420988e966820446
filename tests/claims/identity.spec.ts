import { expect, test } from "@playwright/test";
import { valuesOf } from "../../src/data/dataset.ts";
import { ae, denoisingAe, type Model } from "../../src/models/index.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";
import { digitsToLearn, keep, say } from "./keep.ts";

const data = digitsToLearn({ trainCount: 5000, testCount: 500 });
/** A code wider than the image, so that a copy would do. */
const network = { data, hidden: [], latent: 1024, loss: "squared" } as const;
const noise = { noise: "gaussian", amount: 0.5 } as const;

const squares = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0) / (a.length / 784);

test("noise keeps an autoencoder whose code is wider than the data from becoming a copy", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice(drivers[0]);
  const started = (model: Model) =>
    fit(device, model, data, { epochs: 10, batchSize: 100, learningRate: 1e-3, seed: 1 });
  const plain = started(ae(network));
  await plain.finished;
  const denoiser = started(denoisingAe({ ...network, ...noise }));
  await denoiser.finished;

  const clean = valuesOf(data.test.values.x, data.fields.x);
  const noisy = await denoiser.use("corrupt", data.test.count, { x: clean, seed: 1 });
  const redrawn = [
    await plain.use("reconstruct", 500, { x: noisy }),
    await denoiser.use("reconstruct", 500, { x: noisy }),
  ];
  const unspoilt = [
    await plain.use("reconstruct", 500, { x: clean }),
    await denoiser.use("reconstruct", 500, { x: clean }),
  ];
  await Promise.all([plain.dispose(), denoiser.dispose()]);
  const errors = redrawn.map((images) => squares(images, clean));
  const passed = redrawn.map((images, k) => squares(images, unspoilt[k]));
  say({
    "squared noise": squares(noisy, clean),
    "left of it by plain, denoiser": errors,
    "passed on by plain, denoiser": passed,
  });
  const rows = [clean, noisy, ...redrawn].map((images) => [...images.subarray(0, 12 * 784)]);
  const names = ["clean", "noisy", "plain", "denoiser"];
  keep("identity", drawExamples(Float32Array.from(rows.flat()), data.fields.x, { columns: 12, rows: names }));

  expect(errors[1]).toBeLessThan(0.5 * errors[0]);
  expect(passed[1]).toBeLessThan(0.5 * passed[0]);
});
