import { type Node, resolveAxis, sameShape, shapeError } from "../node/node.ts";
import { add, div, equal, exp, floor, greater, log, mul, sub } from "./arithmetic.ts";
import { oneHot } from "./indexing.ts";
import { max, sum } from "./reduce.ts";
import { reshape, stopGradient } from "./shape.ts";

// Compositions: the largest element of a row is taken off first, so that no exponential overflows and the largest is 1.
// It is a constant to the gradient, since it cancels.

/** x less the largest along the axis, the exponential of that, and its sum, whose axis has extent 1. */
function exponentials(x: Node, axis: number) {
  const options = { axes: [resolveAxis(axis, x.shape)], keepDims: true };
  const largest = stopGradient(max(x, options));
  const shifted = sub(x, largest);
  const e = exp(shifted);
  return { options, largest, shifted, e, total: sum(e, options) };
}

/** eˣ / Σ eˣ along an axis: numbers above 0 whose sum is 1. */
export function softmax(x: Node, axis = -1): Node {
  const { e, total } = exponentials(x, axis);
  return div(e, total);
}

/** ln softmax(x), which stays finite where the softmax is too small for f32. */
export function logSoftmax(x: Node, axis = -1): Node {
  const { shifted, total } = exponentials(x, axis);
  return sub(shifted, log(total));
}

/** ln Σ eˣ along an axis, which goes unless `keepDims`. */
export function logsumexp(x: Node, axis = -1, { keepDims = false }: { readonly keepDims?: boolean } = {}): Node {
  const { options, largest, total } = exponentials(x, axis);
  const result = add(largest, log(total));
  if (keepDims) return result;
  return reshape(
    result,
    x.shape.filter((_, k) => k !== options.axes[0]),
  );
}

/**
 * Cross-entropy of logits against targets, in nats a row: −Σ target · ln softmax(logits). logits: [..., classes], finite;
 * target: probabilities of the same shape, or class ids [...] → [...]. An id that is no class counts nothing: no loss,
 * no gradient. The gradient is softmax(logits) − target, at any logits.
 * Throws ReparamError "config" where the target has neither shape.
 */
export function crossEntropy(logits: Node, target: Node): Node {
  const rows = logits.shape.slice(0, -1);
  const classes = logits.shape[logits.shape.length - 1];
  const byId = sameShape(target.shape, rows);
  if (logits.shape.length === 0 || !(byId || sameShape(target.shape, logits.shape))) {
    throw shapeError(
      "crossEntropy",
      [logits.shape, target.shape],
      "are not logits [..., classes] with probabilities of that shape or ids [...]",
    );
  }
  const { shifted, total } = exponentials(logits, -1);
  const probabilities = byId ? oneHot(target, classes) : target;
  // How much of a row there is: 1, or 0 where the id is none. Known of ids without a sum.
  const mass = byId ? isIndex(target, classes) : sum(target, { axes: [-1] });
  const chosen = sum(mul(probabilities, shifted), { axes: [-1] });
  return sub(mul(mass, reshape(log(total), rows)), chosen);
}

/** 1 where an id is one of 0 .. count − 1, else 0. */
const isIndex = (ids: Node, count: number): Node =>
  mul(equal(ids, floor(ids)), mul(greater(ids, -1), greater(count, ids)));
