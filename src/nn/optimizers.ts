import type { Schedule } from "./schedules.ts";

/** How gradients become updates; see shaders/optimizer/update.wgsl for the formulas. */
export interface OptimizerOptions {
  readonly name: "adam" | "adamw" | "sgd" | "rmsprop";
  readonly learningRate: number;
  /** Adam and AdamW: decay of the first and second moments. */
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** SGD. */
  readonly momentum?: number;
  /** RMSprop: decay of the mean square. */
  readonly decay?: number;
  readonly weightDecay?: number;
  /** Largest global norm of the gradient; null or absent for none. */
  readonly clipNorm?: number | null;
}

const RULES = { sgd: 0, adam: 1, adamw: 2, rmsprop: 3 } as const;

/** The `override` constants of shaders/optimizer/update.wgsl, but for COUNT. */
export function optimizerConstants(options: OptimizerOptions): Record<string, number> {
  const { name, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, momentum = 0, decay = 0.99, weightDecay = 0 } = options;
  const first = name === "sgd" ? momentum : beta1;
  const second = name === "rmsprop" ? decay : beta2;
  return {
    RULE: RULES[name],
    BETA1: first,
    BETA2: second,
    REST1: 1 - first,
    REST2: 1 - second,
    EPSILON: epsilon,
    DECAY: weightDecay,
  };
}

/** Adam's bias corrections 1 / (1 − βᵗ), where the first step is t = 1; computed here, since f32 powers are inexact. */
export function biasCorrections({ name, beta1 = 0.9, beta2 = 0.999 }: OptimizerOptions): readonly [Schedule, Schedule] {
  if (name === "sgd" || name === "rmsprop") return [() => 1, () => 1];
  return [(step) => 1 / (1 - beta1 ** (step + 1)), (step) => 1 / (1 - beta2 ** (step + 1))];
}
