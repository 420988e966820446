import type { BuiltInName } from "./built-in-names.ts";
import type { Dataset } from "./dataset.ts";
import { DIGITS, digitFields, digits } from "./digits.ts";
import type { DrawnOptions } from "./drawn-options.ts";
import { EXPRESSION, expression, expressionFields } from "./expression.ts";
import { RING, ring, ringFields } from "./ring.ts";
import { SHAPES, shapes, shapesFields } from "./shapes.ts";

/** A data set that is drawn where it is asked for. */
interface BuiltIn {
  readonly draw: (
    options: {
      readonly seed?: number;
      readonly trainCount?: number;
      readonly testCount?: number;
    } & Partial<DrawnOptions>,
  ) => Dataset;
  /** What an example has where nobody says otherwise, known without drawing one. */
  readonly fields: () => Dataset["fields"];
  /** Examples where nobody says how many. */
  readonly counts: { readonly train: number; readonly test: number };
}

export const builtIn: Readonly<Record<BuiltInName, BuiltIn>> = {
  digits: { draw: digits, fields: digitFields, counts: DIGITS },
  shapes: { draw: shapes, fields: shapesFields, counts: SHAPES },
  ring: { draw: ring, fields: ringFields, counts: RING },
  expression: { draw: expression, fields: expressionFields, counts: EXPRESSION },
};
