import { buildModel, presetConfig } from "../config/config.ts";
import { type Field, labels, pixels } from "../data/dataset.ts";
import type { Device } from "../gpu/device.ts";
import type { Trainer } from "../train/trainer.ts";
import { trainerOnNoise } from "./noise-trainer.ts";

/** The fields of the built-in digits and of MNIST. */
export const IMAGES: Readonly<Record<string, Field>> = { x: pixels([28, 28, 1]), label: labels(10) };

/** What models of them are made for. */
export const IMAGE_DATA = { fields: IMAGES, count: 1280 };

/**
 * A preset's trainer on random images in the stage that moves the most parameters.
 * Throws ReparamError where the adapter cannot hold or build it.
 */
export async function presetTrainer(device: Device, name: string, learningRate?: number): Promise<Trainer> {
  const { training, model, seed } = presetConfig(name);
  return trainerOnNoise(device, buildModel(model, IMAGE_DATA), IMAGE_DATA, {
    ...training,
    optimizer: { ...training.optimizer, ...(learningRate !== undefined && { learningRate }) },
    seed,
  });
}
