import { type Field, type FieldValues, fieldSize, type Split } from "../../data/dataset.ts";
import { type Range, spread } from "../values.ts";

/** What is drawn: a trained model's uses, and examples. */
export interface Subject {
  readonly uses: Readonly<Record<string, { readonly from: Readonly<Record<string, Field>>; readonly to: Field }>>;
  /** The data's fields. By custom `x` is the example and `label` its class. */
  readonly fields: Readonly<Record<string, Field>>;
  /** All fields of the examples, as they are stored: those held out, or where a model knows no others those of the training. */
  readonly examples: Split;
  readonly split: "test" | "training";
  /** Few and small pictures, for a development run. */
  readonly fast: boolean;
  /**
   * Runs a use on `count` rows. Inputs by name: stored numbers as their field says, or a Float32Array of values.
   * Returns values, `[count, ...to.shape]`.
   */
  use(
    name: string,
    count: number,
    inputs?: Readonly<Record<string, FieldValues>>,
    seed?: number,
  ): Promise<Float32Array>;
}

export interface Picture {
  /** The file's name in the run folder. */
  readonly file: string;
  readonly caption: string;
  readonly png: Uint8Array<ArrayBuffer>;
}

/** One kind of picture. It asks for a use and for kinds of fields, never for a family of models. */
export interface Drawer {
  readonly file: string;
  /** undefined where this model or its data have nothing to draw here. */
  draw(subject: Subject): Promise<Picture | undefined>;
}

/** The same noise for every run, so that pictures of runs can be compared. */
export const SEED = 7;

/** The first `count` examples' values of what a use takes, or their places, but for `given`; undefined where the data lack one. */
export function inputsOf(
  { uses, fields, examples }: Subject,
  name: string,
  count: number,
  given: Readonly<Record<string, FieldValues>> = {},
): Record<string, FieldValues> | undefined {
  const inputs: Record<string, FieldValues> = {};
  for (const [input, field] of Object.entries(uses[name].from)) {
    const size = fieldSize(field);
    const stored = examples.values[input];
    if (given[input]) inputs[input] = given[input];
    else if (input === "index") inputs.index = Float32Array.from({ length: count }, (_, row) => row);
    else if (stored && fields[input] && fieldSize(fields[input]) === size)
      inputs[input] = stored.subarray(0, count * size);
    else return undefined;
  }
  return inputs;
}

/** The smallest and the largest value of the examples; undefined where there are none. */
export function rangeOfExamples({ fields, examples }: Subject): Range | undefined {
  const stored = examples.values.x;
  if (!stored || !fields.x) return undefined;
  const { low, high } = spread([stored]);
  const { unit = 1 } = fields.x;
  return { low: low / unit, high: high / unit };
}
