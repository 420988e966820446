import type { Dataset } from "../data/dataset.ts";
import type { Device } from "../gpu/device.ts";
import { buildModel } from "../models/index.ts";
import { presets } from "../train/presets.ts";
import { createTrainer, type Trainer } from "../train/trainer.ts";
import { randomBytes } from "./data.ts";

/** Random pixels: what a step costs does not depend on them. */
function noiseImages(): Dataset {
  const split = (count: number, salt: number) => ({ count, examples: randomBytes(count * 784, salt) });
  return { name: "random pixels", shape: [28, 28, 1], train: split(1280, 1), test: split(128, 2) };
}

/** A preset's trainer on random images. Throws ReparamError where the adapter cannot hold or build it. */
export function presetTrainer(device: Device, name: string, learningRate?: number): Promise<Trainer> {
  const { training, model, seed } = presets[name].config;
  const dataset = noiseImages();
  return createTrainer(device, buildModel(model, dataset.shape), {
    ...training,
    optimizer: { ...training.optimizer, ...(learningRate !== undefined && { learningRate }) },
    dataset,
    totalSteps: 100_000,
    seed,
  });
}
