import type { Objective, Stage } from "../models/model.ts";
import type { StepRow } from "../runtime/runner.ts";

/** Terms by name: means over examples, or ratios of sums. */
export type Losses = Readonly<Record<string, number>>;

/** Where a term lies in a step's row of metrics: one number, or a total and a count one after the other. */
export interface MetricPlace {
  readonly name: string;
  readonly unit: string;
  readonly at: number;
  readonly kind: "mean" | "ratio";
}

/** A term's name in metrics: its own where the stage has one objective, else behind the objective's. */
export function metricName({ objectives }: Pick<Stage, "objectives">, { name }: Objective, term: string): string {
  const alone = objectives.every((other) => other.name === objectives[0].name);
  return alone ? term : `${name}.${term}`;
}

/** Sums over rows so far. */
export interface Totals {
  readonly examples: number;
  /** As many as a row has metrics: of means each is times its examples, of ratios as it is. */
  readonly sums: readonly number[];
}

export const emptyTotals: Totals = { examples: 0, sums: [] };

/** Adds up rows, from where another sum stopped. */
export function createTotals(places: readonly MetricPlace[], start: Totals = emptyTotals) {
  let { examples } = start;
  const sums = [...start.sums];
  const add = (at: number, value: number) => {
    sums[at] = (sums[at] ?? 0) + value;
  };
  return {
    add: ({ valid, metrics }: Pick<StepRow, "valid" | "metrics">): void => {
      examples += valid;
      for (const { at, kind } of places) {
        if (kind === "mean") add(at, valid * metrics[at]);
        else for (const k of [at, at + 1]) add(k, metrics[k]);
      }
    },
    state: (): Totals => ({ examples, sums: Array.from(sums, (sum) => sum ?? 0) }),
    means: (): Losses => meansOf(places, { examples, sums }),
  };
}

/** A term that comes more than once in a step, as an objective does, has the mean of its places. */
export function meansOf(places: readonly MetricPlace[], { examples, sums }: Totals): Losses {
  const values = new Map<string, number[]>();
  for (const { name, at, kind } of places) {
    const value = kind === "mean" ? sums[at] / examples : sums[at] / sums[at + 1];
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.reduce((sum, value) => sum + value, 0) / all.length]),
  );
}

/** The unit of each term, by name. */
export const unitsOf = (places: readonly MetricPlace[]): Record<string, string> =>
  Object.fromEntries(places.map(({ name, unit }) => [name, unit]));
