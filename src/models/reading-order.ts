import type { FamilyStatement, Purpose } from "./family.ts";

/** What families are for, in the order of a list of them. */
const purposes: Readonly<Record<Purpose, string>> = {
  squeeze: "To squeeze",
  sample: "To sample from",
  symbols: "To name with symbols",
  other: "For other ends",
};

type Listed = Pick<FamilyStatement, "name" | "purpose" | "source">;

/** The year in which a family was published; what has no year comes last. */
const yearOf = ({ source }: Listed): number =>
  Number(/ ((?:19|20)\d\d)\b/.exec(source)?.[1] ?? Number.POSITIVE_INFINITY);

/** Families as one reads about them: by what they are for, then as they were published, the plainest of a year first. */
export function inReadingOrder<F extends Listed>(
  families: readonly F[],
): { readonly words: string; readonly members: F[] }[] {
  const sorted = families.toSorted((a, b) => yearOf(a) - yearOf(b) || a.name.length - b.name.length);
  return Object.entries(purposes).map(([name, words]) => ({
    words,
    members: sorted.filter(({ purpose = "other" }) => purpose === name),
  }));
}
