import { type Constraint, multiple, whole } from "../schema/constraints.ts";
import { type BuiltInName, isBuiltIn } from "./built-in-names.ts";

/** What single built-in sets may be told, beside their seed and how many examples they have. */
export interface DrawnOptions {
  /** Columns of `expression`. */
  readonly genes: number;
  /** Numbers that a sample of `expression` depends on. */
  readonly factors: number;
  /** Kinds of samples of `expression`. */
  readonly groups: number;
  /** Height and width of `shapes`, in pixels. */
  readonly size: number;
}

const MOST = 100_000;

/** What each option may be. */
export const drawnConstraints: { readonly [Key in keyof DrawnOptions]: Constraint<DrawnOptions[Key]> } = {
  genes: whole(1, MOST),
  factors: whole(1, MOST),
  groups: whole(1, MOST),
  size: multiple(4, 32, 256),
};

const ofSet: Readonly<Record<BuiltInName, readonly (keyof DrawnOptions)[]>> = {
  digits: [],
  shapes: ["size"],
  ring: [],
  expression: ["genes", "factors", "groups"],
};

/** The options that a data set of that name may be told. */
export const drawnOptionsOf = (name: string): readonly (keyof DrawnOptions)[] => (isBuiltIn(name) ? ofSet[name] : []);
