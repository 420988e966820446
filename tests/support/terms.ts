import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Model } from "../../src/models/index.ts";
import { finalValue } from "../../src/nn/schedules.ts";
import type { Node } from "../../src/node/node.ts";
import { fieldBuffer, openBatch, WEIGHT } from "../../src/train/batch.ts";

interface Examined {
  /** The values of x, row-major. */
  readonly x: ArrayLike<number>;
  readonly rows: number;
  /** Values of parameters by name; zeros where none are given. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** Of each row: 1, or 0 past the end of a ragged batch. */
  readonly weight?: readonly number[];
  readonly schedules?: Readonly<Record<string, number>>;
  readonly seed?: number;
}

/** The terms of a model's first objective in float64, those of examples as numbers of each: evaluated, not trained. */
export function termsOf(model: Model, { x, rows, weights = {}, ...given }: Examined): Record<string, Float64Array> {
  const { weight = new Array<number>(rows).fill(1), schedules = {}, seed = 1 } = given;
  const { batch, pass } = openBatch(model, rows, { training: false });
  const terms = collect(model.stages[0].objectives[0].terms(batch, pass) as Record<string, Node>);
  const parameters = model.parameters.map(({ name, shape }) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    return [name, weights[name] ?? new Array<number>(size).fill(0)] as const;
  });
  const final = Object.entries(model.schedules).map(
    ([name, description]) => [name, [schedules[name] ?? finalValue(description)]] as const,
  );
  const feeds = { ...Object.fromEntries(parameters), ...Object.fromEntries(final), [WEIGHT]: weight };
  return interpret(terms, { feeds: { ...feeds, [fieldBuffer("x")]: x }, seed: [seed, 0] }) as Record<
    string,
    Float64Array
  >;
}

/** The mean of numbers, and how far it may be from what is expected of it: its standard error. */
export function meanOf(values: ArrayLike<number>): { readonly mean: number; readonly error: number } {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  return { mean, error: Math.sqrt(variance / all.length) };
}
