import type { Node } from "../node/node.ts";
import { sigmoid } from "../ops/activation.ts";
import { constant } from "../ops/leaf.ts";
import { bceWithLogits, gaussianNll } from "../ops/loss.ts";

interface Likelihood {
  /** −ln p(x | output) of every number, in nats. */
  readonly error: (output: Node, x: Node) => Node;
  /** The mean of x. */
  readonly mean: (output: Node) => Node;
}

/**
 * What is observed given a decoder's output. `bernoulli`: each number is a probability, or black or white, and the
 * output its logit. `gaussian`: the output is the mean, and the standard deviation 1.
 */
export const likelihoods = {
  bernoulli: { error: bceWithLogits, mean: sigmoid },
  gaussian: { error: (output, x) => gaussianNll(output, constant(0), x), mean: (output) => output },
} as const satisfies Record<string, Likelihood>;

export type LikelihoodName = keyof typeof likelihoods;
