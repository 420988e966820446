import type { TrainingConfig } from "../config/training.ts";

/** When checkpoints are taken, beside the best epoch's. */
export interface Cadence {
  /** At the end of every so many epochs. */
  readonly epochs: number;
  /** Wherever a run is, when so much time has passed without one. */
  readonly milliseconds: number;
}

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** An epoch may last for hours: a run by epochs never loses more than this. */
const AT_LEAST_EVERY = 10 * UNITS.m;

/** A number is epochs, text such as "10m" a time. */
export function cadenceOf(every: TrainingConfig["checkpointEvery"]): Cadence {
  if (typeof every === "number") return { epochs: every, milliseconds: AT_LEAST_EVERY };
  const unit = every.at(-1) as keyof typeof UNITS;
  return { epochs: Number.POSITIVE_INFINITY, milliseconds: Number(every.slice(0, -1)) * UNITS[unit] };
}
