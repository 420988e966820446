import { gradients } from "../graph/differentiate.ts";
import type { Pass } from "../nn/pass.ts";
import type { Node } from "../node/node.ts";
import { add, mul, sqrt, square, sub } from "../ops/arithmetic.ts";
import { uniform } from "../ops/noise.ts";
import { sum } from "../ops/reduce.ts";
import { perExample } from "./examples.ts";

/** What a penalty on the slope of a discriminator is made of. */
export interface Judged {
  /** [rows, ...shape] → the logit of each, [rows] */
  readonly judge: (x: Node) => Node;
  /** [rows, ...shape] each. */
  readonly real: Node;
  readonly drawn: Node;
  readonly pass: Pass;
}

/** ‖∇D‖² of each example: [rows]. A row's logit depends on that row alone, so the gradient of their sum has each one's. */
const squaredSlope = (judge: Judged["judge"], x: Node): Node => perExample(square(gradients(sum(judge(x)), [x])[0]));

/**
 * Penalties on how steep a discriminator is, [rows], by differentiating twice. `real`: ‖∇D‖² at real examples, the R1 of
 * Mescheder, Geiger and Nowozin 2018 (https://arxiv.org/abs/1801.04406), whose weight is half of their γ. `between`:
 * (‖∇D‖ − 1)² at a place between each real and a drawn example (Gulrajani et al. 2017, https://arxiv.org/abs/1704.00028).
 */
export const gradientPenalties = {
  real: ({ judge, real }) => squaredSlope(judge, real),
  between: ({ judge, real, drawn, pass }) => {
    const share = uniform(pass.noise("between"), [pass.rows, ...real.shape.slice(1).map(() => 1)]);
    const place = add(mul(share, real), mul(sub(1, share), drawn));
    // Where there is no slope the root would have no derivative.
    return square(sub(sqrt(add(squaredSlope(judge, place), 1e-12)), 1));
  },
} as const satisfies Record<string, (judged: Judged) => Node>;
