import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { presetConfig } from "../../src/config/config.ts";
import { type Dataset, labels, type Split } from "../../src/data/dataset.ts";
import { trainedOnClass } from "../../src/data/one-class.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { decodeNpy } from "../../src/formats/npy.ts";
import type { Device } from "../../src/gpu/device.ts";
import { anomalyThreshold, detection, roc } from "../../src/metrics/detection.ts";
import { anomalyAe } from "../../src/models/index.ts";
import { permute } from "../../src/random/feistel.ts";
import { fit } from "../../src/train/fit.ts";
import { dataFolder, missingData } from "../support/data.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";

const SAMPLES = 140;

/**
 * All heartbeats of ECG5000 in an order of the seed, a fifth of them held out as in the tutorial. Class 0 is normal. One example
 * has the largest number by far, which the scale and with it the threshold depend on: it has to be among those of the training.
 */
function heartbeats(seed: number): Dataset {
  const folder = dataFolder("ecg5000");
  test.skip(folder === undefined, missingData("ecg5000"));
  const rows = ["ecg5000_train_500x141_f32.npy", "ecg5000_test_4499x141_f32.npy"].flatMap((file) => {
    const { shape, data } = decodeNpy(readFileSync(join(folder!, file)), file);
    const beats = data as Float32Array;
    return Array.from({ length: shape[0] }, (_, row) => beats.subarray(row * shape[1], (row + 1) * shape[1]));
  });
  const held = Math.round(rows.length / 5);
  const split = (from: number, to: number): Split => {
    const chosen = Array.from({ length: to - from }, (_, k) => rows[permute(from + k, rows.length, [seed, 0], 0)]);
    const x = new Float32Array(chosen.length * SAMPLES);
    for (const [k, row] of chosen.entries()) x.set(row.subarray(1), k * SAMPLES);
    return { count: chosen.length, values: { x, label: Uint8Array.from(chosen, ([label]) => label - 1) } };
  };
  return {
    name: "ecg5000",
    fields: { x: { kind: "series", shape: [SAMPLES], store: "f32" }, label: labels(5, ["1", "2", "3", "4", "5"]) },
    train: split(held, rows.length),
    test: split(0, held),
  };
}

interface Detector {
  readonly model: object;
  readonly training: { readonly epochs: number; readonly batchSize: number };
}

/** Trains on the normal examples, and judges the test examples by a threshold of their scores. */
async function detected(device: Device, data: Dataset, normal: number, { model, training }: Detector) {
  const dataset = trainedOnClass(data, normal);
  const run = fit(device, anomalyAe({ ...model, data: dataset }), dataset, { ...training, seed: 1 });
  await run.finished;
  const score = (split: Split) => run.use("score", split.count, { x: split.values.x });
  const threshold = anomalyThreshold(await score(dataset.train));
  const scores = await score(dataset.test);
  await run.dispose();
  const isNormal = Array.from(data.test.values.label, (label) => label === normal);
  return { ...detection(scores, isNormal, threshold), area: roc(scores, isNormal).area };
}

const options = ({ model: { family: _, ...given } }: ReturnType<typeof presetConfig>) => given;

for (const preset of ["ecg-ae", "ecg-conv-ae"]) {
  test(`${preset} finds anomalous heartbeats as the tutorial does`, async () => {
    test.skip(!long, onlyLong);
    const data = heartbeats(1);
    const config = presetConfig(preset);
    const { epochs, batchSize } = config.training;
    const device = await sharedDevice(preset === "ecg-ae" ? undefined : drivers[0]);
    const found = await detected(device, data, 0, { model: options(config), training: { epochs, batchSize } });
    console.log(`${preset} on ECG5000: ${JSON.stringify(found)}`);
    expect(Math.abs(found.threshold - 0.032)).toBeLessThan(0.003);
    expect(Math.abs(found.accuracy - 0.94)).toBeLessThan(0.015);
    expect(Math.abs(found.precision - 0.99)).toBeLessThan(0.01);
    expect(Math.abs(found.recall - 0.9)).toBeLessThan(0.03);
    expect(found.area).toBeGreaterThan(0.93);
  });
}

/** Waves of any phase, class 0, and among them those of the double frequency, class 1: far from 0..1. */
function waves(trainCount: number, testCount: number): Dataset {
  const split = (count: number, key: number): Split => {
    const label = Uint8Array.from({ length: count }, (_, row) => Number(row % 4 === 3));
    const x = Float32Array.from({ length: count * 16 }, (_, k) => {
      const row = Math.floor(k / 16);
      const phase = (2 * Math.PI * permute(row, count, [key, 0], 0)) / count;
      return 500 + 100 * (1 + label[row]) * Math.sin(((1 + label[row]) * 2 * Math.PI * (k % 16)) / 16 + phase);
    });
    return { count, values: { x, label } };
  };
  const fields: Dataset["fields"] = { x: { kind: "series", shape: [16], store: "f32" }, label: labels(2) };
  return { name: "waves", fields, train: split(trainCount, 1), test: split(testCount, 2) };
}

for (const network of long ? (["dense", "conv"] as const) : (["dense"] as const)) {
  test(`${network}: what was not among the training examples scores more, and is redrawn in the data's own numbers`, async () => {
    const data = waves(256, 64);
    const dataset = trainedOnClass(data, 0);
    const model = anomalyAe({ data: dataset, network, widths: [16], latent: 4, kernel: 5 });
    const run = fit(await sharedDevice(), model, dataset, { epochs: 40, batchSize: 32, learningRate: 5e-3, seed: 1 });
    await run.finished;
    const { count, values } = data.test;
    const scores = await run.use("score", count, { x: values.x });
    const isNormal = Array.from(values.label, (label) => label === 0);
    expect(roc(scores, isNormal).area).toBeGreaterThan(0.99);
    // Scores are mean absolute errors of scaled numbers, and the scale is that of all training examples: 800 to 200 at most.
    const redrawn = await run.reconstruct(values.x);
    const { shift, scale } = scalingIn(await run.checkpoint());
    expect([shift, shift + scale]).toEqual([extreme(data, Math.min), extreme(data, Math.max)]);
    for (let row = 0; row < count; row++) {
      let error = 0;
      for (let k = row * 16; k < (row + 1) * 16; k++) error += Math.abs(redrawn[k] - values.x[k]) / scale / 16;
      expect(Math.abs(error / scores[row] - 1)).toBeLessThan(1e-3);
    }
    await run.dispose();
  });
}

const extreme = ({ train }: Dataset, of: (a: number, b: number) => number) =>
  [...train.values.x].reduce((a, b) => of(a, b));

function scalingIn(checkpoint: Uint8Array) {
  const { tensors } = decodeSafetensors(checkpoint, "the checkpoint");
  const [shift, scale] = ["shift", "scale"].map((part) => (tensors[`scaling.${part}`].data as Float32Array)[0]);
  return { shift, scale };
}
