import type { TunedChoices } from "../gpu/device.ts";
import type { TrainConfig } from "./config.ts";

/**
 * The words that the command line and the job (`src/train/job.ts`, where the GPU is) speak: the `body` of each
 * `Message` of `src/host/job.ts`, and the names of the blobs beside it. The job never touches a file.
 *
 * Float blobs hold little-endian f32, row-major. Losses are nats an example.
 */

/** What a job is told about the data it gets as blobs. Examples are bytes `[count, ...shape]`. */
export type DatasetInfo = {
  name: string;
  /** The shape of one example; images are `[height, width, channels]`. */
  shape: readonly number[];
  trainCount: number;
  testCount: number;
};

/** Blobs: `trainExamples`, `testExamples`, `trainLabels`?, `testLabels`?, and `checkpoint` when `resume` is set. */
export type TrainJob = {
  kind: "train";
  config: TrainConfig;
  dataset: DatasetInfo;
  /** Two steps, one evaluation batch, few and small pictures; everything else as usual. */
  fastDevRun: boolean;
  /** Continue from the `checkpoint` blob, bit-identically. */
  resume: boolean;
  /** Compile only: emit `start` with `plan`, then `end`, and train nothing. */
  printPlan: boolean;
  /** What was measured on adapters by this browser or Dawn. */
  tuned?: TunedChoices;
};

/** Blob: `checkpoint`. Emits one `samples` event. */
export type SampleJob = { kind: "sample"; config: TrainConfig; shape: readonly number[]; count: number; seed: number };

/**
 * Blobs: `examples` (bytes) and `checkpoint`. `reconstruct` emits one `reconstructions` event, `encode` one `codes`,
 * `evaluate` one `evaluation`.
 */
export type ExamplesJob = {
  kind: "reconstruct" | "encode" | "evaluate";
  config: TrainConfig;
  dataset: { name: string; shape: readonly number[]; count: number };
};

export type JobBody = TrainJob | SampleJob | ExamplesJob;

/**
 * What a checkpoint's safetensors metadata must hold beside whatever the job keeps there, each as JSON text, so that
 * the file alone is enough to sample from it. `config` goes without `host` and `data.directory`: the file's bytes do
 * not depend on where it was trained.
 */
export type CheckpointMetadata = { config: string; shape: string };

/** Nats an example. null stands for a number that is not finite, which JSON cannot carry. */
export type Losses = { loss: number | null; reconstruction: number | null; kl: number | null };

export type AdapterInfo = {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  /** True when this is a software adapter. */
  fallback: boolean;
};

/** The first event of `train`. */
export type StartEvent = {
  event: "start";
  adapter: AdapterInfo;
  /** How many trainable numbers the model has. */
  parameters: number;
  /** Bytes of GPU memory that the plan needs at its peak. */
  peakBytes: number;
  totalSteps: number;
  stepsPerEpoch: number;
  /** Step the run starts from: 0, or the checkpoint's when resumed. */
  step: number;
  /** Whatever else is worth keeping in environment.json: limits, features, chosen kernel variants. */
  environment: { [key: string]: unknown };
  /** The plan as a table, when the job asked for it. */
  plan?: string;
};

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
export type StepsEvent = { event: "steps"; step: number; epoch: number; train: Losses };

/** The end of an epoch, or of the training where `maxSteps` falls inside an epoch. */
export type EpochEvent = {
  event: "epoch";
  /** Counted from 1. */
  epoch: number;
  /** Steps done since the beginning of the run. */
  step: number;
  train: Losses;
  test: Losses;
  /** Steps of this epoch. */
  steps: number;
  seconds: number;
  stepsPerSecond: number;
  /** True when the test loss is the lowest so far. */
  best: boolean;
};

/** Blob: `checkpoint`. See `CheckpointMetadata` for what its metadata must hold. */
export type CheckpointEvent = { event: "checkpoint"; step: number; epoch: number; best: boolean };

/**
 * What the model does now. Blobs, all f32, images in 0..1:
 * `samples [n, ...shape]`; `originals` and `reconstructions [m, ...shape]`; `codes [k, latent]` (latent means of test
 * examples) with `codeLabels` (bytes `[k]`) where the data has labels; `manifold [ys · xs, ...shape]` when `manifold`
 * is there.
 */
export type PicturesEvent = {
  event: "pictures";
  shape: readonly number[];
  latent: number;
  /** When `latent` is 2: the codes that were decoded, z₁ of the columns from the left and z₂ of the rows from the top. */
  manifold?: { xs: number[]; ys: number[] };
};

/**
 * The last event of `train`. Blob: `checkpoint` (final weights and state), unless status is "failed" or only the plan
 * was asked for. A loss that became non-finite ends as "failed", with the step and the first bad node in `message`.
 */
export type EndEvent = {
  event: "end";
  status: "ok" | "stopped-early" | "interrupted" | "failed";
  step: number;
  epoch: number;
  message?: string;
};

export type TrainEvent =
  | StartEvent
  | ProgressEvent
  | StepsEvent
  | EpochEvent
  | CheckpointEvent
  | PicturesEvent
  | EndEvent;

/** Answer to `sample`. Blob: `samples`, f32 `[count, ...shape]` in 0..1. */
export type SamplesEvent = { event: "samples" };
/** Answer to `reconstruct`. Blob: `reconstructions`, f32 `[count, ...shape]` in 0..1. */
export type ReconstructionsEvent = { event: "reconstructions" };
/** Answer to `encode`. Blob: `codes`, f32 `[count, latent]`, the latent means. */
export type CodesEvent = { event: "codes"; latent: number };
/** Answer to `evaluate`. */
export type EvaluationEvent = { event: "evaluation" } & Losses;
