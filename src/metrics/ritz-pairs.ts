/** Approximate eigenvalues of a symmetric matrix, the largest first, and each one's vector as weights of the basis. */
export interface RitzPairs {
  readonly values: readonly number[];
  readonly vectors: readonly Float64Array[];
}

/** Rayleigh-Ritz: the eigenpairs of a symmetric matrix A within the space of an orthonormal `basis`; `images` are A·basis. */
export function ritzPairs(basis: readonly Float64Array[], images: readonly Float64Array[]): RitzPairs {
  const projected = basis.map((vector, i) =>
    // The lower half mirrors the upper one, so that rounding leaves it symmetric.
    images.map((_, j) => {
      const [row, image] = j >= i ? [vector, images[j]] : [basis[j], images[i]];
      let sum = 0;
      for (let k = 0; k < row.length; k++) sum += row[k] * image[k];
      return sum;
    }),
  );
  const { values, vectors } = symmetricEigen(projected.map((row) => Float64Array.from(row)));
  const order = [...values.keys()].sort((a, b) => values[b] - values[a] || a - b);
  return { values: order.map((i) => values[i]), vectors: order.map((i) => vectors[i]) };
}

/**
 * Eigenvalues and unit eigenvectors of a small symmetric matrix (which is overwritten) by cyclic Jacobi rotations:
 * Golub and Van Loan, Matrix Computations, 4th ed., section 8.5.
 */
function symmetricEigen(a: Float64Array[]): { values: number[]; vectors: Float64Array[] } {
  const n = a.length;
  const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  const scale = Math.max(...a.map((row) => Math.max(...row.map(Math.abs))));
  for (let sweep = 0; sweep < 60; sweep++) {
    let largest = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p][q];
        largest = Math.max(largest, Math.abs(off));
        if (off === 0) continue;
        const tau = (a[q][q] - a[p][p]) / (2 * off);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t);
        for (const row of a) rotate(row, p, q, c, t * c);
        rotateRows(a[p], a[q], c, t * c);
        rotateRows(vectors[p], vectors[q], c, t * c);
      }
    }
    if (largest <= 1e-15 * scale) break;
  }
  return { values: a.map((row, i) => row[i]), vectors };
}

function rotate(row: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [row[p], row[q]];
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
}

function rotateRows(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const [first, second] = [x[i], y[i]];
    x[i] = c * first - s * second;
    y[i] = s * first + c * second;
  }
}
