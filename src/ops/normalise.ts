import { createNode, type Node, sameShape, shapeError, sizeOf } from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { add, div, mul, sqrt, square, sub } from "./arithmetic.ts";
import { constant } from "./leaf.ts";
import { sum } from "./reduce.ts";
import { concat, sliceAxis } from "./shape.ts";

export interface NormaliseOptions {
  /** The axes over which mean and variance are taken. */
  readonly axes: readonly number[];
  /** γ and β, of x's rank, with an extent of 1 where they are repeated. */
  readonly scale: Node;
  readonly shift: Node;
  /** How much each element counts, of x's rank: extents of 1 but for some of `axes`. Default: all the same. */
  readonly weight?: Node;
  /** Added to the variance. */
  readonly epsilon: number;
}

export interface Normalised {
  readonly y: Node;
  /** Of x, with extents of 1 in the place of `axes`; the variance is the biased one, by the two-pass formula. */
  readonly mean: Node;
  readonly variance: Node;
  /** The number of elements of each mean, a scalar. */
  readonly count: Node;
}

/** y = γ (x − mean) / √(variance + ε) + β, with the mean and variance of x itself (Ioffe & Szegedy 2015). */
export function normalise(x: Node, { axes, scale, shift, weight, epsilon }: NormaliseOptions): Normalised {
  const size = axes.reduce((product, axis) => product * x.shape[axis], 1);
  const whole = weight && sum(weight);
  const repeats = weight ? size / sizeOf(weight.shape) : 1;
  const count = whole ? mul(whole, repeats) : constant(size);
  // The quotient is the same for normalisations of all sizes, and divided once.
  const share = weight && whole ? mul(div(weight, whole), 1 / repeats) : constant(1 / size);
  const mean = total(mul(x, share), axes);
  const variance = total(mul(square(sub(x, mean)), share), axes);
  const inverse = div(1, sqrt(add(variance, epsilon)));
  const plain = add(mul(mul(sub(x, mean), inverse), scale), shift);
  const y = createNode(normaliseOp, [plain, x, mean, inverse, scale, shift, share], { axes });
  return { y, mean, variance, count };
}

/**
 * The value of its first input, y. What it adds is the gradient of the whole in one piece: with n the normalised x and
 * s the share of each element in the mean,
 *   dx = 1/σ · (γ dy − s (Σ γ dy + n Σ γ n dy)),   dγ = Σ n dy,   dβ = Σ dy,
 * which takes one pass for the sums and one for dx. Mean and σ each on a chain of their own would take one pass more,
 * for a term that is zero. Inputs: y, x, mean, 1/σ, γ, β, s. Nothing flows back to the weight.
 */
export const normaliseOp: Op = {
  name: "normalise",
  arity: 7,
  shape: ([y, x]) => {
    if (!sameShape(y, x)) throw shapeError("normalise", [y, x], "differ");
    return y;
  },
  gradient: ({ inputs: [_, x, mean, inverse, scale, , share], attributes }, dy) => {
    const axes = attributes.axes as readonly number[];
    const centred = sub(x, mean);
    // γ comes out of a sum over axes that it is the same along: then the sums of dγ and dβ are those of dx as well.
    const before = axes.filter((axis) => scale.shape[axis] === 1);
    const after = axes.filter((axis) => scale.shape[axis] !== 1);
    const slope = total(dy, before);
    const product = total(mul(dy, mul(centred, inverse)), before);
    const sums = [total(mul(scale, slope), after), total(mul(scale, product), after)];
    const [first, second, spread] = together(...sums, inverse);
    const projection = add(first, mul(mul(centred, spread), second));
    const dx = mul(spread, sub(mul(scale, dy), mul(share, projection)));
    return [undefined, dx, undefined, undefined, product, slope, undefined];
  },
  reference: ([y]) => y,
  lowering: { kind: "reshape" },
};

/** The same values as parts of one tensor: one binding for the kernel of dx, which may have eight. */
function together(...values: Node[]): Node[] {
  const all = concat(values, 0);
  const [extent] = values[0].shape;
  return values.map((_, k) => sliceAxis(all, 0, k * extent, (k + 1) * extent));
}

/** The sum over axes, which stay with an extent of 1; outer ones first, so that neighbouring columns are read together. */
function total(x: Node, axes: readonly number[]): Node {
  const sorted = [...axes].sort((a, b) => a - b);
  let result = x;
  while (sorted.length > 0) {
    const run = [sorted.shift()!];
    while (sorted[0] === run[run.length - 1] + 1) run.push(sorted.shift()!);
    result = sum(result, { axes: run, keepDims: true });
  }
  return result;
}
