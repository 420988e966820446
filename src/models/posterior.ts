import type { Node } from "../node/node.ts";
import { softplus } from "../ops/activation.ts";
import { add, div, equal, exp, floor, greater, log, mul, square, sub } from "../ops/arithmetic.ts";
import { gather, iota } from "../ops/indexing.ts";
import { klStandardNormal, reparameterise } from "../ops/loss.ts";
import { sum } from "../ops/reduce.ts";
import { reshape, sliceAxis } from "../ops/shape.ts";

/** A normal distribution of codes for each row, z = mean + L ε with a lower triangular L. */
export interface Posterior {
  /** [rows, latent] */
  readonly mean: Node;
  /** 2 ln of the diagonal of L, [rows, latent]. */
  readonly logVariance: Node;
  /** L, [rows, latent, latent]; or its diagonal, the standard deviations, [rows, 1, latent], where the rest is zero. */
  readonly factor: Node;
  /** KL(q ‖ N(0, 1)) as a sum of parts, one for each number of a code: [rows, latent]. */
  readonly kl: Node;
  /** z for standard normal noise, [rows, latent] */
  draw(epsilon: Node): Node;
}

/** How an encoder's numbers are read as a distribution of codes. */
export interface PosteriorKind {
  /** Numbers that the encoder gives for a code of so many. */
  outputs(latent: number): number;
  /** How many rows the posterior's `factor` has. */
  factorRows(latent: number): number;
  /** encoded: [rows, outputs] */
  of(encoded: Node, latent: number): Posterior;
}

function diagonal(mean: Node, logVariance: Node): Posterior {
  const [rows, latent] = mean.shape;
  return {
    mean,
    logVariance,
    factor: reshape(exp(mul(0.5, logVariance)), [rows, 1, latent]),
    kl: klStandardNormal(mean, logVariance),
    draw: (epsilon) => reparameterise(mean, logVariance, epsilon),
  };
}

/** Mean and a number of each spread side by side. */
const diagonalBy = (logVariance: (spread: Node) => Node): PosteriorKind => ({
  outputs: (latent) => 2 * latent,
  factorRows: () => 1,
  of: (both, latent) => diagonal(sliceAxis(both, 1, 0, latent), logVariance(sliceAxis(both, 1, latent, 2 * latent))),
});

/** Row and column of each number of a matrix, row-major: [n · n] each. */
function placesIn(n: number): { readonly row: Node; readonly column: Node } {
  const place = iota([n * n]);
  const row = floor(div(add(place, 0.5), n));
  return { row, column: sub(place, mul(n, row)) };
}

/** Numbers as the diagonal of a matrix for each row: [rows, n] → [rows, n, n]. */
function diagonalMatrix(numbers: Node, n: number): Node {
  const { row, column } = placesIn(n);
  return mul(reshape(equal(row, column), [1, n, n]), reshape(numbers, [numbers.shape[0], 1, n]));
}

/** The numbers below the diagonal of a matrix for each row: [rows, n (n − 1) / 2], row by row → [rows, n, n]. */
function strictlyLower(numbers: Node, n: number): Node {
  const { row, column } = placesIn(n);
  // What is not below the diagonal points past the end, which gathers zeros.
  const outside = mul(n * n, sub(1, greater(row, column)));
  const index = add(add(mul(0.5, mul(row, sub(row, 1))), column), outside);
  return reshape(gather(numbers, index, 1), [numbers.shape[0], n, n]);
}

/**
 * A code's distribution given an example, with a diagonal covariance, of which the encoder gives the log-variances, the
 * logarithms of the standard deviations, or numbers whose softplus the standard deviations are.
 */
export const diagonalPosteriors = {
  logVariance: diagonalBy((spread) => spread),
  logSigma: diagonalBy((spread) => mul(2, spread)),
  softplus: diagonalBy((spread) => mul(2, log(add(softplus(spread), 1e-6)))),
} as const satisfies Record<string, PosteriorKind>;

/** Those; and `full`: a Cholesky factor, of which the encoder gives the log-variances of the diagonal and the numbers below. */
export const posteriors = {
  ...diagonalPosteriors,
  full: {
    outputs: (latent) => 2 * latent + (latent * (latent - 1)) / 2,
    factorRows: (latent) => latent,
    of: (encoded, latent) => {
      const mean = sliceAxis(encoded, 1, 0, latent);
      const logVariance = sliceAxis(encoded, 1, latent, 2 * latent);
      if (latent === 1) return diagonal(mean, logVariance);
      const lower = strictlyLower(sliceAxis(encoded, 1, 2 * latent, encoded.shape[1]), latent);
      const alone = diagonal(mean, logVariance);
      return {
        ...alone,
        factor: add(lower, diagonalMatrix(exp(mul(0.5, logVariance)), latent)),
        // ½ Σ_j L_ij² is what a row below the diagonal adds to the trace.
        kl: add(alone.kl, mul(0.5, sum(square(lower), { axes: [2] }))),
        draw: (epsilon) => {
          const mixed = sum(mul(lower, reshape(epsilon, [epsilon.shape[0], 1, latent])), { axes: [2] });
          return add(alone.draw(epsilon), mixed);
        },
      };
    },
  },
} as const satisfies Record<string, PosteriorKind>;

export type PosteriorName = keyof typeof posteriors;

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** ln N(z; 0, 1): [rows, latent] → [rows] */
export const logStandardNormal = (z: Node): Node => mul(-0.5, sum(add(square(z), LOG_TWO_PI), { axes: [1] }));

/** ln N(z; mean, e^logVariance) of each number. */
export const logNormal = (z: Node, mean: Node, logVariance: Node): Node =>
  mul(-0.5, add(add(logVariance, LOG_TWO_PI), mul(square(sub(z, mean)), exp(mul(-1, logVariance)))));

/** ln of each number of each code under each of so many diagonal posteriors: z, [rows, latent] → [rows, count, latent] */
export function logDensitiesAmong(z: Node, { mean, logVariance }: Pick<Posterior, "mean" | "logVariance">): Node {
  const [count, latent] = mean.shape;
  const each = (x: Node) => reshape(x, [1, count, latent]);
  return logNormal(reshape(z, [z.shape[0], 1, latent]), each(mean), each(logVariance));
}

/** ln q(z) of what was drawn with this noise: [rows] */
export const logDensityOf = ({ logVariance }: Posterior, epsilon: Node): Node =>
  sub(logStandardNormal(epsilon), mul(0.5, sum(logVariance, { axes: [1] })));
