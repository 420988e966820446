import type { Color } from "./canvas.ts";
import { CATEGORIES, FAINT_INK } from "./palette.ts";

export interface ClassColors {
  /** The colour of a class; undefined of one that has no colour of its own. */
  of(label: number): Color | undefined;
  readonly legend: readonly { readonly name: string; readonly color: Color }[];
}

/** For classes without a colour of their own. */
export const OTHER: Color = FAINT_INK;

/**
 * Colours for the classes that occur among `labels`. The classes 0 to 9 keep theirs, whichever of them occur; where there
 * are others, the ten classes with the most examples have one each, and the legend says how many share the grey.
 */
export function classColors(labels: ArrayLike<number>, names: readonly string[] = []): ClassColors {
  const counts = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) counts.set(labels[i], (counts.get(labels[i]) ?? 0) + 1);
  const present = [...counts.keys()].sort((a, b) => a - b);
  const few = present.every((label) => label < CATEGORIES.length);
  const largest = [...present].sort((a, b) => counts.get(b)! - counts.get(a)! || a - b).slice(0, CATEGORIES.length);
  const colored = few ? present : largest.sort((a, b) => a - b);
  const colors = new Map(colored.map((label, rank) => [label, CATEGORIES[few ? label : rank]]));
  const legend = colored.map((label) => ({ name: names[label] ?? `${label}`, color: colors.get(label)! }));
  const rest = present.length - colored.length;
  if (rest > 0) legend.push({ name: rest === 1 ? "1 other class" : `${rest} other classes`, color: OTHER });
  return { of: (label) => colors.get(label), legend };
}
