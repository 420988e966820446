import { ReparamError } from "../errors.ts";
import { quote } from "../schema/constraints.ts";
import type { Field, FieldValues } from "./dataset.ts";
import { labels as labelField } from "./dataset.ts";

/** The classes of examples as a file has them, one each: words or numbers. */
export interface Labels {
  /** What they are called in a sentence. */
  readonly source: string;
  readonly values: ArrayLike<string | number>;
  /** What the place of one is called in a sentence; its number unless given. */
  readonly place?: (row: number) => string;
  /** What the numbers of classes stand for, where other files say it. */
  readonly names?: ReadonlyMap<number, string>;
}

export interface Classes {
  readonly field: Field;
  /** Of each part, the number of each example's class. */
  readonly values: readonly FieldValues[];
}

const MOST_CLASSES = 65_536;

/**
 * Numbers the classes of one or two splits: what occurs in them, in sorted order, as numbers where all are whole numbers, else
 * as words. `known`: the classes that there are already, kept in their order. Throws ReparamError "data" for a number that is
 * not whole, for a class that is not known, and for too many.
 */
export function classesOf(parts: readonly Labels[], known?: Field): Classes {
  for (const part of parts) checkWhole(part);
  const names = known?.classes === undefined ? occurring(parts) : namesOf(known);
  if (names.length > MOST_CLASSES) {
    const found = `${names.length} different labels, and there can be ${MOST_CLASSES} classes`;
    throw new ReparamError("data", `${parts[0].source} holds ${found}: is it a column of numbers?`);
  }
  const plain = names.every((name, k) => name === String(k));
  const field = known ?? labelField(names.length, plain ? undefined : names);
  const numbered = new Map(names.map((name, k) => [name, k]));
  const values = parts.map((part) => {
    const length = part.values.length;
    const numbers = field.store === "u8" ? new Uint8Array(length) : new Uint16Array(length);
    for (let row = 0; row < length; row++) {
      const found = numbered.get(nameOf(part, part.values[row]));
      if (found === undefined) throw stranger(part, row, names);
      numbers[row] = found;
    }
    return numbers;
  });
  return { field, values };
}

const nameOf = ({ names }: Labels, value: string | number): string => names?.get(Number(value)) ?? String(value);

/** The names of the classes that occur. */
function occurring(parts: readonly Labels[]): string[] {
  const numeric = parts.every(({ values }) => every(values, isWhole));
  const found = new Map<string | number, string>();
  for (const part of parts) {
    for (let row = 0; row < part.values.length; row++) {
      const value = part.values[row];
      const key = numeric ? Number(value) : String(value);
      if (!found.has(key)) found.set(key, nameOf(part, value));
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, name]) => name);
}

const namesOf = ({ classes = 0, names }: Field): readonly string[] =>
  Array.from({ length: classes }, (_, k) => names?.[k] ?? String(k));

const every = <T>(values: ArrayLike<T>, holds: (value: T) => boolean): boolean => {
  for (let i = 0; i < values.length; i++) if (!holds(values[i])) return false;
  return true;
};

/** A whole number, or the text of one as it is usually written. */
const isWhole = (value: string | number): boolean =>
  typeof value === "number" ? Number.isInteger(value) : /^(0|-?[1-9]\d{0,14})$/.test(value);

function checkWhole({ source, values, place }: Labels): void {
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (typeof value !== "number" || Number.isInteger(value)) continue;
    const where = place?.(row) ?? `example ${row}`;
    throw new ReparamError(
      "data",
      `${source}: the label of ${where} is ${value}, and classes are words or whole numbers.`,
    );
  }
}

function stranger({ source, values, place }: Labels, row: number, names: readonly string[]): ReparamError {
  const shown = names.length > 10 ? `${names.slice(0, 10).join(", ")} and ${names.length - 10} more` : names.join(", ");
  const where = place?.(row) ?? `example ${row}`;
  return new ReparamError(
    "data",
    `${source}: the label of ${where} is ${quote(values[row])}, and the model knows the classes ${shown}.`,
  );
}
