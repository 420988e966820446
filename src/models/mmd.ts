import type { Node } from "../node/node.ts";
import { add, clamp, div, equal, exp, mul, sub } from "../ops/arithmetic.ts";
import { iota, oneHot } from "../ops/indexing.ts";
import { sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape.ts";
import { squaredDistances } from "./distances.ts";

/** The scales of the inverse multiquadratic kernels that Tolstikhin et al. add up. */
const SCALES = [0.1, 0.2, 0.5, 1, 2, 5, 10];

/**
 * Kernels of r², the squared distance of two codes of `width` numbers, for a prior of variance 1. `rbf`: exp(−r² / (2 width)).
 * `imq`: Σ_s C / (C + r²), C = 2 width s, whose slow tails are felt by codes far away.
 */
export const mmdKernels = {
  rbf: (squares, width) => exp(mul(-1 / (2 * width), squares)),
  imq: (squares, width) =>
    SCALES.map((scale) => 2 * width * scale)
      .map((c) => div(c, add(c, squares)))
      .reduce(add),
} as const satisfies Record<string, (squares: Node, width: number) => Node>;

export type MmdKernelName = keyof typeof mmdKernels;

interface MmdOptions {
  readonly kernel: MmdKernelName;
  /** [rows]: 1 for each row that counts, of `a` and of `b` alike. */
  readonly weight: Node;
}

/**
 * The squared maximum mean discrepancy of two samples, a and b of [rows, width] → []: how far apart their distributions are
 * (Gretton et al. 2012, https://jmlr.org/papers/v13/gretton12a.html). Unbiased: no row is compared with itself, so it is 0 in the
 * mean of samples of one distribution, and below 0 in some.
 */
export function squaredMmd(a: Node, b: Node, { kernel, weight }: MmdOptions): Node {
  const [rows, width] = a.shape;
  const count = sum(weight);
  const kernelOf = (x: Node, y: Node) => mmdKernels[kernel](clamp(squaredDistances(x, y), 0, 1e30), width);
  const pairs = mul(reshape(weight, [rows, 1]), weight);
  const others = mul(pairs, sub(1, oneHot(iota([rows]), rows)));
  // A batch of one row has no pairs: 0 divided by whatever but 0.
  const ordered = mul(count, sub(count, 1));
  const within = (x: Node) => div(sum(mul(others, kernelOf(x, x))), add(ordered, equal(ordered, 0)));
  const between = div(sum(mul(pairs, kernelOf(a, b))), mul(count, count));
  return sub(add(within(a), within(b)), mul(2, between));
}
