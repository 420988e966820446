import { expect, test } from "@playwright/test";
import { packedBits } from "../../src/codes/bits.ts";
import { principalBits } from "../../src/codes/principal-bits.ts";
import { digits } from "../../src/data/digits.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { retrievalPrecision } from "../../src/metrics/retrieval-precision.ts";
import { semanticHashing } from "../../src/models/index.ts";
import { input } from "../../src/ops/leaf.ts";
import { openBatch, WEIGHT } from "../../src/train/batch.ts";
import { fit } from "../../src/train/fit.ts";
import { long, onlyLong } from "../support/long.ts";
import { meanOf, termsOf } from "../support/terms.ts";
import { patterns, sharedDevice } from "../support/training.ts";

const data = patterns(8, 8, [2, 2, 1]);
const x = [0.2, 0.9, 0.4, 0.7];
const weights = { "encoder.out.weight": [0.5, 1.5, -1, 0.3, 0.25, -0.7, 0.1, 0.2] };
const logits = [0, 1].map((j) =>
  x.reduce((sum, value, i) => sum + value * weights["encoder.out.weight"][2 * i + j], 0),
);
const logistic = (value: number) => 1 / (1 + Math.exp(-value));

test("in training a code is the sigmoid of what is encoded and noise of the stated deviation, then without noise", () => {
  const model = semanticHashing({ data, hidden: [], latent: 2, noise: 3 });
  const codes = (training: boolean, seed: number) => {
    const { pass } = openBatch(model, 1, { training });
    const graph = collect({ code: model.uses.encode.apply({ x: input("x", [1, 2, 2, 1]) }, pass) });
    const feeds = {
      x,
      ...weights,
      "encoder.mean": [0, 0, 0, 0],
      "encoder.out.bias": [0, 0],
      noise: [3],
      [WEIGHT]: [1],
    };
    return interpret(graph, { feeds, seed: [seed, 0] }).code;
  };
  codes(false, 1).forEach((value, j) => {
    expect(value).toBeCloseTo(logistic(logits[j]), 12);
  });
  // Back through the sigmoid and less what was encoded, the noise is left.
  const noise = Array.from({ length: 1000 }, (_, seed) => codes(true, seed)).map(([first]) => {
    return Math.log(first / (1 - first)) - logits[0];
  });
  const { mean, error } = meanOf(noise);
  expect(Math.abs(mean)).toBeLessThan(4 * error);
  expect(Math.sqrt(1000) * error).toBeGreaterThan(2.8);
  expect(Math.sqrt(1000) * error).toBeLessThan(3.2);
});

test("how far a code is from bits is the mean of 4 h (1 − h)", () => {
  const { undecided } = termsOf(semanticHashing({ data, hidden: [], latent: 2 }), { x, rows: 1, weights });
  const exact = logits.reduce((sum, value) => sum + (4 * logistic(value) * (1 - logistic(value))) / 2, 0);
  expect(undecided[0]).toBeCloseTo(exact, 12);
});

test("by the noise codes of digits become bits, whose nearest are of a class more often than by principal components", async () => {
  test.skip(!long, onlyLong);
  const rows = 600;
  const [latent, nearest] = [16, 30];
  const data = digits({ trainCount: 2000, testCount: rows });
  const labels = data.test.values.label;
  const trained = async (noise: number) => {
    const model = semanticHashing({ data, hidden: [64], latent, noise });
    const run = fit(await sharedDevice(), model, data, { epochs: 10, batchSize: 50, learningRate: 2e-3, seed: 1 });
    let undecided = Number.NaN;
    for await (const { test: terms } of run) undecided = terms.undecided;
    const codes = await run.encode(data.test.values.x);
    await run.dispose();
    return { undecided, precision: retrievalPrecision(packedBits(codes, { rows }), labels, { rows, nearest }) };
  };
  const principal = principalBits(data.test.values.x, { rows, bits: latent });
  const hashed = await trained(4);
  expect(hashed.precision).toBeGreaterThan(retrievalPrecision(principal, labels, { rows, nearest }) + 0.03);
  expect(hashed.undecided).toBeLessThan(0.2);
  const free = await trained(0);
  expect(free.undecided).toBeGreaterThan(2 * hashed.undecided);
});
