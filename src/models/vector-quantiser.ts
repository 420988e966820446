import type { Node } from "../node/node.ts";
import { add, div, equal, exp, log, mul, neg, sub } from "../ops/arithmetic.ts";
import { argmax, embedding, oneHot } from "../ops/indexing.ts";
import { sum } from "../ops/reduce.ts";
import { reshape, stopGradient } from "../ops/shape.ts";
import { distancesBut } from "./distances.ts";

/** Places rounded to codes. */
export interface Quantised {
  /** [places]: where the nearest code stands in the codebook. */
  readonly ids: Node;
  /** [places, width]: that code. */
  readonly codes: Node;
  /** The same values, but the gradient goes on to the places as if nothing had been rounded (straight-through). */
  readonly through: Node;
}

/** Rounds places to the nearest of the codes. z: [places, width], codes: [count, width]. */
export function quantised(z: Node, codes: Node): Quantised {
  const ids = argmax(neg(distancesBut(z, codes)));
  const nearest = embedding(codes, ids);
  return { ids, codes: nearest, through: add(z, stopGradient(sub(nearest, z))) };
}

/** How many places chose each code. ids, weight: [places] → [count] */
export const countsOf = (ids: Node, weight: Node, count: number): Node =>
  sum(mul(oneHot(ids, count), reshape(weight, [weight.shape[0], 1])), { axes: [0] });

/** e to the entropy of how often each code was chosen: as many codes as that, chosen alike. counts: [count] → [] */
export function perplexity(counts: Node): Node {
  const share = div(counts, sum(counts));
  // What was never chosen adds nothing: 0 · ln 1.
  return exp(neg(sum(mul(share, log(add(share, equal(share, 0)))))));
}
