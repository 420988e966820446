import { ReparamError } from "../errors.ts";
import { columnsOf, type RowsOption } from "../metrics/rows.ts";
import { streamOf } from "../ops/noise.ts";
import { createStream } from "../random/stream.ts";
import { checked, whole } from "../schema/constraints.ts";
import { drawNormalCode } from "./normal-code.ts";

// Posteriors are what the use `posterior` gives: of each example the mean of its code, then the standard deviation of each
// number, or the rows of the Cholesky factor L of a full covariance. [rows, 2, latent] or [rows, 1 + latent, latent].

export interface PosteriorOptions extends Partial<RowsOption> {
  /** Numbers in a code. */
  readonly latent: number;
}

export interface PosteriorCodesOptions extends PosteriorOptions {
  /** Codes of each row; 1 unless given. */
  readonly count?: number;
  /** 0 unless given. */
  readonly seed?: number;
}

/**
 * Codes drawn from posteriors: mean + sigma · noise, or mean + L · noise.
 *
 * @param posteriors what the use `posterior` gives: [rows, 2, latent] or [rows, 1 + latent, latent]; one row unless told
 * @returns [rows, count, latent]
 * @throws ReparamError "data" where these are no posteriors, "config" for the options.
 */
export function posteriorCodes(
  posteriors: ArrayLike<number>,
  { rows = 1, latent, count = 1, seed = 0 }: PosteriorCodesOptions,
): Float32Array<ArrayBuffer> {
  checked("posteriorCodes", "count", count, whole(1));
  checked("posteriorCodes", "seed", seed, whole(0, 0xffff_ffff));
  const split = splitRows("posteriorCodes", posteriors, { rows, latent });
  const { normal } = createStream(streamOf("posterior codes"), seed);
  const codes = new Float32Array(rows * count * latent);
  split.forEach(({ mean, factor }, row) => {
    for (let k = 0; k < count; k++) drawNormalCode(codes, (row * count + k) * latent, mean, factor, normal);
  });
  return codes;
}

/**
 * What each number of a code says of an example on average: the parts of KL(posterior ‖ N(0, 1)) in nats, whose sum is the
 * whole.
 *
 * @param posteriors [rows, 2, latent] or [rows, 1 + latent, latent]
 * @returns [latent]
 * @throws ReparamError "data" where these are no posteriors.
 */
export function posteriorKl(posteriors: ArrayLike<number>, { rows = 1, latent }: PosteriorOptions): number[] {
  const sums = new Array<number>(latent).fill(0);
  for (const { mean, factor } of splitRows("posteriorKl", posteriors, { rows, latent })) {
    const diagonal = factor.length === latent;
    for (let i = 0; i < latent; i++) {
      const row = diagonal ? factor.subarray(i, i + 1) : factor.subarray(i * latent, i * latent + i + 1);
      const square = row.reduce((sum, value) => sum + value * value, mean[i] ** 2 - 1);
      sums[i] += square / 2 - Math.log(row[row.length - 1]);
    }
  }
  return sums.map((sum) => sum / rows);
}

/** The numbers of a posterior. Throws ReparamError "data" where these are none. */
export function posteriorSize(
  what: string,
  posteriors: ArrayLike<number>,
  { rows, latent }: Required<PosteriorOptions>,
): number {
  const size = columnsOf(what, posteriors, rows);
  if (size !== 2 * latent && size !== (1 + latent) * latent) {
    const sizes = `${2 * latent} numbers, or ${(1 + latent) * latent} with a full covariance`;
    throw new ReparamError(
      "data",
      `${what}: a row of ${size} numbers is no posterior of a code of ${latent}: it has ${sizes}.`,
    );
  }
  return size;
}

/** Each row's mean, and its standard deviations or L. Throws ReparamError "data". */
function splitRows(what: string, posteriors: ArrayLike<number>, options: Required<PosteriorOptions>) {
  const { rows, latent } = options;
  const size = posteriorSize(what, posteriors, options);
  const values = Float64Array.from(posteriors);
  return Array.from({ length: rows }, (_, row) => ({
    mean: values.subarray(row * size, row * size + latent),
    factor: values.subarray(row * size + latent, (row + 1) * size),
  }));
}
