import type { RunConfig } from "../config/config.ts";
import type { Dataset } from "../data/dataset.ts";
import type { AdapterDescription, TunedChoices } from "../gpu/device.ts";
import type { Measures } from "../train/measures.ts";

/**
 * The words that a command and its job (`job.ts`, where the GPU is) speak: the `body` of each `Message` of
 * `src/host/job.ts`, and the names of the blobs beside it. A job never touches a file.
 *
 * The values of a split lie in blobs `train FIELD`, `test FIELD` (and `fitted FIELD`), in the typed array that the field's store names; other
 * float blobs are little-endian f32, row-major.
 */

/** What a job is told about the data it gets as blobs. */
export type DatasetInfo = {
  name: string;
  fields: Dataset["fields"];
  trainCount: number;
  testCount: number;
  /** Examples that statistics are fitted to, where these are more than those of the training. */
  fittedCount?: number;
};

/** Blobs: both splits, and `checkpoint` when `resume` is set. */
export type TrainJob = {
  kind: "train";
  config: RunConfig;
  dataset: DatasetInfo;
  /** Two steps, one evaluation batch, few and small pictures; everything else as usual. */
  fastDevRun: boolean;
  /** Continue from the `checkpoint` blob, bit-identically. */
  resume: boolean;
  /** What was measured on adapters by this browser or Dawn. */
  tuned?: TunedChoices;
};

/** The plan of a step: needs no GPU memory. Emits one `plan` event. */
export type PlanJob = {
  kind: "plan";
  config: RunConfig;
  fields: Dataset["fields"];
  count: number;
  tuned?: TunedChoices;
};

/**
 * Runs one use of a model on `count` rows. Blobs: `checkpoint`, and `input NAME` for everything that the use takes, as
 * its field stores it. Emits one `result` event.
 */
export type UseJob = {
  kind: "use";
  use: string;
  config: RunConfig;
  fields: Dataset["fields"];
  count: number;
  seed: number;
};

/**
 * The terms of the last stage over examples, and what the model's uses say of it; ln p(x) by `samples` codes of each where
 * that is given. Blobs: `checkpoint`, and the fields as `test FIELD`. Emits `evaluation`.
 */
export type EvaluateJob = {
  kind: "evaluate";
  config: RunConfig;
  fields: Dataset["fields"];
  count: number;
  samples?: number;
  /** Whether the terms of each example are sent, too. */
  perExample: boolean;
};

export type JobBody = TrainJob | PlanJob | UseJob | EvaluateJob;

/**
 * What a checkpoint's metadata hold beside what continuing it takes, each as JSON text, so that the file alone is enough
 * to use it. `config` goes without `host`, `keep` and `data.directory`: the file's bytes do not depend on where it was trained.
 */
export type CheckpointMetadata = { config: string; fields: string };

/** Terms by name; null stands for a number that is not finite, which JSON cannot carry. */
export type Losses = Readonly<Record<string, number | null>>;

/** A stage of the run, in words. */
export type StageInfo = { name: string; steps: number; monitor: { term: string; split: "train" | "test" } | null };

/** The first event of `train`. */
export type StartEvent = {
  event: "start";
  adapter: AdapterDescription;
  /** How many trainable numbers the model has. */
  parameters: number;
  /** Bytes of GPU memory that the plan needs at its peak. */
  peakBytes: number;
  totalSteps: number;
  stepsPerEpoch: number;
  stages: StageInfo[];
  /** Step the run starts from: 0, or the checkpoint's when resumed. */
  step: number;
  /** Whatever else is worth keeping in environment.json: limits, features, chosen kernel variants. */
  environment: { [key: string]: unknown };
};

/** Another stage begins after `step`, and has so many steps. */
export type StageEvent = { event: "stage"; name: string; step: number; steps: number };

/** A few a second. */
export type ProgressEvent = {
  event: "progress";
  step: number;
  totalSteps: number;
  epoch: number;
  loss: number | null;
  stepsPerSecond: number;
  secondsLeft: number;
};

/** One every `training.metricsEvery` steps; becomes a line of metrics.jsonl. */
export type StepsEvent = {
  event: "steps";
  step: number;
  epoch: number;
  stage: string;
  train: Losses;
  schedules: Readonly<Record<string, number>>;
};

/** The end of an epoch, of a stage, or of the training where `maxSteps` falls inside an epoch. */
export type EpochEvent = {
  event: "epoch";
  /** Counted from 1. */
  epoch: number;
  /** Steps done since the beginning of the run. */
  step: number;
  stage: string;
  train: Losses;
  test: Losses;
  /** What each term is measured in. */
  units: Readonly<Record<string, string>>;
  /** Learning rates and the model's schedules. */
  schedules: Readonly<Record<string, number>>;
  /** Steps of this epoch. */
  steps: number;
  seconds: number;
  stepsPerSecond: number;
  /** True when what the stage is watched by is the lowest so far. */
  best: boolean;
};

/** Blob: `checkpoint`. See `CheckpointMetadata` for what its metadata must hold. */
export type CheckpointEvent = { event: "checkpoint"; step: number; epoch: number; best: boolean };

/** The device was lost and replaced; the run goes on from the step. */
export type RecoveryEvent = { event: "recovery"; reason: string; adapter: AdapterDescription; step: number };

/** A step was not finite, and was passed over; or the run went back to the step `from`, with half the learning rate. */
export type NonFiniteEvent = {
  event: "nonfinite";
  step: number;
  reason: string;
  action: "skip" | "halve";
  from: number;
};

/** A picture of what the model does now. Blob: `png`. */
export type PictureEvent = { event: "picture"; file: string; caption: string };

/**
 * The last event of `train`. Blob: `checkpoint` (final weights and state), unless status is "failed". A loss that became
 * non-finite ends as "failed", with the step and the first bad node in `message`; the weights before it came as a checkpoint.
 */
export type EndEvent = {
  event: "end";
  status: "ok" | "stopped-early" | "interrupted" | "failed";
  step: number;
  epoch: number;
  message?: string;
  /** What the model's codes hold of the first test examples, where the training came to its end. */
  codes?: Pick<Measures, "posterior" | "units">;
};

export type TrainEvent =
  | StartEvent
  | StageEvent
  | ProgressEvent
  | StepsEvent
  | EpochEvent
  | CheckpointEvent
  | RecoveryEvent
  | NonFiniteEvent
  | PictureEvent
  | EndEvent;

/** Answer to `plan`: each stage's step as a table. */
export type PlanEvent = { event: "plan"; stages: { name: string; plan: string }[] };
/** Answer to `use`. Blob: `result`, f32 `[count, ...to.shape]`. */
export type ResultEvent = { event: "result"; shape: number[] };
/**
 * Answer to `evaluate`. Blob where the job asked for it: `terms`, f32 `[count, terms]`, one row an example. `logLikelihood`:
 * the mean over the examples in nats, by so many codes of each.
 */
export type EvaluationEvent = {
  event: "evaluation";
  test: Losses;
  units: Readonly<Record<string, string>>;
  logLikelihood?: { mean: number | null; samples: number };
  measures: Measures;
  /** What the columns of the blob are called. */
  terms?: readonly string[];
};
