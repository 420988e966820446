import type { TrainingConfig } from "../config/training.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { followCompiling } from "../gpu/pipelines.ts";
import type { Model } from "../models/model.ts";
import { cadenceOf } from "./cadence.ts";
import { createChanges } from "./changes.ts";
import type { RunIdentity } from "./checkpoint.ts";
import { batchesOf, checkData } from "./data.ts";
import { dataDigest } from "./data-digest.ts";
import { deferred } from "./deferred.ts";
import { createKeeper } from "./keeper.ts";
import { type Epoch, trainLoop } from "./loop.ts";
import { choicesSoFar, pinned, pinsOf } from "./pins.ts";
import { type Change, initialProgress, type Progress, stageLengths } from "./progress.ts";
import type { OpenCheckpoint } from "./read-checkpoint.ts";
import { createRecovery } from "./recovery.ts";
import { createRemedies, GoBack } from "./remedies.ts";
import { createTelling, type SessionEnd, type SessionEvents } from "./session-events.ts";
import { checkChange } from "./stage-schedules.ts";
import { createStops } from "./stops.ts";
import { createTrainer, type Trainer } from "./trainer.ts";
import { type Clock, createWatch, machineClock } from "./watch.ts";

export interface SessionOptions {
  readonly model: Model;
  readonly dataset: Dataset;
  readonly training: TrainingConfig;
  readonly seed: number;
  /** A checkpoint to continue from, bit-identically. */
  readonly resume?: OpenCheckpoint;
  /** The first device; it stays the caller's. */
  readonly device: Device;
  /** What checkpoints say beside what is needed to continue. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly events?: SessionEvents;
  readonly signal?: AbortSignal;
  readonly shardBytes?: number;
  readonly clock?: Clock;
}

/** A run: opened, restored, trained, saved and recovered. `fit`, the job of the command line and a page all drive it. */
export interface Session {
  /** Rejects with ReparamError "config", "data", "device", "memory", "checkpoint" or "nonfinite". */
  readonly finished: Promise<SessionEnd>;
  /** Calls that use the GPU take turns, so that none meets another's half-done work. */
  use<T>(call: (trainer: Trainer) => Promise<T>): Promise<T>;
  /** A checkpoint of now, also while it trains: between two submits. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
  /** The best checkpoint so far, by what the stage is watched by; undefined where there is none yet. */
  best(): Uint8Array<ArrayBuffer> | undefined;
  /** How far it has come. */
  progress(): Progress;
  /** Stands still at the next step that ends a submit, until `resume`; resolves when it does, with the progress. */
  pause(): Promise<Progress>;
  /** Goes on; after so many steps it stands still again, if that is given. */
  resume(steps?: number): void;
  /**
   * Sets learning rates and schedules by name, from the next step on that can be; resolves with that step. A checkpoint
   * remembers them. Rejects with ReparamError "config" for a name that the stage does not have.
   */
  change(values: Change["values"]): Promise<number>;
  /** How long submits are from the next one on; null as by default. It changes no result. */
  setSubmitMilliseconds(milliseconds: number | null): void;
  /** Stops training and frees everything but the caller's device. */
  dispose(): Promise<void>;
}

/** Starts a run at once. */
export function startSession(options: SessionOptions): Session {
  const { model, dataset, training, seed, events = {}, metadata = {}, clock = machineClock } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const cadence = cadenceOf(training.checkpointEvery);
  const remedyFor = createRemedies(training.nonFinite);
  const watch = createWatch(clock);
  let submitMilliseconds = training.submitMilliseconds;
  let identity: RunIdentity = {
    seed,
    examples: dataset.train.count,
    batches: batchesOf(dataset.train, training.batchSize),
  };
  const totalSteps = Math.min(training.epochs * identity.batches, training.maxSteps ?? Number.POSITIVE_INFINITY);

  const recovery = createRecovery(options.device, watch);
  const stops = createStops(signal);
  let at: Progress = initialProgress;
  let choices: Readonly<Record<string, string>> = {};
  const telling = createTelling(events);
  let opened = deferred<Trainer>();
  const changes = createChanges();
  const keeper = createKeeper({
    model,
    cadence,
    clock,
    metadata,
    identity: () => identity,
    choices: () => choices,
    handOut: telling.checkpoint,
    onFailure: stops.interrupt,
  });

  const finished = run();
  let over = false;
  const end = () => {
    over = true;
  };
  finished.then(end, end);

  async function run(): Promise<SessionEnd> {
    try {
      const pins = options.resume && pinsOf(options.resume);
      choices = choicesSoFar(recovery.device(), pins);
      checkWatched(model, training);
      checkData(model, dataset);
      identity = { ...identity, data: await dataDigest(dataset.train, Object.keys(model.fields)) };
      if (options.resume) {
        const { checkIdentity, readCheckpoint } = await import("./read-checkpoint.ts");
        const checkpoint = readCheckpoint(options.resume, model);
        checkIdentity(checkpoint.identity, identity);
        keeper.startFrom(checkpoint);
        changes.startFrom(checkpoint.progress);
      }
      for (;;) {
        const before = lastProgress().step;
        try {
          return await attempt(pinned(recovery.device(), pins));
        } catch (error) {
          await keeper.abandon();
          if (error instanceof GoBack) {
            await goBack(error);
            continue;
          }
          await goOnAfter(await recovery.lossBehind(error, lastProgress().step > before));
        }
      }
    } catch (error) {
      opened.reject(error);
      throw error;
    } finally {
      stops.end();
    }
  }

  async function attempt(on: Device): Promise<SessionEnd> {
    const { shardBytes } = options;
    const submitLength = () => submitMilliseconds;
    const built = await createTrainer(on, model, { ...training, dataset, seed, shardBytes, submitLength });
    const trainer = watch.over(built, batchesOf(dataset.test, training.batchSize));
    try {
      at = lastProgress();
      const lengths = stageLengths(model.stages, totalSteps, trainer.stepsPerEpoch);
      const unfollow = followCompiling(on, (state) => events.onCompiling?.(state));
      await trainer.enter(at.stage, at.stageStart, lengths[at.stage], at.changes).finally(unfollow);
      if (keeper.last) trainer.restore(keeper.last.snapshot);
      choices = { ...choices, ...trainer.stage().choices };
      await telling.start({ device: on, trainer, progress: at, totalSteps });
      opened.resolve(trainer);
      const ended = await trainLoop(trainer, { ...training, totalSteps }, at, hooksFor(trainer, on), signal);
      at = ended.progress;
      await keeper.handedOut();
      const checkpoint = await keeper.takeLast(trainer, on, at);
      const result = { status: ended.status, step: at.step, epoch: checkpoint.epoch, checkpoint };
      await events.onEnd?.(result, trainer);
      return result;
    } catch (error) {
      // After a step that was not finite the weights before it can still be used.
      if (!(error instanceof ReparamError && error.code === "nonfinite")) trainer.dispose();
      throw error;
    }
  }

  const lastProgress = (): Progress => keeper.last?.progress ?? initialProgress;

  function hooksFor(trainer: Trainer, on: Device) {
    return {
      onStep: (step: number, loss: number) => {
        if (keeper.isOverdue()) stops.interrupt();
        telling.step(step, loss);
      },
      onSteps: telling.steps,
      onStage: ({ stage, step }: Progress) => {
        choices = { ...choices, ...trainer.stage().choices };
        const steps = stageLengths(model.stages, totalSteps, trainer.stepsPerEpoch)[stage];
        telling.stage(stage, { name: model.stages[stage].name, step, steps });
      },
      onEpoch: async (epoch: Epoch, progress: Progress) => {
        at = progress;
        await telling.epoch(epoch, trainer.stage().metrics);
        if (epoch.epoch % cadence.epochs === 0 || epoch.best) await keeper.keep(trainer, on, progress, epoch.best);
      },
      onNonFinite: async (error: ReparamError, progress: Progress) => {
        at = progress;
        const { step } = progress;
        const remedy = remedyFor(step);
        if (remedy === "skip") {
          trainer.skip();
          await telling.skipped({ step: step + 1, reason: error, action: "skip", from: step + 1 });
          return { ...progress, step: step + 1, skipped: progress.skipped + 1 };
        }
        if (remedy === "halve") throw new GoBack(step + 1, error, trainer.stage().schedulesAt(step));
        await keeper.keep(trainer, on, progress, false);
        await keeper.handedOut();
        throw error;
      },
      interrupt: stops.interrupted,
      between: async (progress: Progress) => {
        at = progress;
        keeper.check();
        if (keeper.isOverdue() && at.step > lastProgress().step) await keeper.keep(trainer, on, at, false);
        await stops.stand(() => {
          at = changes.apply(trainer, at);
          return at.step;
        });
        return { progress: at, until: Math.min(stops.pausedAt(), changes.nextAfter(at.step)) };
      },
    };
  }

  /** Goes on from the last checkpoint, with half the learning rates that the bad step had. */
  async function goBack(error: GoBack): Promise<void> {
    const from = lastProgress();
    const { step, reason } = error;
    changes.halveRates(from.step, error);
    telling.from(from);
    await events.onNonFinite?.({ step, reason, action: "halve", from: from.step });
  }

  /** Goes on with another device from the last checkpoint. */
  async function goOnAfter(reason: ReparamError): Promise<void> {
    // Who waits for a trainer that was never there gets the next one.
    const before = opened;
    opened = deferred<Trainer>();
    opened.promise.then(before.resolve, before.reject);
    await recovery.replace();
    await events.onRecovery?.({ reason, device: recovery.device(), step: lastProgress().step });
  }

  let disposed = false;
  let turn: Promise<unknown> = Promise.resolve();
  function use<T>(call: (trainer: Trainer) => Promise<T>): Promise<T> {
    if (disposed) return Promise.reject(disposedRun());
    const result = turn.then(() => opened.promise).then(call);
    turn = result.catch(() => {}); // whoever called gets the error
    return result;
  }

  return {
    finished,
    use,
    progress: () => at,
    best: () => keeper.best?.bytes(),
    // After a step that was not finite there are the weights before it.
    checkpoint: async () => {
      if (!over) return stops.during(() => use(checkpointNow));
      await finished.catch((error) => {
        if (!(error instanceof ReparamError && error.code === "nonfinite")) throw error;
      });
      return use(checkpointNow);
    },
    pause: async () => {
      if (over) return at;
      stops.pauseAt(0);
      return stops.during(() => at);
    },
    resume: (steps = Number.POSITIVE_INFINITY) => {
      stops.pauseAt(at.step + steps);
    },
    change: async (values) => {
      if (over) throw new ReparamError("usage", "This run has ended: nothing reads its schedules any more.");
      return stops.during(async () => {
        checkChange(values, Object.keys((await opened.promise).stage().schedulesAt(at.step)));
        changes.add({ step: at.step, values });
        return at.step;
      });
    },
    setSubmitMilliseconds: (milliseconds) => {
      submitMilliseconds = milliseconds;
    },
    dispose: async () => {
      disposed = true;
      stop.abort();
      await finished.catch(() => {});
      await turn;
      await opened.promise.then(
        (trainer) => trainer.dispose(),
        () => {},
      );
      recovery.dispose();
    },
  };

  async function checkpointNow(trainer: Trainer): Promise<Uint8Array<ArrayBuffer>> {
    return (await keeper.takeNow(trainer, recovery.device(), at)).bytes();
  }
}

/** Early stopping needs something to watch. */
function checkWatched({ stages }: Model, { earlyStopping }: TrainingConfig): void {
  if (!earlyStopping || stages.some(({ monitor }) => monitor !== null)) return;
  throw new ReparamError(
    "config",
    "training.earlyStopping is set, and this model has no term that tells when it is good enough: set it to null.",
  );
}

/** What is said to who calls a run that is no more. */
export const disposedRun = (): ReparamError =>
  new ReparamError("usage", "This run was disposed: nothing is left on the GPU.");
