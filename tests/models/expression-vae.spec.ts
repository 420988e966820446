import { expect, test } from "@playwright/test";
import { type Split, vector } from "../../src/data/dataset.ts";
import { expression } from "../../src/data/expression.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { expressionVae, variational } from "../../src/models/index.ts";
import { dense } from "../../src/nn/layers.ts";
import { input } from "../../src/ops/leaf.ts";
import { usePass } from "../../src/train/batch.ts";
import { fit } from "../../src/train/fit.ts";
import { covariance, eigen } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { sharedDevice } from "../support/training.ts";

/**
 * Canonical correlations of two sets of columns over the same rows, [rows, a] and [rows, b], falling: the square roots of the
 * eigenvalues of A⁻¹ᐟ² C B⁻¹ Cᵀ A⁻¹ᐟ², with their covariances A, B and C.
 */
function canonicalCorrelations(a: ArrayLike<number>, b: ArrayLike<number>, rows: number): number[] {
  const [p, q] = [a.length / rows, b.length / rows];
  const both = Array.from({ length: rows * (p + q) }, (_, k) => {
    const [row, column] = [Math.floor(k / (p + q)), k % (p + q)];
    return column < p ? a[row * p + column] : b[row * q + column - p];
  });
  const all = covariance(both, p + q);
  const block = (from: number, to: number, left: number, right: number) =>
    all.slice(from, to).map((row) => row.slice(left, right));
  const whiten = (matrix: number[][]) => {
    const { values, vectors } = eigen(matrix);
    return vectors.map((vector, k) => vector.map((value) => value / Math.sqrt(Math.max(values[k], 1e-9))));
  };
  const [left, right] = [whiten(block(0, p, 0, p)), whiten(block(p, p + q, p, p + q))];
  const cross = block(0, p, p, p + q);
  const between = left.map((u) =>
    right.map((v) => u.reduce((sum, value, i) => sum + value * cross[i].reduce((s, c, j) => s + c * v[j], 0), 0)),
  );
  const products = between.map((u) => between.map((v) => u.reduce((sum, value, k) => sum + value * v[k], 0)));
  return eigen(products)
    .values.slice(0, Math.min(p, q))
    .map((value) => Math.sqrt(Math.max(0, value)));
}

test("canonical correlations are 1 for what is a linear function of the other, and small for what is not", () => {
  const rows = 400;
  const wave = (row: number, k: number) => Math.sin((row + 1) * (k + 1) * 1.7) + Math.cos(row * row * (k + 2));
  const a = Array.from({ length: 2 * rows }, (_, i) => wave(Math.floor(i / 2), i % 2));
  const same = Array.from({ length: rows }, (_, row) => [3 * a[2 * row] - a[2 * row + 1], 5 + a[2 * row + 1]]).flat();
  const half = Array.from({ length: rows }, (_, row) => [a[2 * row], wave(row, 7)]).flat();
  for (const value of canonicalCorrelations(a, same, rows)) expect(value).toBeCloseTo(1, 6);
  const [first, second] = canonicalCorrelations(a, half, rows);
  expect(first).toBeGreaterThan(0.99);
  expect(second).toBeLessThan(0.2);
});

test("codes recover the factors that a table was made from, and its columns are told better than by their means", async () => {
  test.skip(!long, onlyLong);
  const data = expression({ trainCount: 320, testCount: 120, genes: 400, factors: 3, groups: 4, seed: 2 });
  const model = expressionVae({
    data,
    hidden: [64],
    latent: 4,
    klWeight: { name: "linear", steps: 200 },
  });
  const run = fit(await sharedDevice(), model, data, { epochs: 20, batchSize: 16, learningRate: 4e-3, seed: 1 });
  await run.finished;
  const { count, values } = data.test;
  const found = canonicalCorrelations(await run.encode(values.x), values.factors, count);
  console.log(
    `expression-vae, canonical correlations of codes and factors: ${found.map((r) => r.toFixed(3)).join(", ")}`,
  );
  // Three principal components of the table reach 0.984, 0.974 and 0.972.
  for (const correlation of found) expect(correlation).toBeGreaterThan(0.9);
  // Of means alone, of the training examples, the standardised squared errors are calibrated to their own mean.
  const { features, error } = constantError(data);
  const constant = (features / 2) * (1 + Math.log(2 * Math.PI) + Math.log(error));
  expect(run.history.at(-1)!.test.loss).toBeLessThan(constant - 10);
  await run.dispose();
});

/** The mean squared error of the test columns, standardised by the training examples, under their training means. */
function constantError({ train, test: held }: ReturnType<typeof expression>) {
  const features = train.values.x.length / train.count;
  let error = 0;
  for (let k = 0; k < features; k++) {
    const column = ({ count, values: { x } }: Split) =>
      Array.from({ length: count }, (_, row) => x[row * features + k]);
    const own = column(train);
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
    for (const value of column(held)) error += (value - mean) ** 2 / (variance || 1) / held.count / features;
  }
  return { features, error };
}

test("what it gives is in the data's own numbers, and so is ln p(x)", () => {
  const x = vector(2);
  const parts = {
    x,
    latent: 1,
    likelihood: "gaussian",
    encoder: dense("encoder", 2, 2),
    decoder: dense("decoder", 1, 2),
  } as const;
  const plain = variational(parts);
  const scaled = variational({ ...parts, scaling: "standard" });
  const [shift, scale] = [
    [10, -3],
    [4, 0.5],
  ];
  const standard = [0.5, -1, 2, 0.25];
  const raw = standard.map((value, k) => value * scale[k % 2] + shift[k % 2]);
  const weights = Object.fromEntries(plain.parameters.map((parameter) => [parameter.name, parameter.initialize(5)]));
  const feeds = { ...weights, "scaling.shift": shift, "scaling.scale": scale };
  const run = (model: typeof plain, use: string, rows: number[]) => {
    const y = model.uses[use].apply({ x: input("x", [2, 2]) }, usePass(2));
    return [...interpret(collect({ y }), { feeds: { ...feeds, x: rows }, seed: [1, 0], step: 0 }).y];
  };
  const [encoded, redrawn, likely] = ["encode", "reconstruct", "logLikelihood"].map((use) => run(plain, use, standard));
  for (const [k, value] of run(scaled, "encode", raw).entries()) expect(value).toBeCloseTo(encoded[k], 10);
  for (const [k, value] of run(scaled, "reconstruct", raw).entries()) {
    expect(value).toBeCloseTo(redrawn[k] * scale[k % 2] + shift[k % 2], 10);
  }
  for (const [k, value] of run(scaled, "logLikelihood", raw).entries()) {
    expect(value).toBeCloseTo(likely[k] - Math.log(4 * 0.5), 10);
  }
});
