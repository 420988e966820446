import { CATEGORIES } from "../../src/report/palette.ts";

/** Ten colours for classes on a dark ground, as far apart for everybody as those on a light one. */
const DARK = [
  "#8da0d2",
  "#f7e813",
  "#f13a7c",
  "#23d899",
  "#8f225c",
  "#d59406",
  "#427f2b",
  "#b84ff2",
  "#5e1dd0",
  "#b9f6ff",
];
const LIGHT = CATEGORIES.map(([r, g, b]) => `rgb(${r} ${g} ${b})`);

export const isDark = (): boolean => matchMedia("(prefers-color-scheme: dark)").matches;
export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The colour of a class. */
export const classColour = (label: number): string => (isDark() ? DARK : LIGHT)[label % 10];

/** A colour of the page's style sheet. */
export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
