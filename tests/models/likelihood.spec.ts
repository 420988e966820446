import { expect, test } from "@playwright/test";
import { pixels, vector } from "../../src/data/dataset.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import {
  discretisedLogisticNll,
  type Likelihood,
  type LikelihoodName,
  likelihoods,
} from "../../src/models/likelihood.ts";
import type { Node } from "../../src/node/node.ts";
import { constant, input } from "../../src/ops/leaf.ts";
import { sum } from "../../src/ops/reduce.ts";
import { execute } from "../../src/runtime/execute.ts";
import { sharedDevice } from "../support/training.ts";

/** A node's numbers in float64 and on the GPU, which agree. */
async function valuesOf(node: Node, feeds: Record<string, readonly number[]>): Promise<number[]> {
  const graph = collect({ y: node });
  const exact = [...interpret(graph, { feeds }).y];
  const { y } = await execute(await sharedDevice(), graph, { feeds });
  const scale = Math.max(1, ...exact.map(Math.abs));
  for (const [k, value] of exact.entries()) expect(Math.abs(y[k] - value) / scale).toBeLessThan(1e-5);
  return exact;
}

const made = (name: LikelihoodName, features: number, sigma = 1): Likelihood =>
  likelihoods[name]({ x: name === "discretisedLogistic" ? pixels([features]) : vector(features), sigma });

// λ, and by its row ln p(0 | λ), ln p(0.25 | λ), ln p(1 | λ) less what a Bernoulli has, which is ln C; and the mean.
const LOGITS = [
  -6.906754778648554, -2.197224577336219, -0.8472978603872036, -0.0004000000053332903, 0, 0.29, 6.906754778648553,
];

test("a continuous Bernoulli has its normaliser, also near λ = ½, and its mean", async () => {
  const { nll, mean } = made("continuousBernoulli", 1);
  const l = input("l", [LOGITS.length, 1]);
  const rows = constant(1, [LOGITS.length]);
  const atZero = await valuesOf(nll(l, constant(0, [LOGITS.length, 1]), rows), { l: LOGITS });
  const means = await valuesOf(mean(l), { l: LOGITS });
  LOGITS.forEach((logit, k) => {
    const lambda = 1 / (1 + Math.exp(-logit));
    const half = 2 * lambda - 1;
    const near = Math.abs(logit) < 0.01;
    const logC = near ? Math.LN2 + logit ** 2 / 12 : Math.log((2 * Math.atanh(-half)) / -half);
    const exact = near ? 0.5 + logit / 12 : lambda / half + 1 / (2 * Math.atanh(-half));
    expect(atZero[k]).toBeCloseTo(-(Math.log(1 - lambda) + logC), 6);
    expect(means[k]).toBeCloseTo(exact, 6);
  });
  expect(atZero[0]).toBeCloseTo(-1.9335013885052206, 6); // λ = .001
  expect(atZero[1]).toBeCloseTo(-0.9049780438330277, 6); // λ = .1
});

test("a continuous Bernoulli's probabilities add up to 1", () => {
  const cells = 2000;
  const { nll } = made("continuousBernoulli", 1);
  for (const logit of [-8, -1, 0.1, 0.31, 3]) {
    const y = nll(constant(logit, [cells, 1]), input("x", [cells, 1]), constant(1, [cells]));
    const x = Array.from({ length: cells }, (_, k) => (k + 0.5) / cells);
    const { y: values } = interpret(collect({ y }), { feeds: { x } });
    expect(values.reduce((sum, value) => sum + Math.exp(-value) / cells, 0)).toBeCloseTo(1, 5);
  }
});

