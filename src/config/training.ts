import { DEFAULT_OPTIMIZER, type Optimizer, optimizerRules } from "../nn/optimizers.ts";
import { above, atLeast, type Constraint, fraction, keysOf, oneOf, orNull, whole } from "../schema/constraints.ts";
import {
  fits,
  holding,
  named,
  nullable,
  type Output,
  object,
  optional,
  partial,
  record,
  type Schema,
  variant,
} from "../schema/schema.ts";

/**
 * Everything about a run that is not the model, the data or the seed: `training` of a config, and what `fit` takes.
 * Every schema's message is the phrase that follows "must be" when a value is refused.
 */

const or = <T>(constraint: Constraint<T>, fallback: T) => optional(constraint.schema, fallback);

const optimizerEntries = {
  name: oneOf(keysOf(optimizerRules)).schema,
  learningRate: above(0).schema,
  /** Adam and AdamW: decay of the first and second moments. */
  beta1: fraction().schema,
  beta2: fraction().schema,
  epsilon: above(0).schema,
  /** SGD. */
  momentum: fraction().schema,
  /** RMSprop: decay of the mean square. */
  decay: fraction().schema,
  weightDecay: atLeast(0).schema,
  /** Scale the gradient down to this global norm; null never does. */
  clipNorm: orNull(above(0)).schema,
} satisfies Record<keyof Optimizer, Schema<unknown>>;

const optimizer = object(optimizerEntries);

/** A multiplier of the learning rates over a stage. `final` is the multiplier at the last step. */
const learningRateSchedule = variant("name", [
  named("constant", {}),
  named("cosine", { warmupSteps: or(whole(0), 0), final: or(atLeast(0), 0) }),
  named("linear", { warmupSteps: or(whole(0), 0), final: or(atLeast(0), 0) }),
  /** factor^floor(step / every) */
  named("step", { every: whole(1).schema, factor: or(above(0), 0.5) }),
  /** rate^(step / steps of an epoch) */
  named("exponential", { rate: above(0).schema }),
]);

const EVERY = 'a whole number of epochs of at least 1, or a time such as "10m", "90s" or "2h"';

const every = holding<number | string>(
  EVERY,
  (value) => fits(whole(1).schema, value) || (typeof value === "string" && /^[1-9]\d{0,5}[smh]$/.test(value)),
);

/** How long a submit shall take: it has one step at least, however short that is. */
export const submitTime = orNull(above(0));

export const trainingSchema = object({
  epochs: whole(1, 1_000_000).schema,
  /** Stop after this many steps even inside an epoch; null leaves it to the epochs. */
  maxSteps: orNull(whole(1, 0xffff_ffff)).schema,
  batchSize: whole(1, 1_048_576).schema,
  /** How a step stores what matmuls and convolutions read; weights, sums and checkpoints are f32 in either case. */
  precision: or(oneOf(["f32", "f16"]), "f32"),
  optimizer,
  /** What differs for the objectives that name an optimizer of their own, by its name. */
  optimizers: optional(record(partial(optimizer)), {}),
  learningRateSchedule,
  /** End a stage when what it is watched by has not fallen by more than minDelta for `patience` epochs. */
  earlyStopping: nullable(object({ patience: or(whole(1), 5), minDelta: or(atLeast(0), 0) })),
  /** Epochs, or a time; the best epoch always, and in runs by epochs also whenever ten minutes went by without one. */
  checkpointEvery: every,
  /** A loss or gradient that is not finite: stop, pass over the step, or go back and on with half the learning rate. */
  nonFinite: or(oneOf(["stop", "skip", "halve"]), "stop"),
  /** Steps between extra lines of metrics; null is one line an epoch. */
  metricsEvery: orNull(whole(1)).schema,
  /** How long the GPU is kept busy at once, in milliseconds, before others may use it; null: 75, and 200 on software adapters. */
  submitMilliseconds: or(submitTime, null),
});

export type TrainingConfig = Output<typeof trainingSchema>;

/** What nobody said otherwise: the same for `fit` and the command line. */
export const DEFAULT_TRAINING: TrainingConfig = {
  epochs: 10,
  maxSteps: null,
  batchSize: 128,
  precision: "f32",
  optimizer: DEFAULT_OPTIMIZER,
  optimizers: {},
  learningRateSchedule: { name: "constant" },
  earlyStopping: null,
  checkpointEvery: 1,
  nonFinite: "stop",
  metricsEvery: null,
  submitMilliseconds: null,
};
