import { buildModel, presetConfig } from "../config/config.ts";
import { type Dataset, type Field, fieldSize, labels, pixels, type Split } from "../data/dataset.ts";
import type { Device } from "../gpu/device.ts";
import { createTrainer, type Trainer } from "../train/trainer.ts";
import { randomBytes } from "./data.ts";

/** The fields of the built-in digits and of MNIST. */
export const IMAGES: Readonly<Record<string, Field>> = { x: pixels([28, 28, 1]), label: labels(10) };

/** What models of them are made for. */
export const IMAGE_DATA = { fields: IMAGES, count: 1280 };

/** Random pixels and classes: what a step costs does not depend on them. */
function noiseImages(): Dataset {
  const split = (count: number, salt: number): Split => ({
    count,
    values: {
      x: randomBytes(count * fieldSize(IMAGES.x), salt),
      label: randomBytes(count, salt + 2).map((byte) => byte % 10),
    },
  });
  return { name: "random pixels", fields: IMAGES, train: split(IMAGE_DATA.count, 1), test: split(128, 2) };
}

/**
 * A preset's trainer on random images in the stage that moves the most parameters.
 * Throws ReparamError where the adapter cannot hold or build it.
 */
export async function presetTrainer(device: Device, name: string, learningRate?: number): Promise<Trainer> {
  const { training, model, seed } = presetConfig(name);
  const dataset = noiseImages();
  const trainer = await createTrainer(device, buildModel(model, IMAGE_DATA), {
    ...training,
    optimizer: { ...training.optimizer, ...(learningRate !== undefined && { learningRate }) },
    dataset,
    seed,
  });
  try {
    await trainer.enter(busiestStage(trainer), 0, 100_000);
    return trainer;
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}

/** The stage that moves the most parameters. */
function busiestStage({ model: { stages } }: Trainer): number {
  const moved = stages.map(({ objectives }) =>
    objectives.reduce((sum, { moves }) => sum + moves.reduce((size, { shape }) => size + fieldSize({ shape }), 0), 0),
  );
  return moved.indexOf(Math.max(...moved));
}
