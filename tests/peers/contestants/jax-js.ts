import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import { asFloats, BATCH_SIZE, IMAGES, LATENT, LEARNING_RATE, PARAMETERS, PIXELS, SHAPES } from "../problem.ts";
import { assertAllMoved, type Contestant, type Probe } from "./contestant.ts";

type Arrays = { [parameter: string]: np.Array };
type State = { weights: Arrays; mean: Arrays; square: Arrays; decay1: np.Array; decay2: np.Array; key: np.Array };

function loss(weights: Arrays, x: np.Array, epsilon: np.Array): np.Array {
  const dense = (input: np.Array, layer: string) =>
    np.dot(input, weights[`${layer}.weight`]).add(weights[`${layer}.bias`]);
  const encoded = dense(nn.relu(dense(x.ref, "encoder.0")), "encoder.out");
  const mean = encoded.ref.slice([], [0, LATENT]);
  const logVariance = encoded.slice([], [LATENT, 2 * LATENT]);
  const z = mean.ref.add(np.exp(logVariance.ref.mul(0.5)).mul(epsilon));
  const logits = dense(nn.relu(dense(z, "decoder.0")), "decoder.out");
  const reconstruction = nn.softplus(logits.ref).sub(logits.mul(x)).sum();
  const kl = np.square(mean).add(np.exp(logVariance.ref)).sub(1).sub(logVariance).sum().mul(0.5);
  return reconstruction.add(kl).div(BATCH_SIZE);
}

/** One Adam step as one jitted function: (state, images [IMAGES, PIXELS]) -> [loss, state]. */
const step = jit((state: State, images: np.Array): [np.Array, State] => {
  const [key, batchKey, noiseKey] = splitKey(state.key, 3);
  const picked = random.randint(batchKey, { minval: 0, maxval: IMAGES, shape: [BATCH_SIZE] });
  const x = np.take(images, picked, 0);
  const epsilon = random.normal(noiseKey, [BATCH_SIZE, LATENT]);
  const [value, gradient] = valueAndGrad(loss)(tree.ref(state.weights), x, epsilon);

  const decay1 = state.decay1.mul(0.9);
  const decay2 = state.decay2.mul(0.999);
  const rate = decay1.ref.mul(-1).add(1);
  const correction = decay2.ref.mul(-1).add(1);
  const next: State = { weights: {}, mean: {}, square: {}, decay1, decay2, key };
  for (const name of PARAMETERS) {
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

function splitKey(key: np.Array, count: number): np.Array[] {
  const keys = random.split(key, count);
  const parts = Array.from({ length: count }, (_, index) => keys.ref.slice(index));
  keys.dispose();
  return parts;
}

async function probe(weights: Arrays): Promise<Probe> {
  const entries = PARAMETERS.map(async (name) => [name, (await weights[name].ref.data()) as Float32Array]);
  return Object.fromEntries(await Promise.all(entries));
}

export function jaxJs(backend: "webgpu" | "wasm"): Contestant {
  const name = `jax-js ${backend}`;
  let images: np.Array;
  let state: State;
  let before: Probe;
  return {
    name,
    async prepare(weights, bytes) {
      if (!(await init(backend)).includes(backend)) throw new Error(`${name}: this backend is not available here`);
      defaultDevice(backend);
      const arrays = (from: (size: number, parameter: keyof typeof SHAPES) => Float32Array): Arrays =>
        Object.fromEntries(
          PARAMETERS.map((parameter) => {
            const data = from(weights[parameter].length, parameter);
            return [parameter, np.array(data as Float32Array<ArrayBuffer>).reshape([...SHAPES[parameter]])];
          }),
        );
      images = np.array(asFloats(bytes) as Float32Array<ArrayBuffer>).reshape([IMAGES, PIXELS]);
      state = {
        weights: arrays((_, parameter) => weights[parameter]),
        mean: arrays((size) => new Float32Array(size)),
        square: arrays((size) => new Float32Array(size)),
        decay1: np.array(1, { dtype: np.float32 }),
        decay2: np.array(1, { dtype: np.float32 }),
        key: random.key(3),
      };
      before = { ...weights };
    },
    async run(steps) {
      let last: np.Array | undefined;
      for (let index = 0; index < steps; index++) {
        last?.dispose();
        [last, state] = step(state, images.ref);
        // jax-js asks for regular waits, lest pending operations pile up, and never runs an operation whose result is
        // disposed unread. Waiting every 8 steps, or for the loss alone, or picking the batch outside of `step`, was
        // measured no quicker on either backend.
        await blockUntilReady(state);
      }
      const after = await probe(state.weights);
      assertAllMoved(name, before, after);
      before = after;
      return (await last!.data())[0];
    },
    dispose() {
      tree.dispose([images, state]);
    },
  };
}
