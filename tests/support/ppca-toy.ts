import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, vector } from "../../src/data/dataset.ts";
import type { Flow } from "../../src/models/inference.ts";
import { type PosteriorName, posteriors } from "../../src/models/posterior.ts";
import { variational } from "../../src/models/variational.ts";
import { dense, type Layer } from "../../src/nn/layers.ts";
import type { Parameter } from "../../src/nn/parameter.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { parameter } from "../../src/ops/leaf.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { long } from "./long.ts";
import { sharedDevice, withTrainer } from "./training.ts";

/**
 * Probabilistic PCA with everything known: x = w z + mean + noise of that variance, for one x. Of posteriors with a diagonal
 * covariance the best misses the correlations of the exact one, and its ELBO is below ln p(x).
 */
export const TOY = {
  w: [
    [0.126, -0.132, 0.64],
    [0.105, -0.536, 0.362],
    [1.304, 0.947, -0.704],
    [-1.265, -0.623, 0.041],
    [-2.325, -0.219, -1.246],
  ],
  mean: [-0.732, -0.544, -0.316, 0.412, 1.043],
  variance: 0.3,
  x: [-0.193, 2.05, -0.998, 0.527, 1.355],
  logEvidence: -12.403189239519172,
  bestDiagonal: -13.060780499410056,
  posteriorMean: [0.30071017889818674, -1.583945830927927, -0.11779321385831429],
  posteriorCovariance: [
    [0.11296610653036533, -0.1885717623693828, -0.12548026063634618],
    [-0.1885717623693828, 0.48435380910479403, 0.2504034294745381],
    [-0.12548026063634618, 0.2504034294745381, 0.25305553558924837],
  ],
  /** The best variances of a posterior with a diagonal covariance. */
  bestVariances: [0.033210943625862334, 0.15482920016783486, 0.10378981593568076],
};

/** The one example, so many times. */
export function toyExamples(rows: number): Dataset {
  const features = TOY.x.length;
  const x = Float32Array.from({ length: rows * features }, (_, k) => TOY.x[k % features]);
  const split = { count: rows, values: { x } };
  return { name: "one example", fields: { x: vector(features) }, train: split, test: split };
}

const given = (name: string, shape: number[], values: readonly number[]): Parameter => ({
  name,
  shape,
  node: parameter(name, shape),
  trained: false,
  initialize: () => Float32Array.from(values),
});

/** x = W z + mean, which does not move. */
function knownDecoder(): Layer {
  const [features, latent] = [TOY.w.length, TOY.w[0].length];
  const columns = Array.from({ length: latent }, (_, k) => TOY.w.map((row) => row[k])).flat();
  const weight = given("decoder.weight", [latent, features], columns);
  const bias = given("decoder.bias", [features], TOY.mean);
  return { parameters: [weight, bias], apply: (z) => add(matmul(z, weight.node), bias.node) };
}

interface Inference {
  readonly posterior: PosteriorName;
  readonly divergence: "analytic" | "monteCarlo";
  readonly flow?: Flow;
}

interface TrainedToy {
  /** The ELBO on the one example. */
  readonly bound: number;
  /** What the use `posterior` says of it; empty with a flow, which has none. */
  readonly mean: readonly number[];
  readonly factor: readonly number[];
}

/** What an encoder reaches on the one example. */
export async function trainedToy({ posterior, divergence, flow }: Inference): Promise<TrainedToy> {
  const [features, latent, rows] = [TOY.x.length, 3, 64];
  const encoded = posteriors[posterior].outputs(latent) + (flow?.context ?? 0);
  const model = variational({
    x: vector(features),
    latent,
    likelihood: "gaussian",
    sigma: Math.sqrt(TOY.variance),
    posterior,
    divergence,
    flow,
    encoder: dense("encoder", features, encoded),
    decoder: knownDecoder(),
  });
  const [steps, evaluations] = long ? [1500, 100] : [1000, 20];
  const options = {
    ...trainingWith({ optimizer: { learningRate: 0.02 } }),
    learningRateSchedule: { name: "cosine", warmupSteps: 20, final: 0 },
    dataset: toyExamples(rows),
    batchSize: rows,
    seed: 1,
  } as const;
  return withTrainer(
    await sharedDevice(),
    model,
    options,
    async (trainer) => {
      await trainer.train(steps, () => {});
      let bound = 0;
      for (let k = 0; k < evaluations; k++) bound -= (await trainer.evaluate(k))!.loss / evaluations;
      if (flow) return { bound, mean: [], factor: [] };
      const said = await trainer.uses.run("posterior", 1, { x: toyExamples(1).train.values.x });
      return { bound, mean: [...said.subarray(0, latent)], factor: [...said.subarray(latent)] };
    },
    { steps },
  );
}

/** The ELBO that an encoder reaches on the one example. */
export const bestBound = async (inference: Inference): Promise<number> => (await trainedToy(inference)).bound;
