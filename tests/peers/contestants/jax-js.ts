import {
  blockUntilReady,
  defaultDevice,
  grad,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import { asFloats, IMAGES, PIXELS, strokeImages } from "../problems/images.ts";
import {
  BATCH_SIZE,
  checkedSum,
  initialWeights,
  type KernelProblem,
  LEARNING_RATE,
  operandsOf,
  type TrainingProblem,
  type Weights,
} from "../problems/problem.ts";
import { assertAllMoved, type Contestant, type Run } from "./contestant.ts";

// An array is used up by what it is given to; `.ref` is one more use of it.
type Arrays = { [parameter: string]: np.Array };
type State = { weights: Arrays; mean: Arrays; square: Arrays; decay1: np.Array; decay2: np.Array; key: np.Array };

const arrayOf = (data: Float32Array, shape: readonly number[]): np.Array =>
  np.array(data as Float32Array<ArrayBuffer>).reshape([...shape]);

const dense = (weights: Arrays, x: np.Array, layer: string) =>
  np.dot(x, weights[`${layer}.weight`]).add(weights[`${layer}.bias`]);

interface Model {
  encode(weights: Arrays, x: np.Array): np.Array;
  decode(weights: Arrays, z: np.Array): np.Array;
  /** From the problem's layout of a parameter to the one that suits jax-js best. Adam does not mind. */
  layout(parameter: string, values: np.Array): np.Array;
}

const models: Record<TrainingProblem["model"], Model> = {
  vae: {
    encode: (weights, x) => dense(weights, nn.relu(dense(weights, x, "encoder.0")), "encoder.out"),
    decode: (weights, z) => dense(weights, nn.relu(dense(weights, z, "decoder.0")), "decoder.out"),
    layout: (_, values) => values,
  },
  // jax-js convolves NCHW images with OIHW kernels.
  "conv-vae": {
    encode(weights, x) {
      const conv = (images: np.Array, layer: string) =>
        nn.relu(lax.conv(images, weights[`${layer}.weight`], [2, 2], "SAME").add(weights[`${layer}.bias`]));
      const features = conv(conv(x.reshape([BATCH_SIZE, 1, 28, 28]), "encoder.conv.0"), "encoder.conv.1");
      const h = nn.relu(dense(weights, features.reshape([BATCH_SIZE, 64 * 7 * 7]), "encoder.dense"));
      return dense(weights, h, "encoder.out");
    },
    decode(weights, z) {
      const conv = (images: np.Array, layer: string, stride: number) =>
        lax.convTranspose(images, weights[`${layer}.weight`], [stride, stride], "SAME").add(weights[`${layer}.bias`]);
      const features = nn.relu(dense(weights, z, "decoder.dense")).reshape([BATCH_SIZE, 64, 7, 7]);
      const h = nn.relu(conv(nn.relu(conv(features, "decoder.conv.0", 2)), "decoder.conv.1", 2));
      return conv(h, "decoder.out", 1).reshape([BATCH_SIZE, PIXELS]);
    },
    layout(parameter, values) {
      if (parameter === "encoder.dense.weight") return channelsFirst(values, [7, 7, 64, 16], [2, 0, 1, 3], [3136, 16]);
      if (parameter === "decoder.dense.weight") return channelsFirst(values, [2, 7, 7, 64], [0, 3, 1, 2], [2, 3136]);
      if (parameter === "decoder.dense.bias") return channelsFirst(values, [7, 7, 64], [2, 0, 1], [3136]);
      if (values.shape.length === 1 && !parameter.includes("encoder.dense") && parameter !== "encoder.out.bias")
        return values.reshape([values.shape[0], 1, 1]);
      if (values.shape.length < 4) return values;
      if (parameter.startsWith("encoder")) return values.transpose([3, 2, 0, 1]);
      return np.flip(values.transpose([2, 3, 0, 1]), [2, 3]); // a transposed convolution's kernel is turned
    },
  },
};

const channelsFirst = (values: np.Array, shape: number[], axes: number[], result: number[]): np.Array =>
  values.reshape(shape).transpose(axes).reshape(result);

/** One Adam step as one jitted function: (state, images [IMAGES, PIXELS]) -> [loss, state]. */
function stepOf({ model, latent, parameters }: TrainingProblem) {
  const { encode, decode } = models[model];
  const loss = (weights: Arrays, x: np.Array, epsilon: np.Array): np.Array => {
    const encoded = encode(weights, x.ref);
    const mean = encoded.ref.slice([], [0, latent]);
    const logVariance = encoded.slice([], [latent, 2 * latent]);
    const logits = decode(weights, mean.ref.add(np.exp(logVariance.ref.mul(0.5)).mul(epsilon)));
    const reconstruction = nn.softplus(logits.ref).sub(logits.mul(x)).sum();
    const kl = np.square(mean).add(np.exp(logVariance.ref)).sub(1).sub(logVariance).sum().mul(0.5);
    return reconstruction.add(kl).div(BATCH_SIZE);
  };
  return jit((state: State, images: np.Array): [np.Array, State] => {
    const [key, batchKey, noiseKey] = splitKey(state.key, 3);
    const picked = random.randint(batchKey, { minval: 0, maxval: IMAGES, shape: [BATCH_SIZE] });
    const x = np.take(images, picked, 0);
    const epsilon = random.normal(noiseKey, [BATCH_SIZE, latent]);
    const [value, gradient] = valueAndGrad(loss)(tree.ref(state.weights), x, epsilon);

    const decay1 = state.decay1.mul(0.9);
    const decay2 = state.decay2.mul(0.999);
    const rate = decay1.ref.mul(-1).add(1);
    const correction = decay2.ref.mul(-1).add(1);
    const next: State = { weights: {}, mean: {}, square: {}, decay1, decay2, key };
    for (const name of Object.keys(parameters)) {
      const g = gradient[name];
      const mean = state.mean[name].mul(0.9).add(g.ref.mul(0.1));
      const square = state.square[name].mul(0.999).add(np.square(g).mul(0.001));
      const scale = np.sqrt(square.ref.div(correction.ref)).add(1e-8);
      next.weights[name] = state.weights[name].sub(mean.ref.div(rate.ref).div(scale).mul(LEARNING_RATE));
      next.mean[name] = mean;
      next.square[name] = square;
    }
    tree.dispose([rate, correction]);
    return [value, next];
  });
}

function splitKey(key: np.Array, count: number): np.Array[] {
  const keys = random.split(key, count);
  const parts = Array.from({ length: count }, (_, index) => keys.ref.slice(index));
  keys.dispose();
  return parts;
}

async function training(name: string, problem: TrainingProblem): Promise<Run> {
  const { parameters, model } = problem;
  const step = stepOf(problem);
  const initial = initialWeights(problem);
  const arrays = (from: (parameter: string) => Float32Array): Arrays =>
    Object.fromEntries(
      Object.entries(parameters).map(([key, { shape }]) => [key, models[model].layout(key, arrayOf(from(key), shape))]),
    );
  const zeros = () => arrays((key) => new Float32Array(initial[key].length));
  const images = arrayOf(asFloats(strokeImages()), [IMAGES, PIXELS]);
  let state: State = await blockUntilReady({
    weights: arrays((key) => initial[key]),
    mean: zeros(),
    square: zeros(),
    decay1: np.array(1, { dtype: np.float32 }),
    decay2: np.array(1, { dtype: np.float32 }),
    key: random.key(3),
  });
  const probe = async (): Promise<Weights> => {
    const entries = Object.entries(state.weights).map(async ([key, w]) => [key, (await w.ref.data()) as Float32Array]);
    return Object.fromEntries(await Promise.all(entries));
  };
  let before = await probe();
  return async (steps) => {
    let last: np.Array | undefined;
    for (let index = 0; index < steps; index++) {
      last?.dispose();
      [last, state] = step(state, images.ref);
      // jax-js asks for regular waits, lest pending operations pile up, and never runs an operation whose result is
      // disposed unread. Waiting every 8 steps, or for the loss alone, or picking the batch outside of `step`, was
      // measured no quicker on either backend.
      await blockUntilReady(state);
    }
    const after = await probe();
    assertAllMoved(name, before, after);
    before = after;
    return (await last!.data())[0];
  };
}

const conv = (x: np.Array, w: np.Array) => lax.conv(x, w, [2, 2], "SAME");

/** Of x and w the gradients of a convolution need only the shapes: jit drops the convolution itself. */
const ops: Record<KernelProblem["op"], (a: np.Array, b: np.Array) => np.Array> = {
  matmul: np.matmul,
  conv2d: conv,
  conv2dInputGradient: (dy, w) =>
    grad((x: np.Array, w: np.Array, dy: np.Array) => conv(x, w).mul(dy).sum())(
      np.zeros([BATCH_SIZE, 32, 28, 28]),
      w,
      dy,
    ),
  conv2dFilterGradient: (x, dy) =>
    grad((w: np.Array, x: np.Array, dy: np.Array) => conv(x, w).mul(dy).sum())(np.zeros([64, 32, 3, 3]), x, dy),
};

async function kernel(problem: KernelProblem): Promise<Run> {
  const operands = operandsOf(problem);
  const isKernel = (shape: readonly number[]) => shape[0] === 3;
  const [a, b] = await blockUntilReady(
    operands.map((data, k) => {
      const array = arrayOf(data, problem.shapes[k]);
      if (problem.op === "matmul") return array;
      return array.transpose(isKernel(problem.shapes[k]) ? [3, 2, 0, 1] : [0, 3, 1, 2]);
    }),
  );
  const launch = jit(ops[problem.op]);
  return async (repeats) => {
    let last: np.Array | undefined;
    for (let index = 0; index < repeats; index++) {
      last?.dispose();
      last = launch(a.ref, b.ref);
      await blockUntilReady(last);
    }
    if (problem.op !== "matmul") last = last!.transpose(isKernel(problem.result) ? [2, 3, 1, 0] : [0, 2, 3, 1]);
    return checkedSum(problem, operands, (await last!.data()) as Float32Array);
  };
}

export function jaxJs(backend: "webgpu" | "wasm"): Contestant {
  const name = `jax-js ${backend}`;
  return {
    name,
    async prepare(problem) {
      if (!(await init(backend)).includes(backend)) throw new Error(`${name}: this backend is not available here`);
      defaultDevice(backend);
      return problem.kind === "training" ? training(name, problem) : kernel(problem);
    },
  };
}
