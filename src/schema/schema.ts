/** What is wrong with a value: where in it, the phrase that follows "must be" there, and what was found. */
export interface Issue {
  readonly path: readonly string[];
  readonly phrase: string;
  readonly found: unknown;
  /** The object has no such key. */
  readonly stranger?: boolean;
}

/** What a value may be. `Given` is what it may be written as: what has a default may be left out. */
export interface Schema<T, Given = T> {
  /** The value with its defaults, as far as it is right; what is wrong with it is added to `issues`. */
  read(value: unknown, path: readonly string[], issues: Issue[]): T;
  /** For types alone. */
  readonly given?: Given;
  /** Of an object: what each key holds. */
  readonly entries?: Entries;
  /** Of an object in one of several shapes: these, and the key whose value tells them apart. */
  readonly shapes?: readonly Schema<unknown>[];
  readonly key?: string;
  /** The words that are allowed, where only certain words are. */
  readonly words?: readonly string[];
  /** Of what may be left out, null or a number instead: the rest. */
  readonly wrapped?: Schema<unknown>;
}

export type Entries = Readonly<Record<string, Schema<unknown>>>;

/** What a schema gives, and what it takes. */
export type Output<S> = S extends Schema<infer T, unknown> ? T : never;
export type Given<S> = S extends Schema<unknown, infer G> ? G : never;

/** Keys whose value may be undefined may be left out. */
type Keyed<Values> = { [Key in keyof Values as undefined extends Values[Key] ? never : Key]: Values[Key] } & {
  [Key in keyof Values as undefined extends Values[Key] ? Key : never]?: Values[Key];
};
type Flat<T> = { [Key in keyof T]: T[Key] };
type OutputOf<E extends Entries> = Flat<Keyed<{ -readonly [Key in keyof E]: Output<E[Key]> }>>;
type GivenOf<E extends Entries> = Flat<Keyed<{ -readonly [Key in keyof E]: Given<E[Key]> }>>;

export interface ObjectSchema<E extends Entries> extends Schema<OutputOf<E>, GivenOf<E>> {
  readonly entries: E;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a value from its top. */
export function read<T>(schema: Schema<T, unknown>, value: unknown): { readonly value: T; readonly issues: Issue[] } {
  const issues: Issue[] = [];
  return { value: schema.read(value, [], issues), issues };
}

export const fits = (schema: Schema<unknown>, value: unknown): boolean => read(schema, value).issues.length === 0;

/** What a predicate holds of. */
export const holding = <T>(phrase: string, holds: (value: unknown) => boolean): Schema<T> => ({
  read: (found, path, issues) => {
    if (!holds(found)) issues.push({ path, phrase, found });
    return found as T;
  },
});

/** One of a few words. */
export const picked = <const Word extends string>(words: readonly Word[], phrase: string): Schema<Word> => ({
  ...holding<Word>(phrase, (value) => (words as readonly unknown[]).includes(value)),
  words,
});

/** May be left out, and then is the fallback, if there is one. */
export function optional<T, G>(wrapped: Schema<T, G>): Schema<T | undefined, G | undefined>;
export function optional<T, G>(wrapped: Schema<T, G>, fallback: T): Schema<T, G | undefined>;
export function optional<T, G>(wrapped: Schema<T, G>, fallback?: T): Schema<T | undefined, G | undefined> {
  return {
    wrapped,
    read: (value, path, issues) => (value === undefined ? fallback : wrapped.read(value, path, issues)),
  };
}

export const nullable = <T, G>(wrapped: Schema<T, G>): Schema<T | null, G | null> => ({
  wrapped,
  read: (value, path, issues) => (value === null ? null : wrapped.read(value, path, issues)),
});

/** What begins as an object of any keys is read by; anything else is refused. */
const ofRecord =
  <T>(make: (value: Record<string, unknown>, path: readonly string[], issues: Issue[]) => T, phrase: string) =>
  (found: unknown, path: readonly string[], issues: Issue[]): T => {
    if (isRecord(found)) return make(found, path, issues);
    issues.push({ path, phrase, found });
    return found as T;
  };

/** An object of these keys and no others. */
export const object = <const E extends Entries>(entries: E): ObjectSchema<E> => ({
  entries,
  read: ofRecord((value, path, issues) => {
    const known = Object.entries(entries).map(([key, schema]) => {
      const own = Object.hasOwn(value, key) ? value[key] : undefined;
      return [key, schema.read(own, [...path, key], issues)] as const;
    });
    const stranger = Object.keys(value).find((key) => !Object.hasOwn(entries, key));
    if (stranger !== undefined) {
      issues.push({ path: [...path, stranger], phrase: "left out", found: value[stranger], stranger: true });
    }
    return Object.fromEntries(known.filter(([, read]) => read !== undefined)) as OutputOf<E>;
  }, "an object"),
});

/** An object of these keys, each of which may be left out. */
export const partial = <const E extends Entries>({ entries }: ObjectSchema<E>) =>
  object(Object.fromEntries(Object.entries(entries).map(([key, schema]) => [key, optional(schema)]))) as Schema<
    Partial<OutputOf<E>>,
    Partial<GivenOf<E>>
  >;

/** An object of any keys, with one schema for all that they hold. */
export const record = <T, G>(each: Schema<T, G>): Schema<Record<string, T>, Record<string, G>> => ({
  read: ofRecord(
    (value, path, issues) =>
      Object.fromEntries(Object.entries(value).map(([key, one]) => [key, each.read(one, [...path, key], issues)])),
    "an object",
  ),
});

/** A list of what one schema says. `refusal` gives the phrase of what else has to be, where that is not so. */
export const list = <T>(
  each: Schema<T>,
  phrase: string,
  refusal: (found: readonly unknown[]) => string | undefined = () => undefined,
): Schema<T[]> => ({
  read: (found, path, issues) => {
    const refused = Array.isArray(found) ? refusal(found) : phrase;
    if (refused) issues.push({ path, phrase: refused, found });
    return Array.isArray(found) ? found.map((one, index) => each.read(one, [...path, String(index)], issues)) : [];
  },
});

/** An object in one of several shapes, which the word under a key tells apart. */
export const variant = <const Shapes extends readonly Schema<unknown>[]>(
  key: string,
  shapes: Shapes,
): Schema<Output<Shapes[number]>, Given<Shapes[number]>> => {
  const phrase = `one of ${shapes.map((shape) => shape.entries![key].words).join(", ")}`;
  return {
    key,
    shapes,
    read: ofRecord((value, path, issues) => {
      const word = Object.hasOwn(value, key) ? value[key] : undefined;
      const shape = shapes.find(({ entries }) => fits(entries![key], word));
      if (!shape) issues.push({ path: [...path, key], phrase, found: word });
      return (shape ? shape.read(value, path, issues) : value) as Output<Shapes[number]>;
    }, phrase),
  };
};

/** An object with a name of its own, as a shape of a `variant`. */
export const named = <const Name extends string, const E extends Entries>(name: Name, entries: E) =>
  object({ name: picked([name], `"${name}"`), ...entries });
