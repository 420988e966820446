import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { type Dataset, vector } from "../../src/data/dataset.ts";
import type { PosteriorName } from "../../src/models/posterior.ts";
import { posteriors } from "../../src/models/posterior.ts";
import { variational } from "../../src/models/variational.ts";
import { dense, type Layer } from "../../src/nn/layers.ts";
import type { Parameter } from "../../src/nn/parameter.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { parameter } from "../../src/ops/leaf.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { sharedDevice, withTrainer } from "../support/training.ts";

// Probabilistic PCA with everything known but the posterior of one example: p(x) in closed form, and the best ELBO of a
// posterior with a diagonal covariance, which misses the correlations of the exact one.
const TOY = {
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
  posterior: {
    mean: [0.30071017889818674, -1.583945830927927, -0.11779321385831429],
    covariance: [
      [0.11296610653036533, -0.1885717623693828, -0.12548026063634618],
      [-0.1885717623693828, 0.48435380910479403, 0.2504034294745381],
      [-0.12548026063634618, 0.2504034294745381, 0.25305553558924837],
    ],
    /** The best variances of a posterior with a diagonal covariance. */
    variances: [0.033210943625862334, 0.15482920016783486, 0.10378981593568076],
  },
};

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

/** The ELBO that an encoder reaches on the one example, and what its use `posterior` then says of it. */
async function trained(posterior: PosteriorName, divergence: "analytic" | "monteCarlo") {
  const [features, latent, rows] = [TOY.x.length, 3, 64];
  const x = Float32Array.from({ length: rows * features }, (_, k) => TOY.x[k % features]);
  const split = { count: rows, values: { x } };
  const dataset: Dataset = { name: "one example", fields: { x: vector(features) }, train: split, test: split };
  const model = variational({
    x: vector(features),
    latent,
    likelihood: "gaussian",
    sigma: Math.sqrt(TOY.variance),
    posterior,
    divergence,
    encoder: dense("encoder", features, posteriors[posterior].outputs(latent)),
    decoder: knownDecoder(),
  });
  const steps = 1500;
  const options = {
    ...trainingWith({ optimizer: { learningRate: 0.02 } }),
    learningRateSchedule: { name: "cosine", warmupSteps: 20, final: 0 },
    dataset,
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
      for (let k = 0; k < 100; k++) bound -= (await trainer.evaluate(k))!.loss / 100;
      const said = await trainer.uses.run("posterior", 1, { x: x.subarray(0, features) });
      return { bound, mean: [...said.subarray(0, latent)], factor: [...said.subarray(latent)] };
    },
    { steps },
  );
}

/** L Lᵀ of a lower triangular matrix, row-major. */
const timesItself = (factor: readonly number[]): number[] => {
  const n = Math.sqrt(factor.length);
  const row = (i: number) => factor.slice(i * n, (i + 1) * n);
  return factor.map((_, at) => row(Math.floor(at / n)).reduce((sum, value, k) => sum + value * row(at % n)[k], 0));
};

const expectNear = (actual: readonly number[], expected: readonly number[], error: number) => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, k) => {
    expect(Math.abs(value - expected[k]), `number ${k}`).toBeLessThan(error);
  });
};

for (const posterior of ["logVariance", "logSigma", "softplus"] as const) {
  test(`a posterior with a diagonal covariance (${posterior}) stays .6576 nats below ln p(x)`, async () => {
    const { bound, mean, factor } = await trained(posterior, "analytic");
    expect(Math.abs(bound - TOY.bestDiagonal)).toBeLessThan(0.08);
    expectNear(mean, TOY.posterior.mean, 0.03);
    const variances = factor.map((sigma) => sigma ** 2);
    expectNear(variances, TOY.posterior.variances, 0.01);
  });
}

test("a posterior with a full covariance closes the gap: its bound is ln p(x), and it is the exact one", async () => {
  expect(Math.abs((await trained("full", "analytic")).bound - TOY.logEvidence)).toBeLessThan(0.08);
  // By the codes that are drawn the bound has no variance where the posterior is the exact one.
  const { bound, mean, factor } = await trained("full", "monteCarlo");
  expect(Math.abs(bound - TOY.logEvidence)).toBeLessThan(0.005);
  expectNear(mean, TOY.posterior.mean, 0.03);
  expectNear(timesItself(factor), TOY.posterior.covariance.flat(), 0.03);
});
