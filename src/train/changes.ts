import type { Change, Progress } from "./progress.ts";
import { type GoBack, withHalvedRates } from "./remedies.ts";
import type { Trainer } from "./trainer.ts";

/** What was set of a run while it went, in this process or before: each at its step, and at that step again where a run goes back. */
export interface Changes {
  /** Begins with those of a checkpoint. */
  startFrom(progress: Progress): void;
  add(change: Change): void;
  /** From the step `from` on, learning rates are half of those of a step that was not finite. */
  halveRates(from: number, error: GoBack): void;
  /** Sets what is to be set at this step and was not yet; gives the progress that knows of it. */
  apply(trainer: Trainer, progress: Progress): Progress;
  /** The next step after this one at which something is to be set. */
  nextAfter(step: number): number;
}

export function createChanges(): Changes {
  let changes: Change[] = [];
  return {
    startFrom: (progress) => {
      changes = [...progress.changes];
    },
    add: (change) => void changes.push(change),
    halveRates: (from, error) => {
      changes = withHalvedRates(changes, from, error);
    },
    apply: (trainer, progress) => {
      const due = changes.filter(({ step }) => step === progress.step);
      const fresh = due.slice(progress.changes.filter(({ step }) => step === progress.step).length);
      for (const { values } of fresh) trainer.change(values);
      return fresh.length > 0 ? { ...progress, changes: [...progress.changes, ...fresh] } : progress;
    },
    nextAfter: (after) => changes.find(({ step }) => step > after)?.step ?? Number.POSITIVE_INFINITY,
  };
}
