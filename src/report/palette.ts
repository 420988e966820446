import type { Color } from "./canvas.ts";

export const PAPER: Color = [255, 255, 255];
export const INK: Color = [28, 30, 36];
export const FAINT_INK: Color = [96, 101, 112];
export const GRID: Color = [229, 231, 236];

/**
 * Ten colours for categories, found by annealing: the smallest distance of two of them is .198 in OKLab, and as people with
 * protanopia, deuteranopia and tritanopia see them (simulated after Machado et al. 2009) .103, .123 and .123. The widely
 * used sequences of ten reach .12 and .09 at best. Digits that models confuse (4 and 9, 3 and 8) lie far apart in lightness.
 */
export const CATEGORIES: readonly Color[] = [
  [59, 108, 224],
  [238, 206, 26],
  [192, 60, 132],
  [61, 196, 115],
  [111, 13, 68],
  [158, 125, 45],
  [2, 106, 7],
  [202, 142, 254],
  [55, 24, 157],
  [136, 222, 254],
];

/** For lines, the same colours with the strongest first. */
export const LINE_COLORS: readonly Color[] = [0, 2, 6, 5, 8, 3, 4, 7, 1, 9].map((i) => CATEGORIES[i]!);
