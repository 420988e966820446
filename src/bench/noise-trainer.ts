import { type Dataset, type Field, type FieldValues, fieldSize, type Split, storeArrays } from "../data/dataset.ts";
import type { Device } from "../gpu/device.ts";
import type { DataDescription } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../train/trainer.ts";
import { randomBytes, randomFloats, randomWord } from "./data.ts";

/** Held-out examples: nothing is learned of them. */
const TEST_COUNT = 128;

/** Random examples of some fields: what a step costs does not depend on them. */
function noiseData({ fields, count }: Required<DataDescription>): Dataset {
  const split = (count: number, salt: number): Split => ({
    count,
    values: Object.fromEntries(
      Object.entries(fields).map(([name, field], k) => [name, noiseOf(field, count * fieldSize(field), salt + 2 * k)]),
    ),
  });
  return { name: "random numbers", fields, train: split(count, 1), test: split(TEST_COUNT, 2) };
}

function noiseOf({ store, classes }: Field, size: number, salt: number): FieldValues {
  if (store === "f32" && !classes) return randomFloats(size, salt, 0, 1);
  if (store === "u8" && !classes) return randomBytes(size, salt);
  const values = new storeArrays[store](size);
  for (let i = 0; i < size; i++) values[i] = randomWord(i, salt) % (classes ?? 0x10000);
  return values;
}

export interface NoiseTrainerOptions extends Omit<TrainerOptions, "dataset"> {
  /** The one that moves the most parameters unless given. */
  readonly stage?: number;
}

/**
 * A model's trainer on random examples, in one of its stages.
 * Throws ReparamError where the adapter cannot hold or build it.
 */
export async function trainerOnNoise(
  device: Device,
  model: Model,
  data: Required<DataDescription>,
  { stage = busiestStage(model), ...options }: NoiseTrainerOptions,
): Promise<Trainer> {
  const trainer = await createTrainer(device, model, { ...options, dataset: noiseData(data) });
  try {
    await trainer.enter(stage, 0, 100_000);
    return trainer;
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}

/** The stage that moves the most parameters. */
export function busiestStage({ stages }: Model): number {
  const moved = stages.map(({ objectives }) =>
    objectives.reduce((sum, { moves }) => sum + moves.reduce((size, { shape }) => size + fieldSize({ shape }), 0), 0),
  );
  return moved.indexOf(Math.max(...moved));
}
