import { activation, type Layer } from "../nn/layers.ts";
import { finalValue, type ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";
import { sigmoid } from "../ops/activation.ts";
import { abs, add, clamp, div, greater, log, mul, sub } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import { topK } from "../ops/ranking.ts";
import { max, mean, sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape.ts";
import { meanOverExamples, perExample } from "./examples.ts";
import type { PlainSeen } from "./plain.ts";

export interface Sparsity {
  /** What a code goes through: [rows, latent] → [rows, latent] */
  readonly code: Layer;
  /** What keeps it sparse; nothing where the code's layer does. */
  readonly penalty?: { readonly unit: string; readonly of: (seen: PlainSeen) => Node };
  /** The schedules that the code's layer reads. */
  readonly schedules?: Readonly<Record<string, ScheduleDescription>>;
}

interface SparsityOptions {
  /** The mean that each number of a code is to have over the examples, in (0, 1). */
  readonly target: number;
  /** Numbers of a code that pass. */
  readonly active: ScheduleDescription;
}

/** Means this near to 0 and 1 count as if they were no nearer: the divergence has no end there. */
const LEAST = 1e-6;

/**
 * Σ KL(ρ ‖ ρ̂) over the numbers of a code, of coins with these probabilities: ρ is the target, and ρ̂ the means over the
 * examples, [latent], in 0..1 → [].
 */
export function sparsityDivergence(means: Node, target: number): Node {
  const shares = clamp(means, LEAST, 1 - LEAST);
  const on = mul(target, log(div(target, shares)));
  const off = mul(1 - target, log(div(1 - target, sub(1, shares))));
  return sum(add(on, off));
}

/** A number of a code that is nowhere in a batch larger than this is dead. */
const DEAD = 0.01;

/** The share of the numbers of a code that are dead in a batch. code: [rows, latent], weight: [rows] → [] */
export function deadShare(code: Node, weight: Node): Node {
  const largest = max(mul(abs(code), reshape(weight, [weight.shape[0], 1])), { axes: [0] });
  return mean(sub(1, greater(largest, DEAD)));
}

/**
 * How few numbers of a code come to be in use. `l1`: what is not needed goes to 0, by Σ |code|. `kl`: each number is in use for
 * a share of the examples (Ng 2011). `topK`: only so many of a code's numbers pass, the largest (Makhzani and Frey 2013).
 */
export const sparsities = {
  l1: () => ({ code: activation("relu"), penalty: { unit: "", of: ({ code }) => perExample(abs(code)) } }),
  kl: ({ target }) => ({
    // Begins at the target, so that nothing has to be unlearnt: weights are small, and biases 0.
    code: { parameters: [], apply: (x) => sigmoid(add(x, Math.log(target / (1 - target)))) },
    penalty: {
      unit: "nats",
      of: ({ code, batch }) => sparsityDivergence(meanOverExamples(code, batch.weight), target),
    },
  }),
  topK: ({ active }) => ({
    code: { parameters: [], apply: (x, { training }) => topK(x, training ? schedule("active") : finalValue(active)) },
    schedules: { active },
  }),
} as const satisfies Record<string, (options: SparsityOptions) => Sparsity>;
