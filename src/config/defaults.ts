import type { TrainingDefaults } from "../models/model.ts";
import { DEFAULT_TRAINING, type TrainingConfig } from "./training.ts";

/** The defaults with what suits a family or a preset, and what was asked for, the last first. */
export function trainingWith(...layers: readonly (TrainingDefaults | undefined)[]): TrainingConfig {
  let training = DEFAULT_TRAINING;
  for (const layer of layers) {
    const { optimizer, optimizers, ...rest } = layer ?? {};
    const names = Object.keys({ ...training.optimizers, ...optimizers });
    training = {
      ...training,
      ...rest,
      optimizer: { ...training.optimizer, ...optimizer },
      optimizers: Object.fromEntries(
        names.map((name) => [name, { ...training.optimizers[name], ...optimizers?.[name] }]),
      ),
    };
  }
  return training;
}
