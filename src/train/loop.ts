import { createTotals, type Losses } from "./objective.ts";
import type { Trainer } from "./trainer.ts";

export interface LoopOptions {
  readonly totalSteps: number;
  /** Stop when the test loss has not fallen by more than minDelta nats for `patience` epochs. */
  readonly earlyStopping?: { readonly patience?: number; readonly minDelta?: number } | null;
  /** Steps between calls of `onSteps`; absent or null for none. */
  readonly metricsEvery?: number | null;
}

/** How far a run has come, beside what is on the GPU. JSON-able: it is part of a checkpoint. */
export interface Progress {
  readonly step: number;
  /** The step of the last evaluation, and how many there were. */
  readonly evaluatedStep: number;
  readonly evaluations: number;
  /** Sums over the examples of the epoch so far, and since the last call of `onSteps`. */
  readonly epochTotals: Totals;
  readonly windowTotals: Totals;
  /** The lowest test loss so far. */
  readonly best: number | null;
  /** The test loss that early stopping compares with, and the epochs since it last fell by more than `minDelta`. */
  readonly reference: number | null;
  readonly waited: number;
}

interface Totals {
  readonly examples: number;
  readonly sums: readonly number[];
}

/** One epoch's figures. Losses are nats an example. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  /** Steps since the beginning of the run. */
  readonly step: number;
  readonly train: Losses;
  readonly test: Losses;
  /** Steps of this epoch that ran in this process, and the time they took. */
  readonly steps: number;
  readonly seconds: number;
  readonly stepsPerSecond: number;
  /** The test loss is the lowest so far. */
  readonly best: boolean;
}

export interface LoopHooks {
  /** After every step, some time later; `loss` of that step's batch. */
  onStep?(step: number, loss: number): void;
  /** Every `metricsEvery` steps, with the means since the last time. */
  onSteps?(step: number, epoch: number, train: Losses): void;
  onEpoch?(epoch: Epoch, progress: Progress): void | Promise<void>;
}

export type LoopStatus = "ok" | "stopped-early" | "interrupted";

const emptyTotals = (trainer: Trainer): Totals => ({ examples: 0, sums: trainer.metricNames.map(() => 0) });

export const initialProgress = (trainer: Trainer): Progress => ({
  step: 0,
  evaluatedStep: 0,
  evaluations: 0,
  epochTotals: emptyTotals(trainer),
  windowTotals: emptyTotals(trainer),
  best: null,
  reference: null,
  waited: 0,
});

/**
 * Trains to `totalSteps`, evaluating at the end of every epoch and of the run. Continues from `start` exactly as if
 * there had been no pause; an abort ends it at a step, or before an evaluation, with the progress to continue from.
 */
export async function trainLoop(
  trainer: Trainer,
  { totalSteps, earlyStopping, metricsEvery }: LoopOptions,
  start: Progress,
  hooks: LoopHooks = {},
  signal?: AbortSignal,
): Promise<{ status: LoopStatus; progress: Progress }> {
  const { stepsPerEpoch, metricNames } = trainer;
  const { patience = 5, minDelta = 0 } = earlyStopping ?? {};
  let progress = start;
  for (;;) {
    if (earlyStopping && progress.waited >= patience) return { status: "stopped-early", progress };
    if (progress.step >= totalSteps && progress.evaluatedStep >= progress.step) return { status: "ok", progress };
    const boundary = Math.min(totalSteps, (Math.floor(progress.step / stepsPerEpoch) + 1) * stepsPerEpoch);
    const target =
      progress.evaluatedStep < progress.step && progress.step % stepsPerEpoch === 0 ? progress.step : boundary;
    const epochTotals = createTotals(metricNames, progress.epochTotals);
    let windowTotals = createTotals(metricNames, progress.windowTotals);
    const began = performance.now();
    const steps = await trainer.train(
      target - progress.step,
      (row) => {
        epochTotals.add(row);
        const done = row.step + 1;
        hooks.onStep?.(done, row.metrics[0]);
        if (!metricsEvery) return;
        windowTotals.add(row);
        if (done % metricsEvery !== 0) return;
        hooks.onSteps?.(done, Math.ceil(done / stepsPerEpoch), windowTotals.means());
        windowTotals = createTotals(metricNames);
      },
      signal,
    );
    const seconds = (performance.now() - began) / 1000;
    progress = {
      ...progress,
      step: progress.step + steps,
      epochTotals: epochTotals.state(),
      windowTotals: windowTotals.state(),
    };
    if (progress.step < target) return { status: "interrupted", progress };

    const test = await trainer.evaluate(progress.evaluations, signal);
    if (!test) return { status: "interrupted", progress };
    // A loss that is not finite is never the best.
    const best = test.loss < (progress.best ?? Number.POSITIVE_INFINITY);
    const fell = test.loss < (progress.reference ?? Number.POSITIVE_INFINITY) - minDelta;
    const epoch: Epoch = {
      epoch: Math.ceil(progress.step / stepsPerEpoch),
      step: progress.step,
      train: epochTotals.means(),
      test,
      steps,
      seconds,
      stepsPerSecond: seconds > 0 ? steps / seconds : 0,
      best,
    };
    progress = {
      ...progress,
      evaluatedStep: progress.step,
      evaluations: progress.evaluations + 1,
      epochTotals: emptyTotals(trainer),
      best: best ? test.loss : progress.best,
      reference: fell ? test.loss : progress.reference,
      waited: fell ? 0 : progress.waited + 1,
    };
    await hooks.onEpoch?.(epoch, progress);
  }
}
