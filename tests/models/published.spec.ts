import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { fieldSize } from "../../src/data/dataset.ts";
import { gunzip } from "../../src/formats/gzip.ts";
import { decodeIdx } from "../../src/formats/idx.ts";
import { convVae, iwae, plain, vae } from "../../src/models/index.ts";
import { activation, dense, sequence } from "../../src/nn/layers.ts";
import { flattenLayer } from "../../src/nn/shape-layers.ts";
import { fit } from "../../src/train/fit.ts";
import { dataFolder } from "../support/data.ts";
import { drivers } from "../support/dawn.ts";
import { keptRun } from "../support/kept-run.ts";
import { long, onlyLong } from "../support/long.ts";
import { mnistTrainingImages } from "../support/mnist.ts";
import { sharedDevice } from "../support/training.ts";

// Runs whose figures others have published. Each prints its own beside them: docs/validation.md has them.
test.beforeEach(() => test.skip(!long, onlyLong));

/** MNIST's 10,000 test images: [count · 784] bytes. */
function testImages(): Uint8Array {
  const file = readFileSync(join(dataFolder("mnist")!, "t10k-images-idx3-ubyte.gz"));
  return decodeIdx(gunzip(file, "mnist"), "mnist").data as Uint8Array;
}

test("the VAE of pytorch/examples follows its published run, epoch by epoch", async () => {
  const data = { ...mnistTrainingImages(), test: { count: 10_000, values: { x: testImages() } } };
  const { options, training } = vae.statement.presets.vae;
  const kept = keptRun("pytorch-vae");
  const run = fit(await sharedDevice(drivers[0]), vae({ data, ...options }), data, {
    ...training,
    ...kept.options,
    epochs: 10,
    seed: 1,
  });
  const losses = (await kept.finish(run)).map(({ test }) => test.loss);
  await run.dispose();
  console.log(`test loss of each epoch: ${losses.map((nats) => nats.toFixed(2))}`);
  // Test losses of a run of https://github.com/pytorch/examples/tree/main/vae in PyTorch; others of it end .05 from there.
  const published = [127.3, 115.79, 112.22, 109.64, 108.54, 107.7, 107.07, 106.66, 106.04, 105.56];
  published.forEach((nats, k) => {
    expect(Math.abs(losses[k] / nats - 1)).toBeLessThan(0.015);
  });
  expect(Math.abs(losses[9] - published[9])).toBeLessThan(0.5);
});

test("the first autoencoder of Keras's blog ends at a cross-entropy of .09 a pixel", async () => {
  const data = { ...mnistTrainingImages(), test: { count: 10_000, values: { x: testImages() } } };
  const { x } = data.fields;
  const model = plain({
    x,
    latent: 32,
    loss: "bce",
    encoder: sequence([flattenLayer(), dense("encoder", 784, 32, "glorot"), activation("relu")]),
    decoder: dense("decoder", 32, 784, "glorot"),
  });
  const kept = keptRun("keras-ae");
  const run = fit(await sharedDevice(drivers[0]), model, data, {
    ...kept.options,
    epochs: 50,
    batchSize: 256,
    learningRate: 1e-3,
    optimizer: { epsilon: 1e-7 },
    seed: 1,
  });
  const pixel = (await kept.finish(run)).map(({ test }) => test.loss / fieldSize(x));
  console.log(
    `cross-entropy a pixel, every tenth epoch: ${pixel.filter((_, k) => k % 10 === 9).map((v) => v.toFixed(4))}`,
  );
  await run.dispose();
  expect(pixel[49]).toBeGreaterThan(0.0581); // the entropy of the grey values themselves
  expect(pixel[49]).toBeLessThan(0.096);
});

test("the third epoch of Keras's convolutional VAE is that of its page", async () => {
  const data = mnistTrainingImages();
  const both = new Uint8Array(70_000 * 784);
  both.set(data.train.values.x as Uint8Array);
  both.set(testImages(), 60_000 * 784);
  const all = {
    ...data,
    train: { count: 70_000, values: { x: both } },
    test: { count: 128, values: { x: both.subarray(0, 128 * 784) } },
  };
  const kept = keptRun("keras-conv-vae");
  const run = fit(await sharedDevice(drivers[0]), convVae({ data: all }), all, {
    ...kept.options,
    epochs: 3,
    batchSize: 128,
    learningRate: 1e-3,
    optimizer: { epsilon: 1e-7 },
    seed: 1,
  });
  // Means over each epoch of training, from https://keras.io/examples/generative/vae.
  const published = [
    { reconstruction: 205.16, kl: 3.96 },
    { reconstruction: 166.07, kl: 5.66 },
    { reconstruction: 157.13, kl: 5.96 },
  ];
  const epochs = await kept.finish(run);
  epochs.forEach(({ train: { reconstruction, kl } }, k) => {
    const page = `${published[k].reconstruction} and ${published[k].kl}`;
    console.log(
      `epoch ${k + 1}: reconstruction ${reconstruction.toFixed(2)}, KL ${kl.toFixed(2)}; the page has ${page}`,
    );
  });
  await run.dispose();
  // When a run leaves its plateau, near what the mean image costs, is chance, and the means of the first two epochs with it.
  const { train } = epochs[2];
  expect(Math.abs(train.reconstruction / published[2].reconstruction - 1)).toBeLessThan(0.03);
  expect(Math.abs(train.kl - published[2].kl)).toBeLessThan(0.8);
});

test("trained by more codes, an importance-weighted autoencoder says that new images are likelier", async () => {
  const all = mnistTrainingImages();
  const train = { count: 20_000, values: { x: (all.train.values.x as Uint8Array).subarray(0, 20_000 * 784) } };
  const test = { count: 500, values: { x: testImages().subarray(0, 500 * 784) } };
  const data = { ...all, train, test };
  const device = await sharedDevice(drivers[0]);
  const found: number[] = [];
  for (const samples of [1, 5, 20]) {
    const model = iwae({ data, samples, binarisation: "dynamic" });
    const kept = keptRun(`iwae-${samples}`);
    const run = fit(device, model, data, { ...kept.options, epochs: 15, batchSize: 100, learningRate: 1e-3, seed: 1 });
    await kept.finish(run);
    const logs = await run.logLikelihood(test.values.x, { samples: 512 });
    found.push(-logs.reduce((sum, value) => sum + value, 0) / logs.length);
    await run.dispose();
  }
  console.log(`−ln p(x) of new images by models of 1, 5 and 20 codes: ${found.map((nats) => nats.toFixed(2))}`);
  expect(found[1]).toBeLessThan(found[0]);
  expect(found[2]).toBeLessThan(found[1]);
});
