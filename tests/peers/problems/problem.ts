import { sizeOf, uniformArray, uniforms } from "./random.ts";

/** A model that is trained, on the images of images.ts: what a contestant is timed at is a step. */
export interface TrainingProblem {
  readonly kind: "training";
  readonly model: "vae" | "conv-vae";
  readonly latent: number;
  /** Images NHWC, kernels [KH, KW, in, out], those of transposed convolutions [KH, KW, out, in], dense weights [in, out]. */
  readonly parameters: Readonly<Record<string, { readonly shape: readonly number[]; readonly fanIn: number }>>;
  /** Losses are compared after so many steps, as the mean of the last `averagedSteps` of them. */
  readonly checkSteps: number;
  readonly averagedSteps: number;
}

/** One kernel: what a contestant is timed at is a launch. */
export interface KernelProblem {
  readonly kind: "kernel";
  /** x: images, w: the kernel, dy: the output's gradient, of a convolution 3 x 3 with stride 2 and SAME padding. */
  readonly op: "matmul" | "conv2d" | "conv2dInputGradient" | "conv2dFilterGradient";
  /** Shapes of the two operands, in the order of the op's arguments, and of the result. */
  readonly shapes: readonly [readonly number[], readonly number[]];
  readonly result: readonly number[];
  /** Multiplications and additions of a launch. */
  readonly flops: number;
  /** One element of the result in float64. */
  exact(operands: Operands, index: number): number;
}

export type Problem = TrainingProblem | KernelProblem;
export type Operands = readonly [Float32Array, Float32Array];
export type Weights = Record<string, Float32Array>;

export const BATCH_SIZE = 128;
export const LEARNING_RATE = 1e-3;

/** PyTorch's default: weights and biases from U(±1/√fan_in). */
export function initialWeights({ parameters }: TrainingProblem): Weights {
  const uniform = uniforms(1);
  const draw = ({ shape, fanIn }: { shape: readonly number[]; fanIn: number }) =>
    uniformArray(sizeOf(shape), 1 / Math.sqrt(fanIn), uniform);
  return Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, draw(parameter)]));
}

/** The operands of a kernel, from U(±1). */
export function operandsOf({ shapes }: KernelProblem): Operands {
  const uniform = uniforms(3);
  return [uniformArray(sizeOf(shapes[0]), 1, uniform), uniformArray(sizeOf(shapes[1]), 1, uniform)];
}

const SAMPLES = 64;
/** Of the typical element: f32 sums of 25,000 products in any order stay well below it. */
const KERNEL_TOLERANCE = 1e-4;

/**
 * The mean magnitude of a kernel's whole result, by which contestants are compared. Throws where one of 64 elements
 * spread over the result is not what float64 says.
 */
export function checkedSum(problem: KernelProblem, operands: Operands, result: Float32Array): number {
  const size = sizeOf(problem.result);
  if (result.length !== size) throw new Error(`the result has ${result.length} elements, not ${size}`);
  const typical = Math.sqrt(result.reduce((sum, value) => sum + value * value, 0) / size);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const index = Math.floor(((sample + 0.5) * size) / SAMPLES);
    const exact = problem.exact(operands, index);
    const error = Math.abs(result[index] - exact) / Math.max(Math.abs(exact), typical);
    if (!(error <= KERNEL_TOLERANCE)) throw new Error(`element ${index} is ${result[index]} and should be ${exact}`);
  }
  return result.reduce((sum, value) => sum + Math.abs(value), 0) / size;
}
