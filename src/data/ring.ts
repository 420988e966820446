import { gaussian4 } from "../random/gaussian.ts";
import { philox4x32 } from "../random/philox.ts";
import { checked, whole } from "../schema/constraints.ts";
import { type Dataset, labels, type Split, vector } from "./dataset.ts";

/** Points where nobody says how many. */
export const RING = { train: 10_000, test: 2_000 } as const;
const MODES = 8;
const MOST = 1_000_000;

/** The standard deviation of each mode, in both directions; the centres are 1 from the origin. */
export const RING_SIGMA = 0.05;

/** The centres of the modes, [8][2], counter-clockwise from (1, 0). */
export const ringCentres: readonly (readonly [number, number])[] = Array.from({ length: MODES }, (_, mode) => {
  const angle = (2 * Math.PI * mode) / MODES;
  return [Math.cos(angle), Math.sin(angle)];
});

/** What a point of `ring` has. */
export const ringFields = (): Dataset["fields"] => ({
  x: { ...vector(2), modes: { centres: ringCentres, sigma: RING_SIGMA } },
  label: labels(MODES),
});

export interface RingOptions {
  /** An integer from 0 to 2^32 - 1; 0 unless given. Another seed gives other points. */
  readonly seed?: number;
  /** Training points, 10,000 unless given. */
  readonly trainCount?: number;
  /** Test points, 2,000 unless given. */
  readonly testCount?: number;
}

/**
 * The built-in data set for generative models to lose modes of: points of eight normal distributions in a ring, `[2]`, each as
 * likely, with the mode as their label (in the manner of Metz et al. 2017, https://arxiv.org/abs/1611.02163, but wider). A point
 * depends only on the seed, its split and its index, so a smaller set is the beginning of a larger one.
 *
 * @throws ReparamError "config" for an option that is not what it has to be.
 */
export function ring({ seed = 0, trainCount = RING.train, testCount = RING.test }: RingOptions = {}): Dataset {
  checked("ring", "seed", seed, whole(0, 0xffff_ffff));
  checked("ring", "trainCount", trainCount, whole(1, MOST));
  checked("ring", "testCount", testCount, whole(1, MOST));
  return {
    name: "ring",
    fields: ringFields(),
    train: splitOf(seed, 0, trainCount),
    test: splitOf(seed, 1, testCount),
  };
}

function splitOf(seed: number, split: number, count: number): Split {
  const x = new Float32Array(2 * count);
  const label = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const bits = philox4x32([index, split, 0, 0], [seed, 0]);
    const [, , ...spread] = gaussian4(bits);
    const mode = bits[0] % MODES;
    label[index] = mode;
    ringCentres[mode].forEach((centre, axis) => {
      x[2 * index + axis] = centre + RING_SIGMA * spread[axis];
    });
  }
  return { count, values: { x, label } };
}
