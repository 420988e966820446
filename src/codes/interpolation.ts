import { ReparamError } from "../errors.ts";
import { columnsOf, type RowsOption } from "../metrics/rows.ts";
import { checked, keysOf, oneOf, whole } from "../schema/constraints.ts";
import { posteriorSize } from "./posterior.ts";

/** A way from one code to another: the two, a part of the way in 0..1 → what each is weighed by. */
type Path = (a: Float64Array, b: Float64Array) => (t: number) => readonly [number, number];

/** Less of a turn than this is none: the sine that a spherical way divides by is then lost in rounding. */
const NO_TURN = 1e-7;

const linear: Path = () => (t) => [1 - t, t];

const paths = {
  linear,
  /** Spherical linear interpolation (Shoemake 1985, https://doi.org/10.1145/325334.325242); linear where nothing turns. */
  spherical: (a, b) => {
    const angle = angleBetween(a, b);
    const sine = Math.sin(angle);
    if (!(sine > NO_TURN)) return linear(a, b);
    return (t) => [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
  },
} satisfies Record<string, Path>;

export type PathName = keyof typeof paths;

export const pathNames = keysOf(paths);

export interface InterpolationOptions extends Partial<RowsOption> {
  /** Codes of a way, both ends among them; 11 unless given. */
  readonly steps?: number;
  /**
   * "linear" unless given. "spherical" turns from one direction to the other, and so stays as far from the middle as the
   * codes of a normal prior of many dimensions are (White 2016, https://arxiv.org/abs/1609.04468).
   */
  readonly path?: PathName;
}

/**
 * Ways from codes to codes, to be decoded.
 *
 * @param from [rows, latent]; one row unless `rows` is given
 * @param to [rows, latent]
 * @returns [rows, steps, latent]
 * @throws ReparamError "data" where these are no rows of equal length, or a code is not finite; "config" for the options.
 */
export function interpolatedCodes(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  { rows = 1, steps = 11, path = "linear" }: InterpolationOptions = {},
): Float32Array<ArrayBuffer> {
  checked("interpolatedCodes", "steps", steps, whole(2));
  checked("interpolatedCodes", "path", path, oneOf(pathNames));
  const latent = columnsOf("interpolatedCodes: from", from, rows);
  if (to.length !== from.length) {
    throw new ReparamError("data", `interpolatedCodes: to has ${to.length} numbers and from ${from.length}.`);
  }
  columnsOf("interpolatedCodes: to", to, rows);
  const codes = new Float32Array(rows * steps * latent);
  for (let row = 0; row < rows; row++) {
    const [a, b] = [from, to].map((ends) => Float64Array.from({ length: latent }, (_, k) => ends[row * latent + k]));
    const weigh = paths[path](a, b);
    for (let step = 0; step < steps; step++) {
      const [first, second] = weigh(step / (steps - 1));
      const at = (row * steps + step) * latent;
      for (let k = 0; k < latent; k++) codes[at + k] = first * a[k] + second * b[k];
    }
  }
  return codes;
}

export interface PosteriorInterpolationOptions extends InterpolationOptions {
  /** Numbers in a code. */
  readonly latent: number;
}

/**
 * Ways from posteriors to posteriors: the means by the path, the spread (standard deviations, or the rows of L) evenly. What they
 * give is for `posteriorCodes`, with `rows` of rows · steps: what may lie between two examples, and how surely.
 *
 * @param from what the use `posterior` gives: [rows, 2, latent] or [rows, 1 + latent, latent]; one row unless `rows` is given
 * @param to as `from`
 * @returns [rows, steps, 2, latent] or [rows, steps, 1 + latent, latent]
 * @throws ReparamError "data" where these are no posteriors of one kind; "config" for the options.
 */
export function interpolatedPosteriors(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  { latent, rows = 1, steps = 11, path = "linear" }: PosteriorInterpolationOptions,
): Float32Array<ArrayBuffer> {
  const what = "interpolatedPosteriors";
  checked(what, "steps", steps, whole(2));
  checked(what, "path", path, oneOf(pathNames));
  const size = posteriorSize(what, from, { rows, latent });
  if (posteriorSize(what, to, { rows, latent }) !== size) {
    throw new ReparamError("data", `${what}: to has ${to.length} numbers and from ${from.length}.`);
  }
  const columns = (values: ArrayLike<number>, start: number, width: number) =>
    Array.from({ length: rows * width }, (_, k) => values[Math.floor(k / width) * size + start + (k % width)]);
  const between = (start: number, width: number, along: PathName) =>
    interpolatedCodes(columns(from, start, width), columns(to, start, width), { rows, steps, path: along });
  const spread = size - latent;
  const [means, factors] = [between(0, latent, path), between(latent, spread, "linear")];
  const posteriors = new Float32Array(rows * steps * size);
  for (let row = 0; row < rows * steps; row++) {
    posteriors.set(means.subarray(row * latent, (row + 1) * latent), row * size);
    posteriors.set(factors.subarray(row * spread, (row + 1) * spread), row * size + latent);
  }
  return posteriors;
}

/** By the half chord and the half sum, which lose nothing where codes are nearly parallel; 0 where one has no direction. */
function angleBetween(a: Float64Array, b: Float64Array): number {
  const [unitA, unitB] = [a, b].map((code) => {
    const length = lengthOf(code);
    return code.map((value) => value / length);
  });
  const chord = lengthOf(unitA.map((value, k) => value - unitB[k]));
  return 2 * Math.atan2(chord, lengthOf(unitA.map((value, k) => value + unitB[k]))) || 0;
}

const lengthOf = (code: Float64Array): number => Math.sqrt(code.reduce((sum, value) => sum + value * value, 0));
