/**
 * The lower triangular L with L Lᵀ = matrix, all row-major [n, n] (Golub and Van Loan, Matrix Computations, 4th ed., section
 * 4.2). A pivot that rounding left at nothing or below counts as nothing: its column of L is zero.
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * n + j];
      for (let k = 0; k < j; k++) rest -= factor[i * n + k] * factor[j * n + k];
      const pivot = factor[j * n + j];
      if (j === i) factor[i * n + i] = Math.sqrt(Math.max(rest, 0));
      else if (pivot > 0) factor[i * n + j] = rest / pivot;
    }
  }
  return factor;
}
