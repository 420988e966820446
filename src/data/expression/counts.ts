import type { Random } from "../digits/random.ts";

/** From here on a Poisson count is drawn as a normal number: the two are alike, and the time does not grow with the mean. */
const LARGE = 50;

/**
 * A count with this mean, Poisson-distributed, by products of uniform numbers (Knuth, The Art of Computer Programming 2, 3.4.1);
 * from means of 50 on a rounded normal number.
 */
export function poisson(mean: number, random: Random): number {
  if (mean >= LARGE) return Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
  const least = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > least; product *= random.uniform()) count++;
  return count;
}

/**
 * A count with this mean m and the variance m + m² / shape, as counts of molecules have it: Poisson-distributed around a mean
 * that itself is Gamma-distributed. `shape` is a whole number.
 */
export function negativeBinomial(mean: number, shape: number, random: Random): number {
  let product = 1;
  for (let k = 0; k < shape; k++) product *= 1 - random.uniform();
  return poisson((-Math.log(product) * mean) / shape, random);
}
