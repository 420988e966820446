import { columnOf, columnsOf, type RowsOption } from "./rows.ts";

export interface CodeMoments {
  /** [latent] */
  readonly mean: readonly number[];
  /** [latent][latent], divided by the rows. */
  readonly covariance: readonly (readonly number[])[];
  /** KL(N(mean, covariance) ‖ N(0, 1)) in nats: 0 where both are the prior's; Infinity where codes fill fewer dimensions. */
  readonly klFromStandardNormal: number;
}

/**
 * Mean and covariance of codes, and how far they are from those of the standard normal prior. Of codes drawn from the
 * posteriors they are the aggregate posterior's; means of posteriors lack what each posterior is wide itself.
 *
 * @param codes [rows, latent]
 * @throws ReparamError "data" where these are no rows of equal length, or a code is not finite.
 */
export function codeMoments(codes: ArrayLike<number>, { rows }: RowsOption): CodeMoments {
  const latent = columnsOf("codeMoments: codes", codes, rows);
  const columns = Array.from({ length: latent }, (_, k) => columnOf(codes, latent, k));
  const mean = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / rows);
  const centred = columns.map((column, k) => column.map((value) => value - mean[k]));
  const covariance = centred.map((a) =>
    centred.map((b) => a.reduce((sum, value, row) => sum + value * b[row], 0) / rows),
  );
  const trace = covariance.reduce((sum, row, k) => sum + row[k], 0);
  const square = mean.reduce((sum, value) => sum + value * value, 0);
  return { mean, covariance, klFromStandardNormal: (trace + square - latent - logDeterminant(covariance)) / 2 };
}

/**
 * ln det of a covariance by its Cholesky factor (Golub and Van Loan, Matrix Computations, 4th ed., section 4.2); −Infinity
 * where it is singular, or so near to it that rounding hides the difference.
 */
function logDeterminant(matrix: readonly (readonly number[])[]): number {
  const factor: number[][] = [];
  let sum = 0;
  for (let i = 0; i < matrix.length; i++) {
    factor.push([]);
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i][j];
      for (let k = 0; k < j; k++) rest -= factor[i][k] * factor[j][k];
      if (j < i) factor[i].push(rest / factor[j][j]);
      else if (rest <= matrix[i][i] * SINGULAR) return -Infinity;
      else {
        factor[i].push(Math.sqrt(rest));
        sum += Math.log(rest);
      }
    }
  }
  return sum;
}

/** What is left of a variance, less what the columns before explain, is rounding below this part of it. */
const SINGULAR = 1e-12;
