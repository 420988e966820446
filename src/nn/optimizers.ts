import type { Schedule } from "./schedules.ts";

export const optimizerRules = { sgd: 0, adam: 1, adamw: 2, rmsprop: 3 } as const;

/** How gradients become updates; see shaders/optimizer/update.wgsl for the formulas. */
export interface Optimizer {
  readonly name: keyof typeof optimizerRules;
  readonly learningRate: number;
  /** Adam and AdamW: decay of the first and second moments. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** SGD. */
  readonly momentum: number;
  /** RMSprop: decay of the mean square. */
  readonly decay: number;
  readonly weightDecay: number;
  /** Largest global norm of the gradient; null for none. */
  readonly clipNorm: number | null;
}

export type OptimizerOptions = Partial<Optimizer>;

/** Adam as in Kingma and Ba 2014; the other rules' constants are PyTorch's. */
export const DEFAULT_OPTIMIZER: Optimizer = {
  name: "adam",
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  momentum: 0,
  decay: 0.99,
  weightDecay: 0,
  clipNorm: null,
};

/** The `override` constants of shaders/optimizer/update.wgsl that are the optimizer's. */
export function optimizerConstants(optimizer: Optimizer): Record<string, number> {
  const { name, beta1, beta2, epsilon, momentum, decay, weightDecay } = optimizer;
  const first = name === "sgd" ? momentum : beta1;
  const second = name === "rmsprop" ? decay : beta2;
  return {
    RULE: optimizerRules[name],
    BETA1: first,
    BETA2: second,
    REST1: 1 - first,
    REST2: 1 - second,
    EPSILON: epsilon,
    DECAY: weightDecay,
  };
}

/**
 * Adam's bias corrections 1 / (1 − βᵗ), computed here, since f32 powers are inexact. An objective that comes `times`
 * times in a step makes update `place` (from 0) of them: t = step · times + place + 1.
 */
export function biasCorrections(
  { name, beta1, beta2 }: Optimizer,
  { place = 0, times = 1 } = {},
): readonly [Schedule, Schedule] {
  if (name === "sgd" || name === "rmsprop") return [() => 1, () => 1];
  const update = (step: number) => step * times + place + 1;
  return [(step) => 1 / (1 - beta1 ** update(step)), (step) => 1 / (1 - beta2 ** update(step))];
}
