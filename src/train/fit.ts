import { trainingWith } from "../config/defaults.ts";
import { submitTime, type TrainingConfig, trainingSchema } from "../config/training.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Model } from "../models/model.ts";
import type { OptimizerOptions } from "../nn/optimizers.ts";
import { checked, checkKeys, refusal, whole } from "../schema/constraints.ts";
import { type Given, read } from "../schema/schema.ts";
import type { Numbers } from "./data.ts";
import { epochStream } from "./epoch-stream.ts";
import type { SavedCheckpoint } from "./keeper.ts";
import type { Epoch, LoopStatus } from "./loop.ts";
import type { Losses } from "./metrics.ts";
import { startSession } from "./session.ts";
import type { SessionEvents } from "./session-events.ts";
import { rowsOf, useInputs } from "./use-inputs.ts";
import { useNamed } from "./use-named.ts";

export interface FitOptions
  extends Partial<Omit<TrainingConfig, "optimizer" | "optimizers" | "learningRateSchedule" | "earlyStopping">> {
  readonly learningRate?: number;
  /** What differs from Adam with its usual constants, or from what suits the model. */
  readonly optimizer?: OptimizerOptions;
  readonly optimizers?: Readonly<Record<string, OptimizerOptions>>;
  readonly learningRateSchedule?: Given<typeof trainingSchema>["learningRateSchedule"];
  readonly earlyStopping?: Given<typeof trainingSchema>["earlyStopping"];
  /** Selects initial weights, batches and noise: equal seeds give equal bytes on one adapter. 0, or that of `resume`. */
  readonly seed?: number;
  /** A checkpoint of `run.checkpoint()` to continue from, bit-identically. */
  readonly resume?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Called while kernels are compiled before the first step, with how many are done, and how many there are so far. */
  readonly onCompiling?: SessionEvents["onCompiling"];
  /** Called after every step, some time later, with the loss of its batch. */
  readonly onStep?: SessionEvents["onStep"];
  /**
   * Called as often as `checkpointEvery` says (epochs, or a time such as "10m"), at the end of the best epoch, and with the
   * weights before a step that was not finite; `bytes()` makes the file. The run goes on meanwhile.
   */
  readonly onCheckpoint?: (checkpoint: SavedCheckpoint) => void | Promise<void>;
  /** Called when a lost device was replaced; the run goes on from the step that it names. */
  readonly onRecovery?: SessionEvents["onRecovery"];
  /** Called with a step that was not finite, where `nonFinite` says that the run goes on. */
  readonly onNonFinite?: SessionEvents["onNonFinite"];
}

/** What a use takes beside its rows: a seed for its noise, and inputs by name; one number stands for all rows. */
export type UseOptions = { readonly seed?: number } & Readonly<Record<string, Numbers | number | undefined>>;

/**
 * A training run under way. Iterating yields every epoch as it ends; an error of the run is thrown there and by
 * `finished`. The methods may be called while it trains or after. Examples are row-major: bytes and 16-bit numbers as the
 * data set has them, floats and plain numbers as values (pixels 0..1); results are f32 values.
 */
