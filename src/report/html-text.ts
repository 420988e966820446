import { minus } from "./ticks.ts";

// Numbers, times and text as a page of HTML has them.

/** So many decimals that the largest number has five digits, and at least two: 105.56, 0.032184. */
export function decimalsFor(values: readonly (number | undefined)[]): number {
  const largest = Math.max(...values.map((value) => (Number.isFinite(value) ? Math.abs(value!) : 0)));
  return largest === 0 ? 2 : Math.max(2, Math.min(7, 4 - Math.floor(Math.log10(largest))));
}

export function formatNumber(value: number | undefined, decimals = decimalsFor([value])): string {
  if (value === undefined) return "–";
  if (!Number.isFinite(value)) return String(value);
  return minus(Math.abs(value) < 1e6 ? value.toFixed(decimals) : value.toExponential(3).replace("+", ""));
}

export const rate = (stepsPerSecond: number): string => stepsPerSecond.toFixed(stepsPerSecond < 100 ? 1 : 0);

export function duration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** The terms that are losses: `loss`, or of several objectives `discriminator.loss` and the like. */
export const lossesOf = (terms: object): string[] => Object.keys(terms).filter((name) => /(^|\.)loss$/.test(name));

/** Terms are means over examples. */
export const describeUnit = (unit: string | undefined): string => (unit ? `${unit} an example` : "");

const ESCAPES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, in content and in attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
