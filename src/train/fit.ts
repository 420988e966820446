import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Model } from "../models/index.ts";
import type { OptimizerOptions } from "../nn/optimizers.ts";
import type { KlWeight, LearningRateSchedule } from "../nn/schedules.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { type Epoch, initialProgress, type LoopStatus, type Progress, trainLoop } from "./loop.ts";
import type { Losses } from "./objective.ts";
import { pinned, pinsMetadata, pinsOf } from "./pins.ts";
import { batchesOf } from "./split-data.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "./trainer.ts";

export interface FitOptions {
  readonly epochs: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  /** How a step stores what matmuls and convolutions read; "f16" needs an adapter with `shader-f16`. */
  readonly precision?: TrainerOptions["precision"];
  /** Everything else of the optimizer; Adam with its usual constants by default. */
  readonly optimizer?: Partial<OptimizerOptions>;
  readonly learningRateSchedule?: LearningRateSchedule;
  /** The weight of the KL term; a number is constant. */
  readonly klWeight?: number | KlWeight;
  /** End after this many steps even inside an epoch. */
  readonly maxSteps?: number;
  /** Stop when the test loss has not fallen by more than minDelta nats for `patience` epochs. */
  readonly earlyStopping?: { readonly patience?: number; readonly minDelta?: number };
  /** Selects initial weights, batches and noise: equal seeds give equal bytes on one adapter. */
  readonly seed?: number;
  /** A checkpoint of `run.checkpoint()` to continue from, bit-identically. */
  readonly resume?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Called after every step, some time later, with the loss of its batch in nats an example. */
  readonly onStep?: (step: number, loss: number) => void;
}

/**
 * A training run under way. Iterating yields every epoch as it ends; an error of the run is thrown there and by
 * `finished`. The methods may be called while it trains or after; examples are f32 in 0..1, row-major.
 */
export interface Run extends AsyncIterable<Epoch> {
  /** Resolves when training has ended. */
  readonly finished: Promise<LoopStatus>;
  /** Epochs so far. */
  readonly history: readonly Epoch[];
  /** Examples decoded from codes drawn from the prior: [count, ...shape]. */
  sample(count: number, seed?: number): Promise<Float32Array>;
  /** The code of each example, without noise: [count, latent]. */
  encode(examples: Float32Array): Promise<Float32Array>;
  /** The example that each code stands for: [count, ...shape]. */
  decode(codes: Float32Array): Promise<Float32Array>;
  /** Each example encoded and decoded: [count, ...shape]. */
  reconstruct(examples: Float32Array): Promise<Float32Array>;
  /** The mean losses of the test split, in nats an example. */
  evaluate(): Promise<Losses>;
  /** Weights, optimizer and progress as a safetensors file; only when training has ended or was aborted. */
  checkpoint(): Promise<Uint8Array>;
  /** Stops training and frees all GPU memory of the run; the device stays. */
  dispose(): Promise<void>;
}

/**
 * Trains a model on a data set and starts at once.
 * Rejects (through `finished`, the iteration and every method) with ReparamError "config", "data", "device",
 * "checkpoint" or "nonfinite".
 */
export function fit(device: Device, model: Model, dataset: Dataset, options: FitOptions): Run {
  const { batchSize = 128, seed = 0 } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const history: Epoch[] = [];
  let progress: Progress;
  let wake: () => void = () => {};
  let next = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const notify = () => {
    const resolve = wake;
    next = new Promise<void>((later) => {
      wake = later;
    });
    resolve();
  };

  const opened = open();
  const finished = train();
  let ended = false;
  const atEnd = () => {
    ended = true;
    notify();
  };
  finished.then(atEnd, atEnd);

  async function open(): Promise<{ trainer: Trainer; start: Checkpoint | undefined; totalSteps: number }> {
    const { epochs, maxSteps = Number.MAX_SAFE_INTEGER, learningRate = 1e-3, klWeight = 1 } = options;
    for (const [name, value] of Object.entries({ epochs, batchSize, maxSteps })) checkWhole(name, value, 1);
    checkWhole("seed", seed, 0, 0xffff_ffff);
    const start = options.resume && decodeCheckpoint(options.resume, model.parameters, "The checkpoint");
    const totalSteps = Math.min(epochs * batchesOf(dataset.train, batchSize), maxSteps);
    const pins = options.resume && pinsOf(options.resume, "The checkpoint");
    const trainer = await createTrainer(pinned(device, pins), model, {
      dataset,
      batchSize,
      precision: options.precision,
      optimizer: { name: "adam", learningRate, ...options.optimizer },
      learningRateSchedule: options.learningRateSchedule ?? { name: "constant" },
      klWeight: typeof klWeight === "number" ? { name: "constant", value: klWeight } : klWeight,
      totalSteps,
      seed,
    });
    return { trainer, start, totalSteps };
  }

  async function train(): Promise<LoopStatus> {
    const { trainer, start, totalSteps } = await opened;
    if (start) trainer.restore(start.snapshot);
    progress = start?.progress ?? initialProgress(trainer);
    const hooks = {
      onStep: options.onStep,
      onEpoch: (epoch: Epoch) => {
        history.push(epoch);
        notify();
      },
    };
    const end = await trainLoop(trainer, { totalSteps, earlyStopping: options.earlyStopping }, progress, hooks, signal);
    progress = end.progress;
    return end.status;
  }

  // Calls that use the GPU take turns, so that none meets another's half-done work and `dispose` waits for all.
  let disposed = false;
  let turn: Promise<unknown> = Promise.resolve();
  function use<T>(call: (trainer: Trainer) => Promise<T>): Promise<T> {
    if (disposed)
      return Promise.reject(new ReparamError("usage", "This run was disposed: nothing is left on the GPU."));
    const result = turn.then(() => opened).then(({ trainer }) => call(trainer));
    turn = result.catch(() => {}); // whoever called gets the error
    return result;
  }

  return {
    finished,
    history,
    sample: (count, from = seed) => use(({ inference }) => inference.sample(count, from)),
    encode: (examples) => use(({ inference }) => inference.encode(examples)),
    decode: (codes) => use(({ inference }) => inference.decode(codes)),
    reconstruct: (examples) => use(({ inference }) => inference.reconstruct(examples)),
    evaluate: async () => {
      await finished;
      return (await use((trainer) => trainer.evaluate(progress.evaluations)))!;
    },
    checkpoint: async () => {
      await finished;
      return use(async (trainer) =>
        encodeCheckpoint(model.parameters, await trainer.snapshot(), progress, {
          shape: JSON.stringify(model.input),
          ...pinsMetadata(device, trainer.choices),
        }),
      );
    },
    dispose: async () => {
      disposed = true;
      stop.abort();
      await finished.catch(() => {});
      await turn;
      await opened.then(
        ({ trainer }) => trainer.dispose(),
        () => {},
      );
    },
    async *[Symbol.asyncIterator]() {
      for (let seen = 0; ; ) {
        while (seen < history.length) yield history[seen++];
        if (ended) break;
        await next;
      }
      await finished;
    },
  };
}

function checkWhole(name: string, value: number, low: number, high = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `of at least ${low}` : `from ${low} to ${high}`;
  throw new ReparamError("config", `fit: ${name} is ${value}, and has to be a whole number ${range}.`);
}
