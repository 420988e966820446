import type { Dataset } from "../../src/data/dataset.ts";
import type { Message } from "../../src/host/job.ts";
import type { TrainConfig } from "../../src/train/config.ts";
import { runJob } from "../../src/train/job.ts";
import type { TrainEvent, TrainJob } from "../../src/train/messages.ts";
import { settle } from "./dawn.ts";

/** A config of a tiny model. */
export function tinyConfig(training: Partial<TrainConfig["training"]> = {}, seed = 3): TrainConfig {
  return {
    model: {
      family: "vae",
      hidden: [8],
      activation: "relu",
      latent: 2,
      likelihood: "bernoulli",
      initializer: "pytorch",
    },
    data: { name: "patterns", directory: null, trainCount: null, testCount: null, seed: 0 },
    training: {
      epochs: 4,
      maxSteps: null,
      batchSize: 8,
      precision: "f32",
      optimizer: {
        name: "adam",
        learningRate: 1e-2,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        momentum: 0.9,
        decay: 0.99,
        weightDecay: 0,
        clipNorm: null,
      },
      learningRateSchedule: { name: "constant" },
      klWeight: { name: "constant", value: 1 },
      earlyStopping: null,
      checkpointEvery: 1,
      metricsEvery: null,
      ...training,
    },
    seed,
    host: "dawn",
  };
}

export interface Received {
  readonly body: TrainEvent;
  readonly blobs?: Message["blobs"];
}

interface JobOptions {
  readonly gpu: GPU;
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  /** Continue from these bytes. */
  readonly checkpoint?: Uint8Array;
  readonly fastDevRun?: boolean;
  /** What was measured on adapters. */
  readonly tuned?: TrainJob["tuned"];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void | Promise<void>;
}

/** Runs the job `train` as a host would and returns what it sent. */
export async function runTrainJob(options: JobOptions): Promise<Received[]> {
  const {
    gpu,
    config,
    dataset,
    checkpoint,
    fastDevRun = false,
    tuned,
    signal = new AbortController().signal,
    onEvent,
  } = options;
  const { name, shape, train, test } = dataset;
  const body: TrainJob = {
    kind: "train",
    config,
    dataset: { name, shape, trainCount: train.count, testCount: test.count },
    fastDevRun,
    resume: checkpoint !== undefined,
    printPlan: false,
    ...(tuned && { tuned }),
  };
  const blobs: Record<string, Uint8Array> = { trainExamples: train.examples, testExamples: test.examples };
  if (checkpoint) blobs.checkpoint = checkpoint;
  const received: Received[] = [];
  const emit = async (message: Message) => {
    const event = message.body as unknown as TrainEvent;
    const copies = Object.entries(message.blobs ?? {}).map(([key, bytes]) => [key, bytes.slice()]);
    received.push({ body: event, ...(message.blobs && { blobs: Object.fromEntries(copies) }) });
    await onEvent?.(event);
  };
  await runJob({ body: body as unknown as Message["body"], blobs }, { gpu, settle, emit, signal });
  return received;
}

/** The events of one kind, less how long things took. */
export function eventsOf<Kind extends TrainEvent["event"]>(received: readonly Received[], kind: Kind) {
  return received.flatMap(({ body }) => {
    if (body.event !== kind) return [];
    const { steps: _, seconds: __, stepsPerSecond: ___, ...rest } = body as TrainEvent & Record<string, unknown>;
    return [rest as unknown as Extract<TrainEvent, { event: Kind }>];
  });
}

/** The checkpoint that came with the last event. */
export function finalCheckpoint(received: readonly Received[]): Uint8Array {
  return received[received.length - 1].blobs!.checkpoint;
}
