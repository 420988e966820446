import type { Stage } from "../models/model.ts";
import { emptyTotals, type Losses, type Totals } from "./metrics.ts";

/** Learning rates and schedules by name that were set while the run went: from the step on they are these numbers. */
export interface Change {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** How far a run has come, beside what is on the GPU. JSON-able: it is part of a checkpoint. */
export interface Progress {
  readonly step: number;
  /** The stage that is under way, and the step at which it began. */
  readonly stage: number;
  readonly stageStart: number;
  /** The step of the last evaluation, and how many there were. */
  readonly evaluatedStep: number;
  readonly evaluations: number;
  /** Sums over the examples since the last evaluation, and since the last line of `metricsEvery`. */
  readonly epochTotals: Totals;
  readonly windowTotals: Totals;
  /** The lowest value of the stage's monitored term so far. */
  readonly best: number | null;
  /** The value that early stopping compares with, and the epochs since it last fell by more than `minDelta`. */
  readonly reference: number | null;
  readonly waited: number;
  /** In the order of their steps. */
  readonly changes: readonly Change[];
  /** Steps that were passed over because they were not finite. */
  readonly skipped: number;
}

export const initialProgress: Progress = {
  step: 0,
  stage: 0,
  stageStart: 0,
  evaluatedStep: 0,
  evaluations: 0,
  epochTotals: emptyTotals,
  windowTotals: emptyTotals,
  best: null,
  reference: null,
  waited: 0,
  changes: [],
  skipped: 0,
};

/** After some steps more. */
export const trained = (at: Progress, steps: number, epochTotals: Totals, windowTotals: Totals): Progress => ({
  ...at,
  step: at.step + steps,
  epochTotals,
  windowTotals,
});

/** After an evaluation; `value` is the monitored term's, where there is one. A value that is not finite is never the best. */
export function evaluated(at: Progress, value: number | undefined, minDelta: number): Progress {
  const best = isBest(at, value);
  const fell = value !== undefined && value < (at.reference ?? Number.POSITIVE_INFINITY) - minDelta;
  return {
    ...at,
    evaluatedStep: at.step,
    evaluations: at.evaluations + 1,
    epochTotals: emptyTotals,
    best: best ? value! : at.best,
    reference: fell ? value : at.reference,
    waited: value === undefined || fell ? 0 : at.waited + 1,
  };
}

export const isBest = ({ best }: Progress, value: number | undefined): boolean =>
  value !== undefined && value < (best ?? Number.POSITIVE_INFINITY);

/** At the beginning of the next stage: what it is watched by is another term. */
export const nextStage = (at: Progress): Progress => ({
  ...at,
  stage: at.stage + 1,
  stageStart: at.step,
  windowTotals: emptyTotals,
  best: null,
  reference: null,
  waited: 0,
});

/** The value that says how good an epoch was. */
export const monitored = ({ monitor }: Stage, train: Losses, test: Losses): number | undefined =>
  monitor ? (monitor.split === "train" ? train : test)[monitor.term] : undefined;

/**
 * How many steps each stage has of a run: by their shares, in whole epochs where each then has one at least.
 * A stage that another run length has no step for is passed over.
 */
export function stageLengths(
  stages: readonly Pick<Stage, "share">[],
  totalSteps: number,
  stepsPerEpoch: number,
): number[] {
  const all = stages.reduce((sum, { share }) => sum + share, 0);
  const cut = (unit: number) => {
    let share = 0;
    const ends = stages.map((stage) => {
      share += stage.share;
      return Math.min(totalSteps, Math.round((totalSteps * share) / all / unit) * unit);
    });
    ends[ends.length - 1] = totalSteps;
    return ends.map((end, k) => end - (k === 0 ? 0 : ends[k - 1]));
  };
  const wholeEpochs = cut(stepsPerEpoch);
  return wholeEpochs.every((steps) => steps > 0) ? wholeEpochs : cut(1);
}
