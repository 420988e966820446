import { type GaussianMixture, maximised, type RoundOptions } from "./mixture-rounds.ts";

/**
 * The mixture that expectation maximisation begins at: centres by k-means++ (Arthur and Vassilvitskii 2007,
 * https://dl.acm.org/doi/10.5555/1283383.1283494), and of each the mean and covariance of the codes that it is the nearest to.
 * There are fewer components where there are fewer codes that differ.
 *
 * @param codes [rows, latent]
 * @param uniform random numbers in (0, 1)
 */
export function startingMixture(
  codes: Float64Array,
  { latent, components }: { readonly latent: number; readonly components: number },
  uniform: (index: number) => number,
  options: RoundOptions,
): GaussianMixture {
  const rows = codes.length / latent;
  const nearest = new Int32Array(rows);
  const distances = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let chosen = Math.floor(uniform(0) * rows);
  let centres = 0;
  for (; centres < components && distances[chosen] > 0; centres++) {
    const centre = codes.subarray(chosen * latent, (chosen + 1) * latent);
    for (let row = 0; row < rows; row++) {
      const distance = squaredDistance(codes, row * latent, centre);
      if (distance >= distances[row]) continue;
      distances[row] = distance;
      nearest[row] = centres;
    }
    chosen = drawnBy(distances, uniform(centres + 1));
  }
  const shares = new Float64Array(rows * centres);
  nearest.forEach((centre, row) => {
    shares[row * centres + centre] = 1;
  });
  return maximised(codes, shares, latent, options);
}

function squaredDistance(codes: Float64Array, at: number, centre: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < centre.length; i++) sum += (codes[at + i] - centre[i]) ** 2;
  return sum;
}

/** The place at which a random number in (0, 1) falls among weights, which need not add up to 1. */
export function drawnBy(weights: ArrayLike<number>, uniform: number): number {
  let [total, last] = [0, 0];
  for (let k = 0; k < weights.length; k++) {
    total += weights[k];
    if (weights[k] > 0) last = k;
  }
  let rest = uniform * total;
  for (let k = 0; k < last; k++) {
    rest -= weights[k];
    if (rest < 0) return k;
  }
  return last;
}
