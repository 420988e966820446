import { expect, test } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { rae } from "../../src/models/index.ts";
import { squaredJacobian } from "../../src/models/jacobian.ts";
import { sigmoid } from "../../src/ops/activation.ts";
import { input } from "../../src/ops/leaf.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { sum } from "../../src/ops/reduce.ts";
import { fit } from "../../src/train/fit.ts";
import { covariance, eigen, wavyVectors } from "../support/exact-data.ts";
import { expectSameStep } from "../support/float64-step.ts";
import { long, onlyLong } from "../support/long.ts";
import { onBoth } from "../support/on-both.ts";
import { meanOf, termsOf } from "../support/terms.ts";
import { patterns, relativeError, sharedDevice } from "../support/training.ts";

/** Two codes of three numbers, and a decoder of one sigmoid layer. */
const feeds = {
  z: [0.4, -0.2, 1.1, -0.7, 0.5, 0.3],
  W: [0.5, -1.0, 0.25, 1.5, 0.3, -0.7, -0.4, 0.8, 0.9, 0.1, -0.6, 1.2],
};

test("the terms are half the codes' squares and the squares of the decoder's weights", () => {
  const data = wavyVectors(8, 3);
  const model = rae({ data, hidden: [], latent: 2, loss: "squared", codeWeight: 3, decoderWeight: 0.5 });
  const weights = { "encoder.out.weight": [1, 2, 0, -1, 0.5, 0], "decoder.out.weight": [2, 0, 1, 0, -1, 3] };
  const { loss, reconstruction, code, decoder } = termsOf(model, { x: [1, 2, 4, 0, 1, 0], rows: 2, weights });
  // The codes are (3, 0) and (0, −1), what is redrawn (6, 0, 3) and (0, 1, −3).
  expect([...code]).toEqual([4.5, 0.5]);
  expect([...decoder]).toEqual([15]);
  expect([...reconstruction]).toEqual([25 + 4 + 1, 9]);
  expect([...loss]).toEqual([30 + 3 * 4.5 + 0.5 * 15, 9 + 3 * 0.5 + 0.5 * 15]);
});

test("the gradient of a linear decoder is its weights, whatever the code", async () => {
  const [z, W] = [input("z", [2, 3]), input("W", [3, 4])];
  const linear = squaredJacobian((code) => matmul(code, W), z, 4);
  const bent = squaredJacobian((code) => sigmoid(matmul(code, W)), z, 4);
  const [dW] = gradients(sum(linear), [W]);
  const exact = await onBoth({ linear, bent, dW }, feeds);
  const squares = feeds.W.reduce((total, value) => total + value * value, 0);
  expect(relativeError(exact.linear, [squares, squares])).toBeLessThan(1e-12);
  expect(
    relativeError(
      exact.dW,
      feeds.W.map((value) => 4 * value),
    ),
  ).toBeLessThan(1e-12);
  // A sigmoid's slope is at most a quarter.
  for (const value of exact.bent) expect(value).toBeLessThan(squares / 16);
});

test("a model's penalty of the gradient is that of its decoder in the mean", () => {
  const data = wavyVectors(8, 3);
  const model = rae({ data, hidden: [], latent: 2, loss: "squared", regularisation: "gradient" });
  const weights = { "encoder.out.weight": [1, 2, 0, -1, 0.5, 0], "decoder.out.weight": [2, 0, 1, 0, -1, 3] };
  const drawn = Array.from(
    { length: 1000 },
    (_, seed) => termsOf(model, { x: [1, 2, 4, 0, 1, 0], rows: 2, weights, seed }).decoder[1],
  );
  const { mean, error } = meanOf(drawn);
  expect(error).toBeGreaterThan(0);
  expect(Math.abs(mean - 15)).toBeLessThan(4 * error);
});

test("a step with the penalty of the gradient is that in float64", async () => {
  const dataset = patterns(21, 3, [2, 3, 1]);
  const model = rae({ data: dataset, hidden: [5], latent: 3, activation: "tanh", regularisation: "gradient" });
  await expectSameStep(await sharedDevice(), { model, dataset, batchSize: 8, seed: 9, epoch: 2 });
});

for (const regularisation of ["weights", "gradient"] as const) {
  test(`a linear one leaves √(2 λ b w) − b w / 2 of a component of variance λ, and all of one below b w / 2: ${regularisation}`, async () => {
    test.skip(!long, onlyLong);
    const data = wavyVectors(240, 16);
    const { values } = eigen(covariance(data.train.values.x, 16));
    const [codeWeight, decoderWeight] = [0.5, 2];
    const product = codeWeight * decoderWeight;
    const exact = values.reduce(
      (sum, variance) => sum + (variance > product / 2 ? Math.sqrt(2 * variance * product) - product / 2 : variance),
      0,
    );
    expect(values.filter((variance) => variance > product / 2)).toHaveLength(3);
    const model = rae({ data, hidden: [], latent: 4, loss: "squared", codeWeight, regularisation, decoderWeight });
    const options = { epochs: 500, batchSize: 60, learningRate: 5e-3, seed: 1 };
    const run = fit(await sharedDevice(), model, data, options);
    const losses: number[] = [];
    for await (const { test: terms } of run) losses.push(terms.loss);
    await run.dispose();
    // Directions are drawn anew in every epoch, and their mean is exact.
    const { mean } = meanOf(losses.slice(-100));
    expect(Math.abs(mean / exact - 1)).toBeLessThan(regularisation === "weights" ? 1e-3 : 0.02);
  });
}
