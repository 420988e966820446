import { permute } from "../../random/feistel.ts";
import type { Words2 } from "../../random/philox.ts";

/** What an image is made of, in the order of the columns of the field `factors`, and how many classes each has. */
export const FACTORS = { shape: 3, scale: 6, rotation: 40, x: 32, y: 32 } as const;
export const FACTOR_COUNT = Object.keys(FACTORS).length;
export const SHAPE_NAMES = ["ellipse", "square", "heart"] as const;

/** Images that differ in a factor. */
export const COMBINATIONS = Object.values(FACTORS).reduce((product, classes) => product * classes, 1);

/**
 * The factors of the first `count` examples of a split, their classes as bytes [count, 5]. Both splits are drawn from one
 * keyed order of all combinations, training from its beginning and test from its end: nothing comes twice in splits that
 * are no longer than it.
 */
export function drawFactors(seed: Words2, split: "train" | "test", count: number): Uint8Array {
  const factors = new Uint8Array(count * FACTOR_COUNT);
  const classes = Object.values(FACTORS);
  for (let index = 0; index < count; index++) {
    const place = split === "train" ? index : COMBINATIONS - 1 - index;
    let rest = permute(place, COMBINATIONS, seed, 0);
    for (let factor = FACTOR_COUNT - 1; factor >= 0; factor--) {
      factors[index * FACTOR_COUNT + factor] = rest % classes[factor];
      rest = Math.floor(rest / classes[factor]);
    }
  }
  return factors;
}
