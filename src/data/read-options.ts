import { type Constraint, flag, oneOf, orNull, whole } from "../schema/constraints.ts";
import { fits, holding, list } from "../schema/schema.ts";

/** How data files are read, where they leave it open; most have nothing to set. */
export interface ReadOptions {
  /** Selects the examples that are held out of a file for the test. */
  readonly seed: number;
  /** Whether the first row of a table has its columns' names; null looks whether it has words above numbers. */
  readonly header: boolean | null;
  /** Whether a table's rows or its columns are the examples. */
  readonly examples: "rows" | "columns";
  /**
   * The column that holds the class, by its name, or counted from 1 where columns have none; false: there is none; null: the one
   * called label, class or target.
   */
  readonly label: string | number | false | null;
  /** Columns to leave out, named as for `label`. */
  readonly ignore: readonly (string | number)[];
  /** What becomes of a table's rows with a missing value. */
  readonly missing: "refuse" | "drop";
  /** What examples of numbers in a row are: a vector, or a series, which is drawn as a line; null: as their shape says. */
  readonly kind: "vector" | "series" | null;
  /** Make all image files grey (1), RGB (3) or RGBA (4); null takes them as they are, which has to be alike. */
  readonly channels: 1 | 3 | 4 | null;
  /** Whether arrays of images lie [count, channels, height, width]. */
  readonly channelsFirst: boolean;
}

export const DEFAULT_READING: ReadOptions = {
  seed: 0,
  header: null,
  examples: "rows",
  label: null,
  ignore: [],
  missing: "refuse",
  kind: null,
  channels: null,
  channelsFirst: false,
};

const isColumn = (value: unknown): boolean => (typeof value === "string" ? value !== "" : fits(whole(1).schema, value));

function labelConstraint(): Constraint<string | number | false> {
  const phrase = "a column's name or number, or false";
  const schema = holding<string | number | false>(phrase, (value) => value === false || isColumn(value));
  return { schema, phrase, breaking: ["", 0, 1.5, true, []] };
}

function columnList(): Constraint<readonly (string | number)[]> {
  const phrase = 'a list of columns such as ["id", "note"]';
  const column = holding<string | number>("a column's name or number", isColumn);
  return { schema: list(column, phrase), phrase, breaking: ["id", [0], [""], [true], null] };
}

export function channelCount(): Constraint<1 | 3 | 4> {
  const phrase = "1, 3 or 4";
  const schema = holding<1 | 3 | 4>(phrase, (value) => value === 1 || value === 3 || value === 4);
  return { schema, phrase, breaking: [2, "1", 0] };
}

/** What each option may be. */
export const readConstraints: { readonly [Key in keyof ReadOptions]: Constraint<ReadOptions[Key]> } = {
  seed: whole(0, 0xffff_ffff),
  header: orNull(flag()),
  examples: oneOf(["rows", "columns"]),
  label: orNull(labelConstraint()),
  ignore: columnList(),
  missing: oneOf(["refuse", "drop"]),
  kind: orNull(oneOf(["vector", "series"])),
  channels: orNull(channelCount()),
  channelsFirst: flag(),
};
