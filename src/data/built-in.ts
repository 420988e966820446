import type { BuiltInName } from "./built-in-names.ts";
import type { Dataset } from "./dataset.ts";
import { DIGITS, digits } from "./digits.ts";
import type { DrawnOptions } from "./drawn-options.ts";
import { EXPRESSION, expression } from "./expression.ts";
import { RING, ring } from "./ring.ts";
import { SHAPES, shapes } from "./shapes.ts";

/** A data set that is drawn where it is asked for. */
interface BuiltIn {
  readonly draw: (
    options: {
      readonly seed?: number;
      readonly trainCount?: number;
      readonly testCount?: number;
    } & Partial<DrawnOptions>,
  ) => Dataset;
  /** Examples where nobody says how many. */
  readonly counts: { readonly train: number; readonly test: number };
}

export const builtIn: Readonly<Record<BuiltInName, BuiltIn>> = {
  digits: { draw: digits, counts: DIGITS },
  shapes: { draw: shapes, counts: SHAPES },
  ring: { draw: ring, counts: RING },
  expression: { draw: expression, counts: EXPRESSION },
};
