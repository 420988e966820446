import { computed } from "@preact/signals";
import { exampleAt, examples } from "./examples.ts";
import { alter } from "./hold.ts";
import { held } from "./state.ts";

/** How wide a pull is, as a part of the line: so far it takes its neighbours along. */
const WIDTH = 0.04;

/** The numbers that are held, where examples are no pictures: those of an example or of one's own, else of the first example. */
export const heldNumbers = computed<Float32Array>(() => {
  const what = held.value;
  if (what?.kind === "drawing" && what.pixels.length === examples.value.size) return what.pixels;
  return exampleAt(what?.kind === "example" ? what.index : 0);
});

/** Holds the same numbers with one of them changed. */
export function setNumber(index: number, value: number): void {
  const next = heldNumbers.value.slice();
  next[index] = value;
  alter({ kind: "drawing", pixels: next });
}

/** A line [count] pulled at a place 0..1 to a value; its neighbours follow, the less the farther they are. */
export function pulled(line: Float32Array, place: number, value: number): Float32Array {
  const last = line.length - 1;
  const at = Math.round(place * last);
  const by = value - line[at];
  return line.map((old, k) => old + by * Math.exp(-0.5 * ((k - at) / (WIDTH * last)) ** 2));
}
