import { initializers } from "../nn/initializers.ts";
import { activations } from "../nn/layers.ts";
import { scalings } from "../nn/scaling.ts";
import type { ScheduleDescription } from "../nn/schedules.ts";
import { above, atLeast, type Constraint, fraction, keysOf, oneOf, whole, widthList } from "../schema/constraints.ts";
import { fits, holding, isRecord, named, optional, variant } from "../schema/schema.ts";

/** An option of a family, stated once: its type, what it may be, what it is where nobody says, and what it means. */
export interface Option<T> extends Constraint<T> {
  readonly default: T;
  /** The text of `--help` and of the docs. */
  readonly help: string;
  /** It may change while a run goes, since steps read it from the state: for pages that offer it as a slider. */
  readonly live?: boolean;
  /** The most that such a slider offers, where that is not 10. */
  readonly upTo?: number;
  /** Less is taken, and makes little sense: pages that begin with a small model leave the option as it is. */
  readonly sensibleFrom?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: an option of any type; each keeps its own in `ValuesOf`.
export type Options = { readonly [name: string]: Option<any> };

/** What `build` is given: a value for every option. */
export type ValuesOf<O extends Options> = { readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never };

export const option = <T>(constraint: Constraint<T>, fallback: T, help: string): Option<T> => ({
  ...constraint,
  default: fallback,
  help,
});

const LARGEST_WIDTH = 65_536;

/** The width of a layer, or of the code. */
export const size = (fallback: number, help: string): Option<number> => option(whole(1, LARGEST_WIDTH), fallback, help);

/** How many of something, or none. */
export const count = (fallback: number, help: string): Option<number> => option(whole(0, 1024), fallback, help);

/** The widths of layers one after another. */
export const widths = (fallback: readonly number[], help: string, shortest = 0): Option<readonly number[]> =>
  option(widthList(JSON.stringify(fallback.length > 0 ? fallback : [400]), shortest), fallback, help);

/** A number of at least 0. */
export const amount = (fallback: number, help: string): Option<number> => option(atLeast(0), fallback, help);

/** A share or a rate, at least 0 and below 1. */
export const rate = (fallback: number, help: string): Option<number> => option(fraction(), fallback, help);

/** A share above 0 and below 1. */
export const share = (fallback: number, help: string): Option<number> => option(fraction("(0, 1)"), fallback, help);

/** One of the keys of a table. */
export const choice = <const Word extends string>(
  table: Readonly<Record<Word, unknown>> | readonly Word[],
  fallback: NoInfer<Word>,
  help: string,
): Option<Word> =>
  option(oneOf(Array.isArray(table) ? table : keysOf(table as Readonly<Record<Word, unknown>>)), fallback, help);

export const activationOption = (fallback: keyof typeof activations) =>
  choice(activations, fallback, "what follows each layer but the last");

export const initializerOption = (fallback: keyof typeof initializers) =>
  choice(initializers, fallback, "how weights and biases begin: as in PyTorch, Keras (glorot), or He et al.");

export const scalingOption = (fallback: keyof typeof scalings) =>
  choice(
    scalings,
    fallback,
    "what numbers are scaled by, fitted to the training examples: none, range (to 0..1), standard (each to mean 0, variance 1)",
  );

const schedules = variant("name", [
  named("constant", { value: optional(atLeast(0).schema, 1) }),
  named("linear", {
    from: optional(atLeast(0).schema, 0),
    to: optional(atLeast(0).schema, 1),
    steps: whole(1).schema,
  }),
  /** Each cycle rises from 0 to `to` over its first `ratio` part and stays there for the rest. */
  named("cyclical", {
    cycles: optional(whole(1).schema, 4),
    ratio: optional(fraction("(0, 1]").schema, 0.5),
    to: optional(atLeast(0).schema, 1),
  }),
]);

/**
 * A weight: a number, or a schedule over the run, `{ name: "linear", to: 1, steps: 2000 }` or the like. Each is a row
 * of the model's schedules.
 */
export function weight(fallback: ScheduleDescription, help: string): Option<ScheduleDescription> {
  const phrase = 'a number of at least 0, or a schedule such as {"name":"linear","to":1,"steps":2000}';
  const number = holding<number>(phrase, (value) => fits(atLeast(0).schema, value));
  return {
    schema: {
      wrapped: schedules,
      read: (value, path, issues) => (isRecord(value) ? schedules : number).read(value, path, issues),
    },
    phrase,
    breaking: [-1, "much", Number.NaN, null, { name: "cubic" }, { name: "linear" }, { name: "linear", steps: 0 }],
    default: fallback,
    help,
    live: true,
  };
}

/** A number above 0. */
export const positive = (fallback: number, help: string): Option<number> => option(above(0), fallback, help);
