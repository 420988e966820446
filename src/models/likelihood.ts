import { type Field, fieldSize } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { zeros } from "../nn/initializers.ts";
import { type Parameter, trained } from "../nn/parameter.ts";
import type { Node } from "../node/node.ts";
import { sigmoid, softplus, tanh } from "../ops/activation.ts";
import { abs, add, clamp, div, exp, expm1, greater, log, mul, neg, square, sub } from "../ops/arithmetic.ts";
import { constant } from "../ops/leaf.ts";
import { bceWithLogits, gaussianNll, squaredError } from "../ops/loss.ts";
import { sum } from "../ops/reduce.ts";
import { reshape, sliceAxis } from "../ops/shape.ts";
import { flat, meanOverExamples, perExample } from "./examples.ts";
import type { Range } from "./model.ts";

/** What is observed given a decoder's output. */
export interface Likelihood {
  /** Numbers that the decoder gives for each number of x: along the last axis, those of the first kind come first. */
  readonly outputs: number;
  /** Where examples have to lie. */
  readonly within?: Range;
  readonly parameters: readonly Parameter[];
  /** −ln p(x | output) in nats: [rows, ...] and [rows, ...shape] → [rows]. weight: [rows], 0 past a ragged end. */
  nll(output: Node, x: Node, weight: Node): Node;
  /** The mean of x: [rows, ...] → [rows, features] */
  mean(output: Node): Node;
}

export interface LikelihoodParts {
  /** What is observed. */
  readonly x: Field;
  /** The standard deviation, where it is given. */
  readonly sigma: number;
}

/** A likelihood that looks at each number by itself, without parameters. */
const elementwise = (error: (output: Node, x: Node) => Node, mean: (output: Node) => Node): Likelihood => ({
  outputs: 1,
  parameters: [],
  nll: (output, x) => perExample(error(flat(output), flat(x))),
  mean: (output) => mean(flat(output)),
});

/** A Gaussian whose one standard deviation, or one a number, is trained beside the weights. */
function learnedGaussian(count: number): Likelihood {
  const logSigma = trained("likelihood.logSigma", [count], zeros, { fanIn: 1, fanOut: 1 });
  return {
    ...elementwise(
      (output, x) => gaussianNll(output, mul(2, logSigma.node), x),
      (output) => output,
    ),
    parameters: [logSigma],
  };
}

/** The two halves of a decoder's output: [rows, ...] → two [rows, features]. */
function halves(output: Node, { shape }: Field): [Node, Node] {
  const axis = shape.length;
  const extent = shape[axis - 1];
  const both = reshape(output, [output.shape[0], ...shape.slice(0, -1), 2 * extent]);
  return [flat(sliceAxis(both, axis, 0, extent)), flat(sliceAxis(both, axis, extent, 2 * extent))];
}

/** v, but smoothly kept above a floor. */
const above = (floor: number, v: Node): Node => add(floor, softplus(sub(v, floor)));

/** v, but smoothly kept below a ceiling. */
const below = (ceiling: number, v: Node): Node => neg(above(-ceiling, neg(v)));

/**
 * ln C of a continuous Bernoulli by its logit, C = l / tanh(l / 2); its series where that is 0 / 0
 * (Loaiza-Ganem and Cunningham 2019, https://arxiv.org/abs/1907.06845).
 */
function logNormalizer(l: Node): Node {
  const { far, safe, near } = aroundZero(l);
  const series = add(Math.LN2, mul(square(l), sub(1 / 12, mul(7 / 1440, square(l)))));
  return add(mul(far, log(div(safe, tanh(mul(0.5, safe))))), mul(near, series));
}

/** The mean of a continuous Bernoulli by its logit: 1 / (1 − e⁻ˡ) − 1 / l. */
function continuousBernoulliMean(l: Node): Node {
  const { far, safe, near } = aroundZero(l);
  const series = add(0.5, mul(l, sub(1 / 12, mul(1 / 720, square(l)))));
  return add(mul(far, sub(div(-1, expm1(neg(safe))), div(1, safe))), mul(near, series));
}

