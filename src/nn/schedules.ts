import { ReparamError } from "../errors.ts";

/** A number that changes over a run: a function of the step, counted from 0. */
export type Schedule = (step: number) => number;

/** What a schedule goes over: a run, or one stage of it. */
export interface RunLength {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
}

/**
 * How a weight goes over a run: a number is constant (β-VAE), `linear` rises to `to` within so many steps (Bowman et
 * al. 2016), and each cycle of `cyclical` rises from 0 to `to` over its first `ratio` part and stays there for the rest
 * (Fu et al. 2019).
 */
export type ScheduleDescription =
  | number
  | { readonly name: "constant"; readonly value?: number }
  | { readonly name: "linear"; readonly from?: number; readonly to?: number; readonly steps: number }
  | { readonly name: "cyclical"; readonly cycles?: number; readonly ratio?: number; readonly to?: number };

export function scheduleOf(description: ScheduleDescription, { totalSteps }: Pick<RunLength, "totalSteps">): Schedule {
  if (typeof description === "number") return () => description;
  switch (description.name) {
    case "constant": {
      const { value = 1 } = description;
      return () => value;
    }
    case "linear": {
      const { from = 0, to = 1, steps } = description;
      return (step) => from + (to - from) * Math.min(1, step / steps);
    }
    case "cyclical": {
      const { cycles = 4, ratio = 0.5, to = 1 } = description;
      const period = totalSteps / cycles;
      return (step) => to * Math.min(1, (step % period) / (period * ratio));
    }
  }
}

/** The value that a schedule has in the end: what evaluation uses, so that epochs can be compared. */
export function finalValue(description: ScheduleDescription): number {
  if (typeof description === "number") return description;
  return description.name === "constant" ? (description.value ?? 1) : (description.to ?? 1);
}

/** The largest value that a schedule may come to. */
export function largestValue(description: ScheduleDescription): number {
  const from = typeof description === "object" && description.name === "linear" ? (description.from ?? 0) : 0;
  return Math.max(from, finalValue(description));
}

/** A multiplier of the learning rate; `final` is the multiplier at the last step. */
export type LearningRateSchedule =
  | { readonly name: "constant" }
  | { readonly name: "cosine"; readonly warmupSteps?: number; readonly final?: number }
  | { readonly name: "linear"; readonly warmupSteps?: number; readonly final?: number }
  | { readonly name: "step"; readonly every: number; readonly factor?: number }
  | { readonly name: "exponential"; readonly rate: number };

export function learningRateSchedule(
  options: LearningRateSchedule,
  { totalSteps, stepsPerEpoch }: RunLength,
): Schedule {
  switch (options.name) {
    case "constant":
      return () => 1;
    case "step":
      return (step) => (options.factor ?? 0.5) ** Math.floor(step / options.every);
    case "exponential":
      return (step) => options.rate ** (step / stepsPerEpoch);
    case "cosine":
    case "linear": {
      const { warmupSteps = 0, final = 0 } = options;
      const span = Math.max(1, totalSteps - 1 - warmupSteps);
      return (step) => {
        if (step < warmupSteps) return (step + 1) / (warmupSteps + 1);
        const part = Math.min(1, (step - warmupSteps) / span);
        const fall = options.name === "linear" ? 1 - part : (1 + Math.cos(Math.PI * part)) / 2;
        return final + (1 - final) * fall;
      };
    }
  }
}

const MAX_TABLE_ROWS = 4_000_000;

/**
 * The values of schedules at every step, as the GPU reads them: f32 `[rows, schedules]`, row-major. The last row holds
 * for all later steps, so rows that only repeat it are cut off.
 * Throws ReparamError "config" where a run is so long that the table would not fit.
 */
export function scheduleTable(schedules: readonly Schedule[], totalSteps: number): Float32Array {
  const width = schedules.length;
  const rows = Math.min(Math.max(totalSteps, 1), MAX_TABLE_ROWS);
  const table = new Float32Array(rows * width);
  let changed = 0;
  for (let step = 0; step < rows; step++) {
    for (let k = 0; k < width; k++) {
      table[step * width + k] = schedules[k](step);
      if (step > 0 && table[step * width + k] !== table[(step - 1) * width + k]) changed = step;
    }
  }
  const last = schedules.map((schedule) => Math.fround(schedule(Math.max(totalSteps, 1) - 1)));
  if (!last.every((value, k) => value === table[changed * width + k])) {
    throw new ReparamError(
      "config",
      `Schedules over ${totalSteps} steps do not fit: use at most ${MAX_TABLE_ROWS} steps, or constant ones.`,
    );
  }
  return table.slice(0, (changed + 1) * width);
}
