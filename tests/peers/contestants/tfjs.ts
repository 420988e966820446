import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import wasmUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimdUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import wasmThreadedUrl from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients"; // as @tensorflow/tfjs does; bundlers drop them otherwise
import { asFloats, BATCH_SIZE, IMAGES, LATENT, LEARNING_RATE, PARAMETERS, PIXELS, SHAPES } from "../problem.ts";
import { assertAllMoved, type Contestant, type Probe } from "./contestant.ts";

type Variables = { [parameter: string]: tf.Variable };

function loss(weights: Variables, images: tf.Tensor2D): tf.Scalar {
  const dense = (a: tf.Tensor2D, layer: string, activation: "linear" | "relu") =>
    tf.fused.matMul({ a, b: weights[`${layer}.weight`], bias: weights[`${layer}.bias`], activation }) as tf.Tensor2D;
  const x = tf.gather(images, tf.randomUniform([BATCH_SIZE], 0, IMAGES, "int32") as tf.Tensor1D);
  const encoded = dense(dense(x, "encoder.0", "relu"), "encoder.out", "linear");
  const [mean, logVariance] = tf.split(encoded, 2, 1);
  const epsilon = tf.randomNormal([BATCH_SIZE, LATENT]);
  const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), epsilon)) as tf.Tensor2D;
  const logits = dense(dense(z, "decoder.0", "relu"), "decoder.out", "linear");
  // softplus(l) − l·x is what tf.losses.sigmoidCrossEntropy computes, in a third of its operations.
  const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, x)));
  const kl = tf.mul(tf.sum(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1))), 0.5);
  return tf.div(tf.add(reconstruction, kl), BATCH_SIZE);
}

async function probe(weights: Variables): Promise<Probe> {
  const entries = PARAMETERS.map(async (name) => [name, (await weights[name].data()) as Float32Array]);
  return Object.fromEntries(await Promise.all(entries));
}

export function tfjs(backend: "webgpu" | "wasm"): Contestant {
  const name = `TensorFlow.js ${backend}`;
  let optimizer: tf.AdamOptimizer;
  let images: tf.Tensor2D;
  let variables: Variables;
  let before: Probe;
  return {
    name,
    async prepare(weights, bytes) {
      setWasmPaths({
        "tfjs-backend-wasm.wasm": wasmUrl,
        "tfjs-backend-wasm-simd.wasm": wasmSimdUrl,
        "tfjs-backend-wasm-threaded-simd.wasm": wasmThreadedUrl,
      });
      if (!(await tf.setBackend(backend))) throw new Error(`${name}: this backend is not available here`);
      await tf.ready();
      optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
      images = tf.tensor2d(asFloats(bytes), [IMAGES, PIXELS]);
      variables = Object.fromEntries(
        PARAMETERS.map((parameter) => [
          parameter,
          tf.variable(tf.tensor(weights[parameter], [...SHAPES[parameter]]), true, parameter),
        ]),
      );
      before = { ...weights };
    },
    async run(steps) {
      let last: tf.Scalar | undefined;
      for (let index = 0; index < steps; index++) {
        last?.dispose();
        // minimize tidies its own intermediate tensors and keeps only the loss.
        last = optimizer.minimize(() => loss(variables, images), true) as tf.Scalar;
      }
      const value = (await last!.data())[0];
      last!.dispose();
      // The loss does not depend on the last update, so the weights are read as well.
      const after = await probe(variables);
      assertAllMoved(name, before, after);
      before = after;
      return value;
    },
    dispose() {
      tf.dispose([images, variables]);
      optimizer.dispose();
    },
  };
}
