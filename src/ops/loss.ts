import { createNode, type Node } from "../node/node.ts";
import { logistic, sigmoid, softplus64 } from "./activation.ts";
import { exp, expm1, mul, neg, square, sub } from "./arithmetic.ts";
import { binary, defineMap } from "./map.ts";

// Losses are elementwise, in nats: the caller sums over the axes of one example. The compiler computes a loss, its sum
// and its gradient in one pass over the data.

/**
 * Binary cross-entropy of logits against targets in [0, 1]: softplus(l) − l x.
 */
export const bceWithLogitsOp = defineMap<[Node, Node]>({
  name: "bceWithLogits",
  arity: 2,
  reference: ([l, x]) => softplus64(l) - l * x,
  wgsl: ([l, x], _, four) => `bce_with_logits${four}(${l}, ${x})`,
  gradient: ([l, x], dy) => [mul(dy, bceWithLogitsSlope(l, x)), neg(mul(dy, l))],
  cost: 26,
});
export const bceWithLogits = (logits: Node, target: Node): Node => createNode(bceWithLogitsOp, [logits, target]);

/** The slope of binary cross-entropy in the logit, sigmoid(l) − x, with nothing lost where the two nearly cancel. */
export const bceWithLogitsSlopeOp = defineMap<[Node, Node]>({
  name: "bceWithLogitsSlope",
  arity: 2,
  reference: ([l, x]) => (l < 0 ? logistic(l) - x : 1 - x - logistic(-l)),
  wgsl: ([l, x], _, four) => `bce_with_logits_gradient${four}(${l}, ${x})`,
  gradient: ([l], dy) => {
    const s = sigmoid(l);
    return [mul(dy, mul(s, sub(1, s))), neg(dy)];
  },
  cost: 16,
});
const bceWithLogitsSlope = binary(bceWithLogitsSlopeOp);

/** (prediction − target)² */
export const squaredErrorOp = defineMap<[Node, Node]>({
  name: "squaredError",
  arity: 2,
  reference: ([y, x]) => (y - x) ** 2,
  wgsl: ([y, x], _, four) => `squared_error${four}(${y}, ${x})`,
  gradient: ([y, x], dy) => {
    const slope = mul(dy, mul(2, sub(y, x)));
    return [slope, neg(slope)];
  },
});
export const squaredError = (prediction: Node, target: Node): Node => createNode(squaredErrorOp, [prediction, target]);

/** −ln N(x; μ, eᵛ) = ½ (ln 2π + v + (x − μ)² e⁻ᵛ), inputs: mean μ, log-variance v, target x. */
export const gaussianNllOp = defineMap<[Node, Node, Node]>({
  name: "gaussianNll",
  arity: 3,
  reference: ([mean, logVariance, x]) =>
    0.5 * (Math.log(2 * Math.PI) + logVariance + (x - mean) ** 2 * Math.exp(-logVariance)),
  wgsl: ([mean, logVariance, x], _, four) => `gaussian_nll${four}(${mean}, ${logVariance}, ${x})`,
  gradient: ([mean, logVariance, x], dy) => {
    const precision = exp(neg(logVariance));
    const residual = sub(mean, x);
    const slope = mul(dy, mul(residual, precision));
    return [slope, mul(mul(dy, 0.5), sub(1, mul(square(residual), precision))), neg(slope)];
  },
  cost: 14,
});
export const gaussianNll = (mean: Node, logVariance: Node, target: Node): Node =>
  createNode(gaussianNllOp, [mean, logVariance, target]);

/** KL(N(μ, eᵛ) ‖ N(0, 1)) = ½ (μ² + eᵛ − 1 − v), inputs: mean μ, log-variance v (Kingma & Welling 2013, appendix B). */
export const klStandardNormalOp = defineMap<[Node, Node]>({
  name: "klStandardNormal",
  arity: 2,
  reference: ([mean, v]) => 0.5 * (mean * mean + expm1MinusX(v)),
  wgsl: ([mean, v], _, four) => `kl_standard_normal${four}(${mean}, ${v})`,
  gradient: ([mean, v], dy) => [mul(dy, mean), mul(mul(dy, 0.5), expm1(v))],
  cost: 14,
});
export const klStandardNormal = (mean: Node, logVariance: Node): Node =>
  createNode(klStandardNormalOp, [mean, logVariance]);

/** z = μ + e^{v/2} ε, inputs: mean μ, log-variance v, standard normal noise ε. */
export const reparameteriseOp = defineMap<[Node, Node, Node]>({
  name: "reparameterise",
  arity: 3,
  reference: ([mean, v, epsilon]) => mean + Math.exp(v / 2) * epsilon,
  wgsl: ([mean, v, epsilon], _, four) => `(${mean} + safe_exp${four}(0.5 * ${v}) * ${epsilon})`,
  gradient: ([_, v, epsilon], dy) => {
    const sigma = exp(mul(0.5, v));
    return [dy, mul(mul(dy, 0.5), mul(sigma, epsilon)), mul(dy, sigma)];
  },
  cost: 12,
});
export const reparameterise = (mean: Node, logVariance: Node, epsilon: Node): Node =>
  createNode(reparameteriseOp, [mean, logVariance, epsilon]);

/** eᵛ − 1 − v, by its series where the terms cancel. */
function expm1MinusX(v: number): number {
  if (Math.abs(v) > 0.1) return Math.expm1(v) - v;
  let term = v;
  let sum = 0;
  for (let n = 2; n < 20; n++) sum += term *= v / n;
  return sum;
}
