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

const scheme = globalThis.matchMedia?.("(prefers-color-scheme: dark)");
export const isDark = (): boolean => scheme.matches;
/** Calls back when the page turns light or dark. */
export const onScheme = (changed: () => void): void => scheme.addEventListener("change", changed);
export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A colour of the page's style sheet. */
export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** The colour of a slot of the palette, 0 to 9; grey where a class has none. */
export const classColour = (slot: number | undefined): string =>
  slot === undefined || slot < 0 ? token("soft") : (isDark() ? DARK : LIGHT)[slot];

type Rgba = readonly [red: number, green: number, blue: number, strength: number];

const known = new Map<string, Rgba>();

/** A colour of a style sheet as red, green, blue and strength, each 0..1. */
export function rgbaOf(colour: string): Rgba {
  let rgba = known.get(colour);
  if (!rgba) known.set(colour, (rgba = painted(colour)));
  return rgba;
}

/** Relative luminance, 0..1 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance). */
export function luminanceOf([r, g, b]: readonly number[]): number {
  const [red, green, blue] = [r, g, b].map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function painted(colour: string): Rgba {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return [r / 255, g / 255, b / 255, a / 255];
}
