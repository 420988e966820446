import { ReparamError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { fits, holding, list, picked, read, type Schema } from "./schema.ts";

/**
 * What a value has to be: a schema whose every message is the phrase that follows "must be", that phrase itself, and
 * values that break it. Configs, options of families, flags and arguments of functions all speak through these.
 */
export interface Constraint<T> {
  readonly schema: Schema<T>;
  readonly phrase: string;
  readonly breaking: readonly unknown[];
  /** The words that are allowed, where only certain words are. */
  readonly words?: readonly string[];
  /** Numbers must be whole. */
  readonly integer?: boolean;
}

const { MAX_SAFE_INTEGER } = Number;

const numbers = (phrase: string, holds: (value: number) => boolean): Schema<number> =>
  holding(phrase, (value) => typeof value === "number" && Number.isFinite(value) && holds(value));

/** A whole number from `min` to `max`. */
export function whole(min: number, max = MAX_SAFE_INTEGER): Constraint<number> {
  const phrase = `a whole number ${max === MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`}`;
  return {
    schema: numbers(phrase, (value) => Number.isInteger(value) && value >= min && value <= max),
    phrase,
    integer: true,
    breaking: [min - 1, min + 0.5, "many", null, ...(max === MAX_SAFE_INTEGER ? [] : [max + 1])],
  };
}

/** A multiple of a whole number, from `min` to `max`, which are multiples themselves. */
export function multiple(of: number, min: number, max: number): Constraint<number> {
  const phrase = `a multiple of ${of} from ${min} to ${max}`;
  return {
    schema: numbers(phrase, (value) => Number.isInteger(value / of) && value >= min && value <= max),
    phrase,
    integer: true,
    breaking: [min - of, min + 1, max + of, "large", null],
  };
}

export function finite(): Constraint<number> {
  const phrase = "a finite number";
  const schema = numbers(phrase, () => true);
  return { schema, phrase, breaking: ["much", Number.NaN, Number.POSITIVE_INFINITY, null] };
}

export function atLeast(min: number): Constraint<number> {
  const phrase = `a number of at least ${min}`;
  const schema = numbers(phrase, (value) => value >= min);
  return { schema, phrase, breaking: [min - 0.5, "much", Number.NaN, Number.POSITIVE_INFINITY, null] };
}

export function above(min: number): Constraint<number> {
  const phrase = `a number above ${min}`;
  const schema = numbers(phrase, (value) => value > min);
  return { schema, phrase, breaking: [min, "much", Number.NaN, Number.POSITIVE_INFINITY, null] };
}

/** A number between 0 and 1, with or without each of the two. */
export function fraction(bounds: "[0, 1)" | "[0, 1]" | "(0, 1]" | "(0, 1)" = "[0, 1)"): Constraint<number> {
  const open = { low: bounds.startsWith("("), high: bounds.endsWith(")") };
  const phrase = `a number ${open.low ? "above 0" : "of at least 0"} and ${open.high ? "below" : "at most"} 1`;
  const schema = numbers(
    phrase,
    (value) => (open.low ? value > 0 : value >= 0) && (open.high ? value < 1 : value <= 1),
  );
  return { schema, phrase, breaking: [open.low ? 0 : -0.1, open.high ? 1 : 1.1, "half", Number.NaN, null] };
}

export function flag(): Constraint<boolean> {
  const phrase = "true or false";
  return { schema: holding(phrase, (value) => typeof value === "boolean"), phrase, breaking: ["yes", 1, null] };
}

/** One of a few words: the keys of a table where there is one. */
export function oneOf<const Word extends string>(words: readonly Word[]): Constraint<Word> {
  const phrase = `one of ${words.join(", ")}`;
  return { schema: picked(words, phrase), phrase, words, breaking: [`${words[0]}x`, 1, null] };
}

/** The keys of a table, in its order. */
export const keysOf = <const Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(table) as Key[];

/** A list of layer widths. */
export function widthList(example: string, shortest = 0): Constraint<readonly number[]> {
  const phrase = `a list of layer widths such as ${example}`;
  const width = whole(1, 65_536);
  const most = "a list of at most 32 layer widths";
  const schema = list(width.schema, phrase, (widths) =>
    widths.length < shortest ? phrase : widths.length > 32 ? most : undefined,
  );
  return { schema, phrase, breaking: [400, "400", [0], [1.5], [70_000], null, ...(shortest > 0 ? [[]] : [])] };
}

/** The same, or null. */
export function orNull<T>({ schema, phrase, breaking, words, integer }: Constraint<T>): Constraint<T | null> {
  const either = `${phrase}, or null`;
  const kept = breaking.filter((value) => value !== null);
  return {
    schema: holding(either, (value) => value === null || fits(schema, value)),
    phrase: either,
    breaking: kept,
    ...(words && { words }),
    ...(integer && { integer }),
  };
}

/** `fit: batchSize must be a whole number of at least 1, but it is 0.` */
export function refusal(where: string, key: string, phrase: string, found: unknown, words?: readonly string[]) {
  const guess = typeof found === "string" && words ? `; did you mean ${nearest(found, words)}?` : ".";
  return new ReparamError("config", `${where}: ${key} must be ${phrase}, but it is ${quote(found)}${guess}`);
}

/** The value, if it is what it has to be. Throws ReparamError "config". */
export function checked<T>(where: string, key: string, value: unknown, { schema, phrase, words }: Constraint<T>): T {
  const { value: output, issues } = read(schema, value);
  if (issues.length === 0) return output;
  const [{ path, phrase: wanted, found }] = issues;
  if (path.length === 0) throw refusal(where, key, phrase, value, words);
  throw refusal(where, [key, ...path].join("."), wanted, found);
}

/** Refuses keys that there are not, and names the nearest right one. Throws ReparamError "config". */
export function checkKeys(where: string, given: object, known: readonly string[]): void {
  const stranger = Object.keys(given).find((key) => !known.includes(key));
  if (stranger === undefined) return;
  throw new ReparamError(
    "config",
    `${where}: there is no option ${stranger}; did you mean ${nearest(stranger, known)}?`,
  );
}

/** A value in a sentence. */
export function quote(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
