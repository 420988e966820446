import { expect, test } from "@playwright/test";
import { valuesOf } from "../../src/data/dataset.ts";
import { ae, type Model, vae } from "../../src/models/index.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";
import { fit } from "../../src/train/fit.ts";
import { trainJudge } from "../support/classifier.ts";
import { drivers } from "../support/dawn.ts";
import { normals } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";
import { digitsToLearn, keep, mean, say } from "./keep.ts";

const data = digitsToLearn({ trainCount: 20_000, testCount: 1000 });
const [LATENT, COUNT] = [4, 300];
const network = { data, hidden: [400], latent: LATENT };

/** The distance of each image to the nearest of the first 5,000 training images. */
function distances(images: Float32Array): number[] {
  const known = valuesOf(data.train.values.x.subarray(0, 5000 * 784), data.fields.x);
  return Array.from({ length: images.length / 784 }, (_, k) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let other = 0; other < known.length; other += 784) {
      let square = 0;
      for (let i = 0; i < 784 && square < nearest; i++) square += (images[k * 784 + i] - known[other + i]) ** 2;
      nearest = Math.min(nearest, square);
    }
    return Math.sqrt(nearest);
  });
}

test("codes drawn from the prior are nothing to a plain autoencoder, and digits to a variational one", async () => {
  test.skip(!long, onlyLong);
  const device = await sharedDevice(drivers[0]);
  const judge = await trainJudge(device, data);
  const codes = Float32Array.from(normals((COUNT * LATENT) / 4).flat());
  const seen = async (images: Float32Array) => ({
    images,
    confidence: mean((await judge.judge(images)).map(({ confidence }) => confidence)),
    distance: mean(distances(images)),
  });
  const drawn = async (model: Model) => {
    const run = fit(device, model, data, { epochs: 15, batchSize: 100, learningRate: 2e-3, seed: 1 });
    await run.finished;
    const images = await run.decode(codes);
    await run.dispose();
    return seen(images);
  };
  const plain = await drawn(ae({ ...network, loss: "bce" }));
  const variational = await drawn(vae(network));
  const real = await seen(valuesOf(data.test.values.x.subarray(0, COUNT * 784), data.fields.x));
  await judge.dispose();
  say({
    accuracy: judge.accuracy,
    "confidence: plain, variational, held-out": [plain, variational, real].map(({ confidence }) => confidence),
    "nearest neighbour: plain, variational, held-out": [plain, variational, real].map(({ distance }) => distance),
  });
  const rows = [plain, variational, real].map(({ images }) => [...images.subarray(0, 12 * 784)]);
  const names = ["plain", "variational", "held-out"];
  keep("prior", drawExamples(Float32Array.from(rows.flat()), data.fields.x, { columns: 12, rows: names }));

  expect(plain.confidence).toBeLessThan(variational.confidence - 0.15);
  expect(variational.confidence).toBeGreaterThan(0.8);
  expect(plain.distance - real.distance).toBeGreaterThan(3 * (variational.distance - real.distance));
});