export interface Run extends AsyncIterable<Epoch> {
  /** Resolves when training has ended. */
  readonly finished: Promise<LoopStatus>;
  /** Epochs so far. */
  readonly history: readonly Epoch[];
  /** Runs a use of the model on `count` rows: [count, ...shape]. */
  use(name: string, count: number, options?: UseOptions): Promise<Float32Array>;
  /** New examples: [count, ...shape]. `seed` is the run's own unless given; a conditional model takes `label`. */
  sample(count: number, options?: UseOptions): Promise<Float32Array>;
  /** The code of each example, without noise: [count, latent]. A model that knows examples by their places takes these. */
  encode(examples: Numbers, options?: UseOptions): Promise<Float32Array>;
  /** The example that each code stands for: [count, ...shape]. */
  decode(codes: Numbers, options?: UseOptions): Promise<Float32Array>;
  /** Each example encoded and decoded, or redrawn by its place: [count, ...shape]. */
  reconstruct(examples: Numbers, options?: UseOptions): Promise<Float32Array>;
  /**
   * ln p(x) of each example in nats, [count] in float64, by importance sampling with so many codes (a multiple of 16, 512
   * unless given): what compares variational models. In the mean it is too small, the less so the more codes there are.
   */
  logLikelihood(examples: Numbers, options?: UseOptions & { readonly samples?: number }): Promise<Float64Array>;
  /** The terms of the last stage over the test split. */
  evaluate(): Promise<Losses>;
  /** Weights, optimizer and progress as a safetensors file, also while it trains, and of a run that a step that was not finite ended. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
  /** The checkpoint of the best epoch so far; undefined before the first, and where nothing tells which is best. */
  best(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Stands still until `resume`, within a fraction of a second; resolves with the step. Uses work all the same. */
  pause(): Promise<number>;
  /** Goes on; after so many steps it stands still again, if that is given. */
  resume(steps?: number): void;
  /**
   * Sets learning rates and the model's schedules by name while it trains, such as { learningRate: 1e-4, klWeight: 4 }, and
   * resolves with the step from which on they hold. Checkpoints remember it, so a continued run is the same run.
   */
  change(values: Readonly<Record<string, number>>): Promise<number>;
  /**
   * How long the GPU is kept busy at once from now on, in milliseconds, before uses and what the page draws have their turn: few
   * while somebody points or draws; null gives back what is usual. The result is the same in any case. Rejects with ReparamError
   * "config" for what is no such time.
   */
  setSubmitMilliseconds(milliseconds: number | null): Promise<void>;
  /** Stops training and frees all GPU memory of the run; the device stays. */
  dispose(): Promise<void>;
}

/** A run on this thread, whose results can stay on the GPU. */
export interface LocalRun extends Run {
  /**
   * As `use`, and leaves the result in a buffer of the run's device: f32 [count, ...shape], its usage with COPY_DST. Nothing
   * is read back; what is submitted later sees it. An input may be such a buffer (with COPY_SRC), too. `behind` records what shall follow
   * in the same submit, such as a drawing of `reparam/view`.
   */
  useInto(
    target: GPUBuffer,
    name: string,
    count: number,
    inputs?: Readonly<Record<string, Numbers | number | GPUBuffer>>,
    options?: { readonly seed?: number; readonly behind?: (encoder: GPUCommandEncoder) => void },
  ): Promise<void>;
}

/**
 * Trains a model on a data set and starts at once. A lost device is replaced, and the run goes on from its last
 * checkpoint to the same result.
 * Rejects (through `finished`, the iteration and every method) with ReparamError "config", "data", "usage", "device",
 * "memory", "checkpoint" or "nonfinite".
 */
export function fit(device: Device, model: Model, dataset: Dataset, options: FitOptions = {}): LocalRun {
  const {
    signal,
    onCompiling,
    onStep,
    onCheckpoint,
    onRecovery,
    onNonFinite,
    resume,
    seed: given,
    ...settings
  } = options;
  const epochs = epochStream();
  const session = startLater(async () => {
    const training = trainingOf(model, dataset, settings);
    const start = resume && (await opened(resume));
    const seed = checked("fit", "seed", given ?? start?.seed ?? 0, whole(0, 0xffff_ffff));
    const events = { onEpoch: epochs.push, onCompiling, onStep, onCheckpoint, onRecovery, onNonFinite };
    return { seed, ...startSession({ device, model, dataset, training, seed, resume: start?.file, signal, events }) };
  });

  const finished = session.then(({ finished }) => finished).then(({ status }) => status);
  const iterated = epochs.until(finished);

  const use: Run["use"] = async (name, count, { seed: noise, ...inputs } = {}) => {
    const { use, seed } = await session;
    const values = useInputs(model, name, count, inputs);
    return use(({ uses }) => uses.run(name, count, values, { seed: noise ?? seed }));
  };
  const useOf = async (name: string, wanted: string, rows: Numbers, options: UseOptions = {}) => {
    const key = Object.hasOwn(useNamed(model, name).from, "index") ? "index" : wanted;
    return use(name, rowsOf(model, name, key, rows), { ...options, [key]: rows });
  };

  return {
    finished,
    history: epochs.history,
    [Symbol.asyncIterator]: () => iterated[Symbol.asyncIterator](),
    use,
    useInto: async (target, name, count, inputs = {}, { seed: noise, behind } = {}) => {
      const { use, seed } = await session;
      const values = useInputs<GPUBuffer>(model, name, count, inputs);
      return use(({ uses }) => uses.into(target, name, count, values, { seed: noise ?? seed, behind }));
    },
    sample: (count, options) => use("sample", count, options),
    encode: (examples, options) => useOf("encode", "x", examples, options),
    decode: (codes, options) => useOf("decode", "code", codes, options),
    reconstruct: (examples, options) => useOf("reconstruct", "x", examples, options),
    logLikelihood: async (examples, { samples = 512, seed: noise, ...others } = {}) => {
      const { use, seed } = await session;
      const { checkLikelihood, logLikelihood } = await import("./log-likelihood.ts");
      checkLikelihood(model);
      const options = { samples: checked("logLikelihood", "samples", samples, whole(1)), seed: noise ?? seed };
      const count = rowsOf(model, "logLikelihood", "x", examples);
      const inputs = useInputs(model, "logLikelihood", count, { ...others, x: examples });
      return use(({ uses }) => logLikelihood(uses, model, count, inputs, options));
    },
    evaluate: async () => {
      const { use, progress } = await session;
      await finished;
      return (await use((trainer) => trainer.evaluate(progress().evaluations)))!;
    },
    checkpoint: async () => (await session).checkpoint(),
    best: async () => (await session).best(),
    pause: async () => (await (await session).pause()).step,
    resume: (steps) => void session.then(({ resume }) => resume(steps)).catch(() => {}),
    change: async (values) => (await session).change(values),
    setSubmitMilliseconds: async (milliseconds) => {
      const { setSubmitMilliseconds } = await session;
      setSubmitMilliseconds(checked("setSubmitMilliseconds", "milliseconds", milliseconds, submitTime));
    },
    dispose: async () => {
      await session.then(
        ({ dispose }) => dispose(),
        () => {},
      );
    },
  };
}

/** The settings of a run. A batch that nobody asked for is no larger than the data. */
function trainingOf(model: Model, { train }: Dataset, settings: Omit<FitOptions, "seed" | "resume">): TrainingConfig {
  const { learningRate, optimizer, optimizers, ...rest } = settings;
  checkKeys("fit", settings, [...Object.keys(trainingSchema.entries), "learningRate"]);
  const defaults = trainingWith(model.training);
  const batchSize = Math.max(1, Math.min(defaults.batchSize, train?.count ?? 1));
  const wanted = trainingWith(
    model.training,
    { batchSize, optimizer: { ...(learningRate !== undefined && { learningRate }), ...optimizer }, optimizers },
    Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
  );
  const { value: training, issues } = read(trainingSchema, wanted);
  if (issues.length === 0) return training;
  const [{ path, phrase, found, stranger }] = issues;
  const key = path.join(".");
  if (stranger) throw new ReparamError("config", `fit: there is no option ${key}.`);
  // What `learningRate` says stands in the optimizer.
  const said = key === "optimizer.learningRate" && learningRate !== undefined ? "learningRate" : key;
  throw refusal("fit", said, phrase, found);
}

/** A checkpoint to go on from, and its seed. What reads one is loaded for it. */
async function opened(resume: Uint8Array) {
  const { openCheckpoint, stateOf } = await import("./read-checkpoint.ts");
  const file = openCheckpoint(resume, "The checkpoint");
  return { file, seed: stateOf(file).seed };
}

/** What is known a task later; nobody need wait for it. */
function startLater<T>(start: () => Promise<T>): Promise<T> {
  const promise = Promise.resolve().then(start);
  promise.catch(() => {}); // whoever waits for it gets the error
  return promise;
}
