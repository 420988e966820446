import type { TrainingConfig } from "../config/training.ts";
import type { ReparamError } from "../errors.ts";
import type { Change } from "./progress.ts";

/** Steps in a row that may be passed over, and times that the learning rate may be halved: after that nothing helps. */
const MAX_REMEDIES = 10;

/** A step that was not finite, of a run that goes on. */
export interface NonFiniteStep {
  /** The step, from 1. */
  readonly step: number;
  readonly reason: ReparamError;
  readonly action: "skip" | "halve";
  /** Where the run goes on: what was told of later steps no longer holds. */
  readonly from: number;
}

/** What is done about each step that was not finite, given the steps done before it: what `training.nonFinite` says, so often. */
export function createRemedies(wanted: TrainingConfig["nonFinite"]): (step: number) => TrainingConfig["nonFinite"] {
  let skipped = 0;
  let next = -1;
  let halved = 0;
  return (step) => {
    if (wanted === "skip") {
      skipped = next === step ? skipped + 1 : 1;
      next = step + 1;
      if (skipped <= MAX_REMEDIES) return "skip";
    }
    if (wanted === "halve" && halved++ < MAX_REMEDIES) return "halve";
    return "stop";
  };
}

/** What goes through the loop when a run has to go back to its last checkpoint. */
export class GoBack extends Error {
  /** The step that was not finite, from 1. */
  readonly step: number;
  readonly reason: ReparamError;
  /** Learning rates and schedules that it had. */
  readonly schedules: Readonly<Record<string, number>>;

  constructor(step: number, reason: ReparamError, schedules: GoBack["schedules"]) {
    super(reason.message);
    this.step = step;
    this.reason = reason;
    this.schedules = schedules;
  }
}

/** The changes of a run that goes back to the step `from`, and on with half the learning rates of the bad step. */
export function withHalvedRates(changes: readonly Change[], from: number, { schedules }: GoBack): Change[] {
  const rates = Object.entries(schedules).filter(([name]) => /(^|\.)learningRate$/.test(name));
  const values = Object.fromEntries(rates.map(([name, rate]) => [name, rate / 2]));
  const later = changes.findIndex(({ step }) => step > from);
  return changes.toSpliced(later < 0 ? changes.length : later, 0, { step: from, values });
}
