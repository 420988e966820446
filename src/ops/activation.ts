import { createNode, type Node } from "../node/node.ts";
import { add, exp, greater, literal, mul, square, sub } from "./arithmetic.ts";
import { defineMap, unary } from "./map.ts";

// Where it can be, a gradient is written in terms of the output: then the input need not be kept for the backward pass.

export const reluOp = defineMap<[Node]>({
  name: "relu",
  arity: 1,
  reference: ([x]) => Math.max(x, 0),
  wgsl: ([x], _, four) => `safe_relu${four}(${x})`,
  gradient: (_, dy, y) => [mul(dy, greater(y, 0))],
});
export const relu = unary(reluOp);

/** x for x > 0, else slope · x. */
export const leakyReluOp = defineMap<[Node]>({
  name: "leakyRelu",
  arity: 1,
  attributes: ["slope"],
  reference: ([x], { slope }) => (x < 0 ? x * (slope as number) : x),
  wgsl: ([x], { slope }, four) => `safe_leaky_relu${four}(${x}, ${literal(slope as number)})`,
  gradient: ([x], dy, { attributes }) => {
    const slope = attributes.slope as number;
    return [mul(dy, add(slope, mul(1 - slope, greater(x, 0))))];
  },
});
export const leakyRelu = (x: Node, slope = 0.01): Node => createNode(leakyReluOp, [x], { slope });

/** x for x > 0, else eˣ − 1 (Clevert et al. 2015, α = 1). */
export const eluOp = defineMap<[Node]>({
  name: "elu",
  arity: 1,
  reference: ([x]) => (x > 0 ? x : Math.expm1(x)),
  wgsl: ([x], _, four) => `safe_elu${four}(${x})`,
  // For x ≤ 0 the slope is eˣ = y + 1.
  gradient: (_, dy, y) => [mul(dy, add(1, mul(y, greater(0, y))))],
  cost: 12,
});
export const elu = unary(eluOp);

const SQRT_HALF = Math.SQRT1_2;
const INVERSE_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** x Φ(x) in the exact form with the normal distribution function Φ (Hendrycks & Gimpel 2016). */
export const geluOp = defineMap<[Node]>({
  name: "gelu",
  arity: 1,
  reference: ([x]) => x * normalDistribution(x),
  wgsl: ([x], _, four) => `safe_gelu${four}(${x})`,
  gradient: ([x], dy) => [mul(dy, geluSlope(x))],
  cost: 24,
});
export const gelu = unary(geluOp);

/** The slope of GELU, Φ(x) + x φ(x): an op of its own, since Φ alone has no other user. */
export const geluSlopeOp = defineMap<[Node]>({
  name: "geluSlope",
  arity: 1,
  reference: ([x]) => normalDistribution(x) + x * normalDensity(x),
  wgsl: ([x], _, four) => `safe_gelu_gradient${four}(${x})`,
  // d/dx (Φ + xφ) = (2 − x²) φ(x)
  gradient: ([x], dy) => [mul(dy, mul(sub(2, square(x)), mul(INVERSE_SQRT_TWO_PI, exp(mul(-0.5, square(x))))))],
  cost: 30,
});
const geluSlope = unary(geluSlopeOp);

/** x · sigmoid(x) (Elfwing et al. 2017), also called swish. */
export const siluOp = defineMap<[Node]>({
  name: "silu",
  arity: 1,
  reference: ([x]) => x * logistic(x),
  wgsl: ([x], _, four) => `safe_silu${four}(${x})`,
  gradient: ([x], dy, y) => {
    const s = sigmoid(x);
    return [mul(dy, add(s, mul(y, sub(1, s))))];
  },
  cost: 14,
});
export const silu = unary(siluOp);

export const sigmoidOp = defineMap<[Node]>({
  name: "sigmoid",
  arity: 1,
  reference: ([x]) => logistic(x),
  wgsl: ([x], _, four) => `safe_sigmoid${four}(${x})`,
  gradient: (_, dy, y) => [mul(dy, mul(y, sub(1, y)))],
  cost: 14,
});
export const sigmoid = unary(sigmoidOp);

export const tanhOp = defineMap<[Node]>({
  name: "tanh",
  arity: 1,
  reference: ([x]) => Math.tanh(x),
  wgsl: ([x], _, four) => `safe_tanh${four}(${x})`,
  gradient: (_, dy, y) => [mul(dy, sub(1, square(y)))],
  cost: 14,
});
export const tanh = unary(tanhOp);

/** ln(1 + eˣ) */
export const softplusOp = defineMap<[Node]>({
  name: "softplus",
  arity: 1,
  reference: ([x]) => softplus64(x),
  wgsl: ([x], _, four) => `safe_softplus${four}(${x})`,
  gradient: ([x], dy) => [mul(dy, sigmoid(x))],
  cost: 24,
});
export const softplus = unary(softplusOp);

export const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
export const softplus64 = (x: number): number => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0);
const normalDensity = (x: number): number => INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * x * x);

/** Φ(x) to float64: Taylor series of erf for small |x|, continued fraction of erfc beyond. */
function normalDistribution(x: number): number {
  const t = Math.abs(x) * SQRT_HALF;
  if (t < 2.5) {
    let term = t;
    let sum = t;
    for (let n = 1; Math.abs(term) > 1e-18 * sum && n < 200; n++) {
      term *= (-t * t) / n;
      sum += term / (2 * n + 1);
    }
    const erf = (2 / Math.sqrt(Math.PI)) * sum;
    return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
  }
  let fraction = 0;
  for (let n = 80; n >= 1; n--) fraction = n / 2 / (t + fraction);
  const erfc = Math.exp(-t * t) / Math.sqrt(Math.PI) / (t + fraction);
  return x < 0 ? erfc / 2 : 1 - erfc / 2;
}