/** Where a logit is far from 0, and where it is near; `safe` is the logit there, and 1 here. */
function aroundZero(l: Node) {
  const far = greater(abs(l), 0.3);
  const near = sub(1, far);
  return { far, near, safe: add(mul(far, l), near) };
}

/**
 * −ln P(k) of a byte x = k / 255 under a logistic distribution that is cut into 256 bins, those at the ends open; every
 * difference of two sigmoids is taken by its logarithm (Salimans et al. 2017, https://arxiv.org/abs/1701.05517).
 */
export function discretisedLogisticNll(mean: Node, logScale: Node, x: Node): Node {
  const inverse = exp(neg(logScale));
  const upper = mul(add(sub(x, mean), 1 / 510), inverse);
  const lower = mul(sub(sub(x, mean), 1 / 510), inverse);
  // ln(σ(u) − σ(l)) = u + ln(1 − e^(l − u)) − softplus(u) − softplus(l)
  const inside = add(upper, sub(log(neg(expm1(mul(-1 / 255, inverse)))), add(softplus(upper), softplus(lower))));
  const first = greater(0.5 / 255, x);
  const last = greater(x, 254.5 / 255);
  const between = sub(1, add(first, last));
  return sub(add(mul(first, softplus(neg(upper))), mul(last, softplus(lower))), mul(between, inside));
}

/**
 * What is observed given a decoder's output. `bernoulli`: each number is a probability, or black or white, and the output
 * its logit. `continuousBernoulli`: the same, normalised for numbers in 0..1. `gaussian`: the output is the mean, and the
 * standard deviation is given; `gaussianShared`: trained, one for all numbers; `gaussianEach`: trained, one for each
 * number; `gaussianDecoded`: from the decoder, beside the mean; `gaussianCalibrated`: the root of the batch's mean squared
 * error (Rybkin et al. 2021, https://arxiv.org/abs/2006.13202). `discretisedLogistic`: a byte, mean and scale from the decoder.
 */
export const likelihoods = {
  bernoulli: () => ({ ...elementwise(bceWithLogits, sigmoid), within: [0, 1] }),
  continuousBernoulli: () => ({
    ...elementwise((output, x) => sub(bceWithLogits(output, x), logNormalizer(output)), continuousBernoulliMean),
    within: [0, 1],
  }),
  gaussian: ({ sigma }) =>
    elementwise(
      (output, x) => gaussianNll(output, constant(2 * Math.log(sigma)), x),
      (output) => output,
    ),
  gaussianShared: () => learnedGaussian(1),
  gaussianEach: ({ x }) => learnedGaussian(fieldSize(x)),
  gaussianDecoded: ({ x: field }) => ({
    outputs: 2,
    parameters: [],
    nll: (output, x) => {
      const [mean, logVariance] = halves(output, field);
      return perExample(gaussianNll(mean, above(-12, logVariance), flat(x)));
    },
    mean: (output) => halves(output, field)[0],
  }),
  gaussianCalibrated: ({ x: field }) => ({
    outputs: 1,
    parameters: [],
    nll: (output, x, weight) => {
      const features = fieldSize(field);
      const errors = perExample(squaredError(flat(output), flat(x)));
      const batch = sum(meanOverExamples(reshape(errors, [weight.shape[0], 1]), weight));
      const meanError = clamp(div(batch, features), 1e-8, 1e8);
      return add(mul(features / 2, add(log(meanError), Math.log(2 * Math.PI))), div(mul(0.5, errors), meanError));
    },
    mean: flat,
  }),
  discretisedLogistic: ({ x: field }) => {
    if (field.store !== "u8" || field.unit !== 255) {
      throw new ReparamError(
        "data",
        "likelihood discretisedLogistic is one of bytes that stand for 0..1, and x is not.",
      );
    }
    return {
      outputs: 2,
      parameters: [],
      nll: (output, x) => {
        const [mean, logScale] = halves(output, field);
        return perExample(discretisedLogisticNll(mean, above(-7, below(7, logScale)), flat(x)));
      },
      mean: (output) => clamp(halves(output, field)[0], 0, 1),
    };
  },
} as const satisfies Record<string, (parts: LikelihoodParts) => Likelihood>;

export type LikelihoodName = keyof typeof likelihoods;
