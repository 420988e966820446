import { expect, test } from "@playwright/test";
import { valuesOf } from "../../src/data/dataset.ts";
import { digits } from "../../src/data/digits.ts";
import { ae, denoisingAe, type Model } from "../../src/models/index.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";
import { fit } from "../../src/train/fit.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { randomNumbers } from "../support/numbers.ts";
import { sharedDevice } from "../support/training.ts";
import { keep, say } from "./keep.ts";

const data = digits({ trainCount: 20_000, testCount: 500 });
/** A code wider than the image, so that a copy would do. */
const network = { data, hidden: [], latent: 1024, loss: "bce" } as const;
const noise = { noise: "gaussian", amount: 0.4 } as const;

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
  const random = randomNumbers(1);
  const static_ = Float32Array.from({ length: 100 * 784 }, () => random());
  const redrawn = [
    await plain.use("reconstruct", 500, { x: noisy }),
    await denoiser.use("reconstruct", 500, { x: noisy }),
  ];
  const copied = [
    await plain.use("reconstruct", 100, { x: static_ }),
    await denoiser.use("reconstruct", 100, { x: static_ }),
  ];
  await Promise.all([plain.dispose(), denoiser.dispose()]);
  const errors = redrawn.map((images) => squares(images, clean));
  const copies = copied.map((images) => squares(images, static_));
  say({
    "squared noise": squares(noisy, clean),
    "left of it by plain, denoiser": errors,
    "squared distance of random pixels from what plain, denoiser make of them": copies,
  });
  const rows = [clean, noisy, ...redrawn].map((images) => [...images.subarray(0, 12 * 784)]);
  const names = ["clean", "noisy", "plain", "denoiser"];
  keep("identity", drawExamples(Float32Array.from(rows.flat()), data.fields.x, { columns: 12, rows: names }));

  expect(errors[1]).toBeLessThan(0.5 * errors[0]);
  expect(copies[0]).toBeLessThan(0.5 * copies[1]);
});
