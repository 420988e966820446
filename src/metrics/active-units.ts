import { columnOf, columnsOf, type RowsOption } from "./rows.ts";

export interface ActiveUnits {
  /** How many numbers of a code are active. */
  readonly active: number;
  /** Of each number of a code over the rows, divided by them: [latent]. */
  readonly variances: readonly number[];
}

/** A number of a code is active where its posterior mean has a larger variance. */
const ACTIVE = 0.01;

/**
 * The numbers of a code that a variational model makes use of: those whose posterior mean varies from example to example
 * by a variance of more than 0.01 (Burda, Grosse and Salakhutdinov 2016, https://arxiv.org/abs/1509.00519).
 *
 * @param means [rows, latent], of the posteriors: what `encode` of a variational model gives
 * @throws ReparamError "data" where these are no rows of equal length, or a mean is not finite.
 */
export function activeUnits(means: ArrayLike<number>, { rows }: RowsOption): ActiveUnits {
  const latent = columnsOf("activeUnits: means", means, rows);
  const variances = Array.from({ length: latent }, (_, k) => varianceOf(columnOf(means, latent, k)));
  return { active: variances.filter((variance) => variance > ACTIVE).length, variances };
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
