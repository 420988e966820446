import { type Shape, sizeOf } from "../node/node.ts";
import { streamOf } from "../ops/noise.ts";
import { createStream, type Stream } from "../random/stream.ts";

/** Draws the first values of a parameter: `shape` f32. */
export type Initializer = (draw: Draw) => Float32Array;

/** What an initializer makes values of: sizes, and the random numbers of this parameter. */
export interface Draw extends Stream {
  readonly shape: Shape;
  /** Inputs that add up in one output of the layer. */
  readonly fanIn: number;
  /** Outputs that one input reaches. */
  readonly fanOut: number;
}

function fill({ shape }: Draw, value: (index: number) => number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  for (let index = 0; index < values.length; index++) values[index] = value(index);
  return values;
}

/** U(−bound, bound) */
const uniformWithin = (draw: Draw, bound: number) => fill(draw, (index) => (2 * draw.uniform(index) - 1) * bound);

export const zeros: Initializer = (draw) => fill(draw, () => 0);

export const ones: Initializer = (draw) => fill(draw, () => 1);

/** PyTorch's default of linear and convolutional layers, weights and biases alike: U(±1/√fan_in). */
const uniformFanIn: Initializer = (draw) => uniformWithin(draw, 1 / Math.sqrt(draw.fanIn));

/** U(±√(6 / (fan_in + fan_out))) (Glorot & Bengio 2010); Keras's default. */
const glorotUniform: Initializer = (draw) => uniformWithin(draw, Math.sqrt(6 / (draw.fanIn + draw.fanOut)));

/** N(0, 2 / fan_in) (He et al. 2015). */
const heNormal: Initializer = (draw) => fill(draw, (index) => draw.normal(index) * Math.sqrt(2 / draw.fanIn));

/** N(0, 1): PyTorch's default of embeddings. */
export const standardNormal: Initializer = (draw) => fill(draw, draw.normal);

/** How the weights and biases of all layers of a model begin. */
export const initializers = {
  pytorch: { weight: uniformFanIn, bias: uniformFanIn },
  glorot: { weight: glorotUniform, bias: zeros },
  he: { weight: heNormal, bias: zeros },
} as const;

export type InitializerName = keyof typeof initializers;

/** The numbers that an initializer draws from: a stream of their own for each parameter name, below the seed. */
export const drawFor = (name: string, seed: number, sizes: Pick<Draw, "shape" | "fanIn" | "fanOut">): Draw => ({
  ...sizes,
  ...createStream(streamOf(`initial ${name}`), seed),
});
