import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasmUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import wasmThreadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import { conv2DBackpropFilter } from "@tensorflow/tfjs-core/dist/ops/conv2d_backprop_filter";
import "@tensorflow/tfjs-core/dist/register_all_gradients"; // as @tensorflow/tfjs does; bundlers drop them otherwise
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

type Variables = { [parameter: string]: tf.Variable };
type Activation = "linear" | "relu";

/** The layers as tfjs-layers builds them: fused where there is a fused op. */
function layersOf(weights: Variables) {
  const biasOf = (layer: string) => weights[`${layer}.bias`];
  return {
    dense: (a: tf.Tensor, layer: string, activation: Activation) =>
      tf.fused.matMul({ a, b: weights[`${layer}.weight`], bias: biasOf(layer), activation } as Parameters<
        typeof tf.fused.matMul
      >[0]),
    conv: (x: tf.Tensor, layer: string) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: weights[`${layer}.weight`] as tf.Variable<tf.Rank.R4>,
        strides: 2,
        pad: "same",
        bias: biasOf(layer),
        activation: "relu",
      }),
    convTranspose: (x: tf.Tensor, layer: string, size: number, strides: number) => {
      const filter = weights[`${layer}.weight`] as tf.Variable<tf.Rank.R4>;
      const shape: [number, number, number, number] = [BATCH_SIZE, size, size, filter.shape[2]];
      return tf.add(tf.conv2dTranspose(x as tf.Tensor4D, filter, shape, strides, "same"), biasOf(layer));
    },
  };
}

const models: Record<
  TrainingProblem["model"],
  { encode(weights: Variables, x: tf.Tensor): tf.Tensor; decode(weights: Variables, z: tf.Tensor): tf.Tensor }
> = {
  vae: {
    encode(weights, x) {
      const { dense } = layersOf(weights);
      return dense(dense(x, "encoder.0", "relu"), "encoder.out", "linear");
    },
    decode(weights, z) {
      const { dense } = layersOf(weights);
      return dense(dense(z, "decoder.0", "relu"), "decoder.out", "linear");
    },
  },
  "conv-vae": {
    encode(weights, x) {
      const { dense, conv } = layersOf(weights);
      const images = tf.reshape(x, [BATCH_SIZE, 28, 28, 1]);
      const features = tf.reshape(conv(conv(images, "encoder.conv.0"), "encoder.conv.1"), [BATCH_SIZE, 7 * 7 * 64]);
      return dense(dense(features, "encoder.dense", "relu"), "encoder.out", "linear");
    },
    decode(weights, z) {
      const { dense, convTranspose } = layersOf(weights);
      const features = tf.reshape(dense(z, "decoder.dense", "relu"), [BATCH_SIZE, 7, 7, 64]);
      const h1 = tf.relu(convTranspose(features, "decoder.conv.0", 14, 2));
      const h2 = tf.relu(convTranspose(h1, "decoder.conv.1", 28, 2));
      return tf.reshape(convTranspose(h2, "decoder.out", 28, 1), [BATCH_SIZE, PIXELS]);
    },
  },
};

function lossOf({ model, latent }: TrainingProblem, weights: Variables, images: tf.Tensor2D): tf.Scalar {
  const { encode, decode } = models[model];
  const x = tf.gather(images, tf.randomUniform([BATCH_SIZE], 0, IMAGES, "int32") as tf.Tensor1D);
  const [mean, logVariance] = tf.split(encode(weights, x), 2, 1);
  const epsilon = tf.randomNormal([BATCH_SIZE, latent]);
  const logits = decode(weights, tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), epsilon)));
  // softplus(l) − l·x is what tf.losses.sigmoidCrossEntropy computes, in a third of its operations.
  const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, x)));
  const kl = tf.mul(tf.sum(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1))), 0.5);
  return tf.div(tf.add(reconstruction, kl), BATCH_SIZE);
}

function training(name: string, problem: TrainingProblem): Run {
  let before = initialWeights(problem);
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  const images = tf.tensor2d(asFloats(strokeImages()), [IMAGES, PIXELS]);
  const variables: Variables = Object.fromEntries(
    Object.entries(problem.parameters).map(([parameter, { shape }]) => [
      parameter,
      tf.variable(tf.tensor(before[parameter], [...shape]), true, parameter),
    ]),
  );
  const probe = async (): Promise<Weights> => {
    const entries = Object.entries(variables).map(async ([key, variable]) => [
      key,
      (await variable.data()) as Float32Array,
    ]);
    return Object.fromEntries(await Promise.all(entries));
  };
  return async (steps) => {
    let last: tf.Scalar | undefined;
    for (let index = 0; index < steps; index++) {
      last?.dispose();
      // minimize tidies its own intermediate tensors and keeps only the loss.
      last = optimizer.minimize(() => lossOf(problem, variables, images), true) as tf.Scalar;
    }
    const value = (await last!.data())[0];
    last!.dispose();
    // The loss does not depend on the last update, so the weights are read as well.
    const after = await probe();
    assertAllMoved(name, before, after);
    before = after;
    return value;
  };
}

const ops: Record<KernelProblem["op"], (a: tf.Tensor, b: tf.Tensor, result: readonly number[]) => tf.Tensor> = {
  matmul: (a, b) => tf.matMul(a, b),
  conv2d: (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, "same"),
  conv2dInputGradient: (dy, w, result) =>
    tf.conv2dTranspose(dy as tf.Tensor4D, w as tf.Tensor4D, result as [number, number, number, number], 2, "same"),
  conv2dFilterGradient: (x, dy, result) =>
    conv2DBackpropFilter(x as tf.Tensor4D, dy as tf.Tensor4D, result as [number, number, number, number], 2, "same"),
};

function kernel(problem: KernelProblem): Run {
  const operands = operandsOf(problem);
  const [a, b] = operands.map((data, k) => tf.tensor(data, [...problem.shapes[k]]));
  return async (repeats) => {
    let last: tf.Tensor | undefined;
    for (let launch = 0; launch < repeats; launch++) {
      last?.dispose();
      last = ops[problem.op](a, b, problem.result);
    }
    const result = (await last!.data()) as Float32Array;
    last!.dispose();
    return checkedSum(problem, operands, result);
  };
}

export function tfjs(backend: "webgpu" | "wasm"): Contestant {
  const name = `TensorFlow.js ${backend}`;
  return {
    name,
    async prepare(problem) {
      setWasmPaths({
        "tfjs-backend-wasm.wasm": wasmUrl,
        "tfjs-backend-wasm-simd.wasm": wasmSimdUrl,
        "tfjs-backend-wasm-threaded-simd.wasm": wasmThreadedUrl,
      });
      if (!(await tf.setBackend(backend))) throw new Error(`${name}: this backend is not available here`);
      await tf.ready();
      return problem.kind === "training" ? training(name, problem) : kernel(problem);
    },
  };
}
