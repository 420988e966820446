import { ReparamError } from "../errors.ts";
import { type BuiltInName, builtInNames, isBuiltIn } from "./built-in-names.ts";
import type { Dataset } from "./dataset.ts";
import type { DrawnOptions } from "./drawn-options.ts";

/** A data set that is drawn where it is asked for. */
export interface BuiltIn {
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

const LOADERS: Readonly<Record<BuiltInName, () => Promise<BuiltIn>>> = {
  digits: async () => {
    const { DIGITS, digitFields, digits } = await import("./digits.ts");
    return { draw: digits, fields: digitFields, counts: DIGITS };
  },
  shapes: async () => {
    const { SHAPES, shapes, shapesFields } = await import("./shapes.ts");
    return { draw: shapes, fields: shapesFields, counts: SHAPES };
  },
  ring: async () => {
    const { RING, ring, ringFields } = await import("./ring.ts");
    return { draw: ring, fields: ringFields, counts: RING };
  },
  expression: async () => {
    const { EXPRESSION, expression, expressionFields } = await import("./expression.ts");
    return { draw: expression, fields: expressionFields, counts: EXPRESSION };
  },
};

/** Loads what draws a data set, as most visitors of a page see one of them. Rejects with ReparamError "usage" for a name that is none. */
export async function loadBuiltIn(name: string): Promise<BuiltIn> {
  if (isBuiltIn(name)) return LOADERS[name]();
  throw new ReparamError(
    "usage",
    `There is no built-in data set "${name}"; there are ${builtInNames.join(", ")}, and your own Dataset.`,
  );
}
