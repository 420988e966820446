import type { TrainingConfig } from "../config/training.ts";
import { ReparamError } from "../errors.ts";
import type { StepRow } from "../runtime/runner.ts";
import { createTotals, type Losses } from "./metrics.ts";
import { evaluated, isBest, monitored, nextStage, type Progress, stageLengths, trained } from "./progress.ts";
import type { Trainer } from "./trainer.ts";

export interface LoopOptions extends Pick<TrainingConfig, "earlyStopping" | "metricsEvery"> {
  readonly totalSteps: number;
}

/** One epoch's figures; terms by name. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** Steps since the beginning of the run. */
  readonly step: number;
  /** The name of the stage. */
  readonly stage: string;
  readonly train: Losses;
  readonly test: Losses;
  /** Learning rates and the model's schedules, as the last step had them. */
  readonly schedules: Readonly<Record<string, number>>;
  /** Steps of this epoch that ran in this process, and the time they took. */
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** What the stage is watched by is the lowest so far. */
  readonly best: boolean;
}

/** The means over the last `metricsEvery` steps. */
export interface Steps {
  readonly step: number;
  readonly epoch: number;
  readonly stage: string;
  readonly train: Losses;
  readonly schedules: Readonly<Record<string, number>>;
}

export interface LoopHooks {
  /** After every step, some time later, with the loss of its batch: that of the last objective. */
  onStep?(step: number, loss: number): void;
  onSteps?(steps: Steps): void;
  onEpoch?(epoch: Epoch, progress: Progress): void | Promise<void>;
  /** The trainer has entered another stage. */
  onStage?(progress: Progress): void | Promise<void>;
  /**
   * Called between submits with the run standing still, whenever `interrupt` aborted, and before each epoch; gives the
   * progress to go on from, and the step before which it has to be called again.
   */
  between?(progress: Progress): Promise<{ readonly progress: Progress; readonly until: number }>;
  /** The step after this progress was not finite, and was not taken: gives the progress to go on from, or throws. */
  onNonFinite?(error: ReparamError, progress: Progress): Promise<Progress>;
  /** A signal that somebody waits for `between`. */
  interrupt?(): AbortSignal;
}

export type LoopStatus = "ok" | "stopped-early" | "interrupted";

/**
 * Trains to `totalSteps` through the model's stages, evaluating at the end of every epoch and stage. The trainer stands
 * in the stage of `start`. Continues exactly as if there had been no pause; an abort ends it at a step, or before an
 * evaluation, with the progress to continue from.
 */
export async function trainLoop(
  trainer: Trainer,
  { totalSteps, earlyStopping, metricsEvery }: LoopOptions,
  start: Progress,
  hooks: LoopHooks = {},
  signal?: AbortSignal,
): Promise<{ status: LoopStatus; progress: Progress }> {
  const { stepsPerEpoch, model } = trainer;
  const lengths = stageLengths(model.stages, totalSteps, stepsPerEpoch);
  let at = start;
  let steps = 0;
  let seconds = 0;
  for (;;) {
    const stage = model.stages[at.stage];
    const end = at.stageStart + lengths[at.stage];
    const stopped = earlyStopping !== null && at.waited >= earlyStopping.patience;
    if (stopped || (at.step >= end && at.evaluatedStep >= at.step) || lengths[at.stage] === 0) {
      if (at.stage === model.stages.length - 1) return { status: stopped ? "stopped-early" : "ok", progress: at };
      at = nextStage(at);
      await trainer.enter(at.stage, at.step, lengths[at.stage], at.changes);
      await hooks.onStage?.(at);
      continue;
    }
    let until = Number.POSITIVE_INFINITY;
    if (hooks.between) ({ progress: at, until } = await hooks.between(at));
    const isBoundary = at.step % stepsPerEpoch === 0 && at.evaluatedStep < at.step;
    const boundary = Math.min(end, (Math.floor(at.step / stepsPerEpoch) + 1) * stepsPerEpoch);
    const target = isBoundary ? at.step : Math.max(at.step, boundary);

    const { schedulesAt } = trainer.stage();
    const recorder = createStepRecorder(trainer, at, stage.name, metricsEvery, hooks);
    const began = performance.now();
    const interrupt = hooks.interrupt?.();
    const signals = [signal, interrupt].filter((other) => other !== undefined);
    const training = trainer.train(
      Math.max(at.step, Math.min(target, until)) - at.step,
      recorder.row,
      signals.length > 0 ? AbortSignal.any(signals) : undefined,
    );
    let failed: ReparamError | undefined;
    const done = await training.catch((error) => {
      failed = nonFinite(error);
      return recorder.count();
    });
    steps += done;
    seconds += (performance.now() - began) / 1000;
    at = trained(at, done, ...recorder.totals());
    if (failed) {
      if (!hooks.onNonFinite) throw failed;
      at = await hooks.onNonFinite(failed, at);
      continue;
    }
    if (at.step < target) {
      if (signal?.aborted) return { status: "interrupted", progress: at };
      continue;
    }

    const test = await trainer.evaluate(at.evaluations, signal);
    if (!test) return { status: "interrupted", progress: at };
    const train = recorder.epochMeans();
    const value = monitored(stage, train, test);
    const epoch: Epoch = {
      epoch: Math.ceil(at.step / stepsPerEpoch),
      step: at.step,
      stage: stage.name,
      train,
      test,
      schedules: schedulesAt(at.step - 1),
      steps,
      seconds,
      stepsPerSecond: seconds > 0 ? steps / seconds : 0,
      best: isBest(at, value),
    };
    [steps, seconds] = [0, 0];
    at = evaluated(at, value, earlyStopping?.minDelta ?? 0);
    await hooks.onEpoch?.(epoch, at);
  }
}

/** Adds up the steps of a stretch as they come, and tells the hooks of them. */
function createStepRecorder(
  trainer: Trainer,
  from: Progress,
  stage: string,
  metricsEvery: LoopOptions["metricsEvery"],
  hooks: LoopHooks,
) {
  const { metrics, schedulesAt } = trainer.stage();
  const epochTotals = createTotals(metrics, from.epochTotals);
  let windowTotals = createTotals(metrics, from.windowTotals);
  const lossAt = metrics.findLast(({ name }) => name === "loss" || name.endsWith(".loss"))!.at;
  let count = 0;
  return {
    row: (row: StepRow) => {
      count += 1;
      epochTotals.add(row);
      const step = row.step + 1;
      hooks.onStep?.(step, row.metrics[lossAt]);
      if (metricsEvery === null) return;
      windowTotals.add(row);
      if (step % metricsEvery !== 0) return;
      const epoch = Math.ceil(step / trainer.stepsPerEpoch);
      hooks.onSteps?.({ step, epoch, stage, train: windowTotals.means(), schedules: schedulesAt(row.step) });
      windowTotals = createTotals(metrics);
    },
    count: () => count,
    totals: () => [epochTotals.state(), windowTotals.state()] as const,
    epochMeans: () => epochTotals.means(),
  };
}

/** The error of a step that was not finite; any other is thrown. */
function nonFinite(error: unknown): ReparamError {
  if (error instanceof ReparamError && error.code === "nonfinite") return error;
  throw error;
}