test("a discretised logistic has the probability of its bin, however small, and they add up to 1", async () => {
  const cases = [
    [0, 0.1, 0.05, -2.092468489956918],
    [12, 0.05, 0.01, -2.346929625357143],
    [128, 0.5, 0.02, -3.018731630685518],
    [200, 0.5, 0.1, -6.194990948943499],
    [255, 0.9, 0.05, -2.092468489956918],
    [254, 0.2, 0.1, -11.200096459914615],
  ];
  const [mean, logScale, x] = ["mean", "logScale", "x"].map((name) => input(name, [cases.length]));
  const nll = await valuesOf(discretisedLogisticNll(mean, logScale, x), {
    x: cases.map(([k]) => k / 255),
    mean: cases.map(([, mu]) => mu),
    logScale: cases.map(([, , s]) => Math.log(s)),
  });
  for (const [k, [, , , logProb]] of cases.entries()) expect(nll[k]).toBeCloseTo(-logProb, 7);

  const bins = Array.from({ length: 256 }, (_, k) => k / 255);
  for (const [mu, s] of [
    [0.3, 0.02],
    [-1, 0.001],
    [1.5, 3],
  ]) {
    const each = discretisedLogisticNll(constant(mu, [256]), constant(Math.log(s), [256]), input("x", [256]));
    const { y } = interpret(collect({ y: each }), { feeds: { x: bins } });
    expect(y.reduce((sum, value) => sum + Math.exp(-value), 0)).toBeCloseTo(1, 9);
  }
});

test("a calibrated Gaussian's standard deviation is the root of the mean squared error of the examples that count", async () => {
  const features = 784;
  const { nll } = made("gaussianCalibrated", features);
  const rows = 3; // the last one is past a ragged end
  const error = Math.sqrt(0.037);
  const x = input("x", [rows, features]);
  const values = Array.from({ length: rows * features }, (_, k) => (k < 2 * features ? error * (k % 2 ? 1 : -1) : 99));
  const each = await valuesOf(nll(constant(0, [rows, features]), x, input("weight", [rows])), {
    x: values,
    weight: [1, 1, 0],
  });
  expect(each[0]).toBeCloseTo(-179.9124375719983, 3);
  expect(each[1]).toBeCloseTo(-179.9124375719983, 3);
});

test("a given standard deviation, a trained one and the decoder's are the same Gaussian", async () => {
  const [features, sigma] = [2, 0.5];
  const feeds = { x: [0.1, -0.4], mean: [0.3, 0.2] };
  const [x, mean] = [input("x", [1, features]), input("mean", [1, features])];
  const one = constant(1, [1]);
  const exact = feeds.x.reduce(
    (sum, value, k) => sum + 0.5 * Math.log(2 * Math.PI * sigma ** 2) + (value - feeds.mean[k]) ** 2 / (2 * sigma ** 2),
    0,
  );
  expect((await valuesOf(made("gaussian", features, sigma).nll(mean, x, one), feeds))[0]).toBeCloseTo(exact, 9);
  for (const [name, count] of [
    ["gaussianShared", 1],
    ["gaussianEach", features],
  ] as const) {
    const { nll, parameters } = made(name, features);
    expect(parameters.map(({ shape }) => shape)).toEqual([[count]]);
    const logSigma = { "likelihood.logSigma": new Array(count).fill(Math.log(sigma)) };
    expect((await valuesOf(nll(mean, x, one), { ...feeds, ...logSigma }))[0]).toBeCloseTo(exact, 9);
  }
  const { nll, outputs } = made("gaussianDecoded", features);
  expect(outputs).toBe(2);
  const both = { ...feeds, both: [...feeds.mean, 2 * Math.log(sigma), 2 * Math.log(sigma)] };
  // The floor of the decoder's log-variance is soft, at −12.
  expect((await valuesOf(nll(input("both", [1, 4]), x, one), both))[0]).toBeCloseTo(exact, 3);
});

test("likelihoods and their slopes are finite at extreme outputs", async () => {
  for (const name of Object.keys(likelihoods) as LikelihoodName[]) {
    const { nll, outputs } = made(name, 2);
    const y = input("y", [3, 2 * outputs]);
    const loss = sum(nll(y, input("x", [3, 2]), constant(1, [3])));
    const graph = collect({ loss, slope: gradients(loss, [y])[0] });
    for (const size of [0, 30, -30, 100, -100]) {
      const feeds = {
        y: new Array(6 * outputs).fill(size),
        x: [0, 1, 0.5, 0, 1, 1],
        "likelihood.logSigma": new Array(name === "gaussianEach" ? 2 : 1).fill(0),
      };
      const results = await execute(await sharedDevice(), graph, { feeds });
      for (const values of Object.values(results)) {
        expect(values.every(Number.isFinite), `${name} at ${size}`).toBe(true);
      }
    }
  }
});
