import type { BuiltInName } from "../data/built-in-names.ts";
import type { Dataset, Field } from "../data/dataset.ts";
import { fieldSize, pixels } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { checkedShape, type Shape } from "../node/node.ts";
import { checked, checkKeys } from "../schema/constraints.ts";
import type { Model, TrainingDefaults } from "./model.ts";
import type { Options, ValuesOf } from "./options.ts";

/** What a model is made for: the fields of the data, and how many training examples there are where that is known. */
export interface DataDescription {
  readonly fields: Dataset["fields"];
  readonly count?: number;
}

/** What a preset is trained on where nobody names other data. */
export interface PresetData {
  /** The built-in digits unless given. */
  readonly name?: BuiltInName;
  /** The first so many training examples; all unless given. */
  readonly trainCount?: number;
}

/** A starting point: some of a family's options, and of a run's. */
export interface Preset<O extends Options = Options> {
  /** One line for `--help` and the docs. */
  readonly summary: string;
  readonly options?: Partial<ValuesOf<O>>;
  readonly training?: TrainingDefaults;
  /** What it is trained on unless told; in words for data of which none are built in: "a table of series". */
  readonly data?: PresetData | string;
}

/** What a family is for: to make a code that is small, to draw new examples from, to name examples with symbols, or another thing. */
export type Purpose = "squeeze" | "sample" | "symbols" | "other";

/** Everything that commands, docs and pages know of a family comes from this one statement. */
export interface FamilyStatement<O extends Options = Options> {
  readonly name: string;
  /** What people call it, in a word or two; its name unless given. */
  readonly title?: string;
  /** Where a list of families has it; "other" unless given. */
  readonly purpose?: Purpose;
  /** One line. */
  readonly summary: string;
  /** Two sentences for people. */
  readonly words: string;
  /** The loss of one example. */
  readonly formula: string;
  /** The paper or page that it comes from. */
  readonly source: string;
  /** The fields that it reads, by their custom names. */
  readonly reads: readonly string[];
  readonly options: O;
  readonly presets: Readonly<Record<string, Preset<O>>>;
  /** What a run takes where neither preset nor user say otherwise. */
  readonly training?: TrainingDefaults;
  /** What a person who trains it on these data should know first, a sentence without a full stop each. */
  remarks?(options: ValuesOf<O>, data: DataDescription): readonly string[];
  /** The data have the fields that it reads. Throws ReparamError "config" or "data" where options and data do not fit. */
  build(options: ValuesOf<O>, data: DataDescription): Model;
}

/** What a family is called with beside its options: the shape of an example of bytes, or the data set itself. */
export type MadeFor = { readonly input: Shape } | { readonly data: Pick<Dataset, "fields" | "train"> };

/** A family as a function from options to a model; what is left out is as the statement says. */
export interface Family<O extends Options = Options> {
  (options: Partial<ValuesOf<O>> & MadeFor): Model;
  readonly statement: FamilyStatement<O>;
}

export function family<const O extends Options>(statement: FamilyStatement<O>): Family<O> {
  const make = (given: Partial<ValuesOf<O>> & MadeFor): Model => {
    const { input, data, ...options } = given as { input?: Shape; data?: Pick<Dataset, "fields" | "train"> };
    if (!data && !input) {
      throw new ReparamError(
        "config",
        `${statement.name}: give \`data\`, a data set, or \`input\`, the shape of an example.`,
      );
    }
    const made = data
      ? { fields: data.fields, count: data.train.count }
      : { fields: { x: pixels(checkedShape(input)) } };
    return buildFamily(statement as unknown as FamilyStatement, options, made);
  };
  return Object.assign(make, { statement }) as Family<O>;
}

/** What is said where there is no family of a name. */
export const noFamily = (name: string, names: readonly string[]): ReparamError =>
  new ReparamError("config", `There is no family ${JSON.stringify(name)}; there are ${names.join(", ")}.`);

/** Builds a model of a family from some of its options. Throws ReparamError "config" or "data". */
export function buildFamily(statement: FamilyStatement, given: object, data: DataDescription): Model {
  const { name, options, reads, training } = statement;
  checkKeys(name, given, Object.keys(options));
  const values = Object.fromEntries(
    Object.entries(options).map(([key, option]) => {
      const value = (given as Record<string, unknown>)[key];
      return [key, value === undefined ? option.default : checked(name, key, value, option)];
    }),
  );
  for (const field of reads) checkField(data, field, name);
  const model = statement.build(values, data);
  return { ...model, ...(training && { training }) };
}

/** Throws ReparamError "data" where the data have no field of that name. */
function checkField({ fields }: DataDescription, name: string, family: string): void {
  if (Object.hasOwn(fields, name)) return;
  const known = Object.keys(fields).join(", ");
  throw new ReparamError("data", `${family} reads the field "${name}", and these data have only ${known || "none"}.`);
}

/** The labels that a family reads, with how many classes there are. Throws ReparamError "data". */
export function labelsOf(data: DataDescription, family: string): Field & { readonly classes: number } {
  checkField(data, "label", family);
  const field = data.fields.label;
  if (field.classes === undefined || fieldSize(field) !== 1) {
    throw new ReparamError("data", `${family} reads classes from the field "label", which does not say how many.`);
  }
  return { ...field, classes: field.classes };
}
