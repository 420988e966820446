import { ReparamError } from "../errors.ts";
import type { Node } from "../node/node.ts";
import { add, div, equal, greater, mul, sqrt, sub } from "../ops/arithmetic.ts";
import { parameter } from "../ops/leaf.ts";
import { uniform } from "../ops/noise.ts";
import { normalise } from "../ops/normalise.ts";
import { reshape } from "../ops/shape.ts";
import { ones, zeros } from "./initializers.ts";
import type { Layer } from "./layers.ts";
import { type Parameter, trained } from "./parameter.ts";

// The channels are the last axis of x: [batch, features] or images [batch, height, width, channels].

export interface NormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

export interface BatchNormOptions extends NormOptions {
  /** How far a step moves the running statistics towards those of its batch; default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015), with PyTorch's constants. In training, each channel gets mean 0 and
 * variance 1 over the batch's examples and all positions, and running statistics follow, the variance unbiased; in any
 * other pass the running statistics normalise. Then γ and β of each channel.
 *
 * One value alone has no variance: a batch of one example and one position throws ReparamError "config", as PyTorch refuses
 * it, and a ragged last batch that comes to one leaves the running variance as it is.
 */
export function batchNorm(
  name: string,
  channels: number,
  { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
): Layer {
  const { scale, shift } = affine(name, channels);
  const runningMean = statistic(`${name}.runningMean`, channels, 0);
  const runningVariance = statistic(`${name}.runningVariance`, channels, 1);
  return {
    parameters: [scale, shift, runningMean, runningVariance],
    apply: (x, pass) => {
      checkChannels(name, x, channels);
      if (!pass.training) {
        const inverse = div(1, sqrt(add(runningVariance.node, epsilon)));
        return add(mul(mul(sub(x, runningMean.node), inverse), scale.node), shift.node);
      }
      const axes = x.shape.map((_, axis) => axis).slice(0, -1);
      const positions = x.shape.slice(1, -1).reduce((product, extent) => product * extent, 1);
      if (x.shape[0] * positions === 1) throw oneValue(name);
      const perChannel = ({ node }: Parameter) => reshape(node, [...axes.map(() => 1), channels]);
      const { y, mean, variance, count } = normalise(x, {
        axes,
        scale: perChannel(scale),
        shift: perChannel(shift),
        weight: reshape(pass.weight, [x.shape[0], ...axes.map(() => 1)]),
        epsilon,
      });
      // Of a single value the variance is 0, divided by whatever but 0, and says nothing of others.
      const alone = equal(count, 1);
      const unbiased = reshape(div(mul(variance, count), add(sub(count, 1), alone)), [channels]);
      const follow = (current: Node, now: Node) => add(mul(1 - momentum, current), mul(momentum, now));
      pass.update(runningMean, (current) => follow(current, reshape(mean, [channels])));
      pass.update(runningVariance, (current) =>
        follow(current, positions === 1 ? add(unbiased, mul(alone, current)) : unbiased),
      );
      return y;
    },
  };
}

/** Layer normalisation (Ba et al. 2016) over the channels of each example and position, then γ and β of each channel. */
export function layerNorm(name: string, channels: number, { epsilon = 1e-5 }: NormOptions = {}): Layer {
  const { scale, shift } = affine(name, channels);
  return {
    parameters: [scale, shift],
    apply: (x) => {
      checkChannels(name, x, channels);
      const last = x.shape.length - 1;
      const perChannel = ({ node }: Parameter) => reshape(node, [...new Array<number>(last).fill(1), channels]);
      return normalise(x, { axes: [last], scale: perChannel(scale), shift: perChannel(shift), epsilon }).y;
    },
  };
}

/**
 * Group normalisation (Wu & He 2018): over all positions of each example and the channels of one of `groups` equal
 * groups, then γ and β of each channel. Throws ReparamError "config" where the channels do not divide.
 */
export function groupNorm(name: string, channels: number, groups: number, { epsilon = 1e-5 }: NormOptions = {}): Layer {
  if (!(Number.isInteger(groups) && groups > 0 && channels % groups === 0)) {
    throw new ReparamError("config", `groupNorm "${name}": ${channels} channels do not make ${groups} equal groups.`);
  }
  const { scale, shift } = affine(name, channels);
  return {
    parameters: [scale, shift],
    apply: (x) => {
      checkChannels(name, x, channels);
      const positions = x.shape.slice(1, -1).reduce((product, extent) => product * extent, 1);
      const perChannel = ({ node }: Parameter) => reshape(node, [1, 1, groups, channels / groups]);
      const { y } = normalise(reshape(x, [x.shape[0], positions, groups, channels / groups]), {
        axes: [1, 3],
        scale: perChannel(scale),
        shift: perChannel(shift),
        epsilon,
      });
      return reshape(y, x.shape);
    },
  };
}

/**
 * Dropout (Srivastava et al. 2014): in training, each number is 0 with probability `rate` and else divided by 1 − rate;
 * in any other pass, x as it is. The name selects the random numbers; applied twice, it draws twice.
 */
export function dropout(name: string, rate: number): Layer {
  if (!(rate >= 0 && rate < 1)) {
    throw new ReparamError("config", `dropout "${name}": the rate is ${rate}, and has to be at least 0 and below 1.`);
  }
  return {
    parameters: [],
    apply: (x, pass) =>
      pass.training && rate > 0 ? mul(x, mul(1 / (1 - rate), greater(uniform(pass.noise(name), x.shape), rate))) : x,
  };
}

function affine(name: string, channels: number): { scale: Parameter; shift: Parameter } {
  const fans = { fanIn: 1, fanOut: 1 };
  return {
    scale: trained(`${name}.weight`, [channels], ones, fans),
    shift: trained(`${name}.bias`, [channels], zeros, fans),
  };
}

const statistic = (name: string, channels: number, start: number): Parameter => ({
  name,
  shape: [channels],
  node: parameter(name, [channels]),
  trained: false,
  initialize: () => new Float32Array(channels).fill(start),
});

const oneValue = (name: string): ReparamError =>
  new ReparamError(
    "config",
    `batchNorm "${name}" has one value of each channel in a batch of 1, and that has no variance: take a larger batchSize, or ` +
      "another normalization (layer, group).",
  );

function checkChannels(name: string, { shape }: Node, channels: number): void {
  if (shape.length >= 2 && shape[shape.length - 1] === channels) return;
  throw new ReparamError("config", `"${name}" normalises ${channels} channels, and was given the shape [${shape}].`);
}
