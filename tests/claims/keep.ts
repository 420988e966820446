import { writeFileSync } from "node:fs";
import { test } from "@playwright/test";
import { type DigitsOptions, digits } from "../../src/data/digits.ts";
import { long } from "../support/long.ts";

/** Keeps a picture of docs/claims.md where `--update-snapshots=all` asks for it. */
export function keep(name: string, png: Uint8Array): void {
  if (test.info().config.updateSnapshots !== "all") return;
  writeFileSync(new URL(`../../docs/images/claim-${name}.png`, import.meta.url), png);
}

/** Prints the figures that docs/claims.md cites. */
export function say(figures: Readonly<Record<string, number | readonly number[]>>): void {
  const text = (value: number) => value.toPrecision(4);
  for (const [name, value] of Object.entries(figures)) {
    console.log(`${name}: ${typeof value === "number" ? text(value) : value.map(text).join("  ")}`);
  }
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Digits for tests of the long suite: of the quick one, which only reads their files, none waits for more than two. */
export const digitsToLearn = (counts: DigitsOptions) => digits(long ? counts : { trainCount: 1, testCount: 1 });
