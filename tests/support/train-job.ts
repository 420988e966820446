import { DEFAULT_DATA, modelConfig, type RunConfig } from "../../src/config/config.ts";
import { trainingWith } from "../../src/config/defaults.ts";
import { statements } from "../../src/config/presets.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { Message } from "../../src/host/job.ts";
import { runJob } from "../../src/jobs/job.ts";
import type { TrainEvent, TrainJob } from "../../src/jobs/messages.ts";
import { splitBlobs } from "../../src/jobs/send.ts";
import { settle } from "./dawn.ts";
import { tunedForTinyModels } from "./training.ts";

/** A config of a tiny model. */
export function tinyConfig(training: Partial<RunConfig["training"]> = {}, seed = 3): RunConfig {
  return {
    model: modelConfig(statements.vae, { hidden: [], latent: 2 }),
    data: { ...DEFAULT_DATA, name: "patterns" },
    training: { ...trainingWith({ epochs: 4, batchSize: 8, optimizer: { learningRate: 1e-2 } }), ...training },
    seed,
    host: "dawn",
    keep: 3,
  };
}

export interface Received {
  readonly body: TrainEvent;
  readonly blobs?: Message["blobs"];
}

interface JobOptions {
  readonly gpu: GPU;
  readonly config: RunConfig;
  readonly dataset: Dataset;
  /** Continue from these bytes. */
  readonly checkpoint?: Uint8Array;
  readonly fastDevRun?: boolean;
  /** What was measured on adapters; unless told, that tiny models compile quickest with the smallest tiles. */
  readonly tuned?: TrainJob["tuned"];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: TrainEvent) => void | Promise<void>;
}

/** Runs the job `train` as a host would and returns what it sent. */
export async function runTrainJob(options: JobOptions): Promise<Received[]> {
  const { gpu, config, dataset, checkpoint, fastDevRun = false, tuned = tunedForTinyModels, onEvent } = options;
  const { signal = new AbortController().signal } = options;
  const { name, fields, train, test } = dataset;
  const body: TrainJob = {
    kind: "train",
    config,
    dataset: {
      name,
      fields,
      trainCount: train.count,
      testCount: test.count,
      ...(train.fitted && { fittedCount: train.fitted.count }),
    },
    fastDevRun,
    resume: checkpoint !== undefined,
    ...(tuned && { tuned }),
  };
  const blobs = { ...splitBlobs("train", train), ...splitBlobs("test", test), ...(checkpoint && { checkpoint }) };
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
