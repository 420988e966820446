import { expect, test } from "@playwright/test";
import { digits } from "../../src/data/digits.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { contractiveAe } from "../../src/models/index.ts";
import { estimatedJacobian, sigmoidLayerJacobian, squaredJacobian } from "../../src/models/jacobian.ts";
import type { Node } from "../../src/node/node.ts";
import { sigmoid, tanh } from "../../src/ops/activation.ts";
import { add } from "../../src/ops/arithmetic.ts";
import { input } from "../../src/ops/leaf.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { sum } from "../../src/ops/reduce.ts";
import { fit } from "../../src/train/fit.ts";
import { expectSameStep } from "../support/float64-step.ts";
import { long, onlyLong } from "../support/long.ts";
import { onBoth } from "../support/on-both.ts";
import { meanOf, termsOf } from "../support/terms.ts";
import { patterns, relativeError, sharedDevice } from "../support/training.ts";

/** One sigmoid layer from three numbers to two; W is [inputs, outputs]. */
const layer = { W: [0.5, 1.5, -1.0, 0.3, 0.25, -0.7], b: [0.1, -0.2], x: [0.2, 0.9, 0.4] };
const EXACT = {
  penalty: 0.24485952069307693,
  W: [
    0.06034740315514536, 0.1835736681722041, -0.06866117223048819, 0.023089118937486934, 0.04218146328829634,
    -0.09348395590342072,
  ],
  b: [0.04002587236907887, -0.015843738019713813],
};
const [W, b] = [input("W", [3, 2]), input("b", [2])];
const encode = (x: Node) => sigmoid(add(matmul(x, W), b));

/** A second row, since a batch has more than one. */
const rows = { ...layer, x: [...layer.x, -0.6, 0.3, 1.1] };
const x = input("x", [2, 3]);

test("the closed form of one sigmoid layer and its gradient are exact", async () => {
  const one = input("x", [1, 3]);
  const penalty = sigmoidLayerJacobian(encode(one), W);
  const [dW, db] = gradients(sum(penalty), [W, b]);
  const exact = await onBoth({ penalty, dW, db }, layer);
  expect(relativeError(exact.penalty, [EXACT.penalty])).toBeLessThan(1e-12);
  expect(relativeError(exact.dW, EXACT.W)).toBeLessThan(1e-12);
  expect(relativeError(exact.db, EXACT.b)).toBeLessThan(1e-12);
});

test("what double differentiation gives of it is the same, row by row, and so is its gradient", async () => {
  const forms = { closed: sigmoidLayerJacobian(encode(x), W), general: squaredJacobian(encode, x, 2) };
  const outputs = Object.entries(forms).flatMap(([name, penalty]) => {
    const [dW, db] = gradients(sum(penalty), [W, b]);
    return Object.entries({ [name]: penalty, [`${name} dW`]: dW, [`${name} db`]: db });
  });
  const values = await onBoth(Object.fromEntries(outputs), rows);
  for (const part of ["", " dW", " db"]) {
    expect(relativeError(values[`general${part}`], values[`closed${part}`]), part).toBeLessThan(1e-12);
  }
  expect(values.closed[0]).toBeCloseTo(EXACT.penalty, 12);
});

const V = input("V", [2, 4]);
const deep = (x: Node) => tanh(matmul(encode(x), V));
const weights = { W: rows.W, b: rows.b, V: [0.4, -0.9, 1.2, 0.3, -0.5, 0.8, 0.1, -1.1] };

test("of several layers it is the sum of the squares of all differences of the code", () => {
  const { penalty } = interpret(collect({ penalty: squaredJacobian(deep, x, 4) }), {
    feeds: { ...weights, x: rows.x },
  });
  const graph = collect({ code: deep(x) });
  const code = (moved: readonly number[]) => interpret(graph, { feeds: { ...weights, x: moved } }).code;
  const step = 1e-5;
  const exact = [0, 0];
  for (let k = 0; k < 3; k++) {
    // Column k of both rows at once: a row's code depends on that row alone.
    const [above, below] = [step, -step].map((by) =>
      code(rows.x.map((value, i) => (i % 3 === k ? value + by : value))),
    );
    above.forEach((value, i) => {
      exact[Math.floor(i / 4)] += ((value - below[i]) / (2 * step)) ** 2;
    });
  }
  expect(relativeError(penalty, exact)).toBeLessThan(1e-8);
});

test("estimated along random directions it is the same in the mean, nearer with more of them", () => {
  const feeds = { ...weights, x: rows.x };
  const { exact } = interpret(collect({ exact: squaredJacobian(deep, x, 4) }), { feeds });
  const estimates = (directions: number) => {
    let drawn = 0;
    const graph = collect({ estimate: estimatedJacobian(deep, x, directions, () => `direction ${drawn++}`) });
    return Array.from({ length: 1500 }, (_, seed) => interpret(graph, { feeds, seed: [seed, 0] }).estimate[0]);
  };
  const [one, four] = [meanOf(estimates(1)), meanOf(estimates(4))];
  for (const { mean, error } of [one, four]) expect(Math.abs(mean - exact[0])).toBeLessThan(4 * error);
  expect(four.error / one.error).toBeCloseTo(0.5, 1);
});

test("a model takes the closed form where it applies, and the general one where it does not", () => {
  const data = patterns(8, 8, [2, 2, 1]);
  const given = { x: [0.2, 0.9, 0.4, 0.7], rows: 1 };
  const closed = contractiveAe({ data, latent: 2 });
  const W = [0.5, 1.5, -1.0, 0.3, 0.25, -0.7, 0.1, 0.2];
  const { contraction } = termsOf(closed, { ...given, weights: { "encoder.out.weight": W } });
  const slope = (k: number) => {
    const h = 1 / (1 + Math.exp(-given.x.reduce((sum, value, i) => sum + value * W[2 * i + k], 0)));
    return given.x.reduce((sum, _, i) => sum + (h * (1 - h) * W[2 * i + k]) ** 2, 0);
  };
  expect(contraction[0]).toBeCloseTo(slope(0) + slope(1), 12);
  const other = contractiveAe({ data, latent: 2, activation: "tanh" });
  const tanhs = termsOf(other, { ...given, weights: { "encoder.out.weight": W } }).contraction;
  const tanhSlope = (k: number) => {
    const h = Math.tanh(given.x.reduce((sum, value, i) => sum + value * W[2 * i + k], 0));
    return given.x.reduce((sum, _, i) => sum + ((1 - h * h) * W[2 * i + k]) ** 2, 0);
  };
  expect(tanhs[0]).toBeCloseTo(tanhSlope(0) + tanhSlope(1), 12);
  expect(() => contractiveAe({ data, directions: 1 })).toThrow(
    "contractive-ae: the derivatives of one sigmoid layer have a closed form, which no directions can be cheaper than: leave directions at 0.",
  );
});

for (const directions of [0, 1]) {
  test(`a step through two layers is that in float64, with ${directions === 0 ? "all" : directions} of the directions`, async () => {
    const dataset = patterns(21, 3, [2, 3, 1]);
    const model = contractiveAe({ data: dataset, hidden: [5], latent: 3, activation: "tanh", directions });
    await expectSameStep(await sharedDevice(), { model, dataset, batchSize: 8, seed: 9, epoch: 2 });
  });
}

test("the decoder has the encoder's weights, transposed, and biases of its own", () => {
  const data = patterns(8, 8, [2, 2, 1]);
  const model = contractiveAe({ data, hidden: [3], latent: 2 });
  expect(model.parameters.map(({ name, shape }) => `${name} ${shape}`)).toEqual([
    "encoder.0.weight 4,3",
    "encoder.0.bias 3",
    "encoder.out.weight 3,2",
    "encoder.out.bias 2",
    "decoder.0.bias 3",
    "decoder.out.bias 4",
  ]);
});

/** Trains on a few digits; what the penalty's part is decides how far codes move when an example does. */
async function sensitivity(options: Partial<Parameters<typeof contractiveAe>[0]>, epochs: number) {
  const data = digits({ trainCount: 1000, testCount: 200 });
  const model = contractiveAe({ data, ...options });
  const run = fit(await sharedDevice(), model, data, { epochs, batchSize: 50, learningRate: 1e-2, seed: 1 });
  let norm = Number.NaN;
  for await (const { test: terms } of run) norm = terms.contraction;
  const codes = await run.encode(data.test.values.x);
  await run.dispose();
  const latent = options.latent!;
  const spread = Array.from({ length: latent }, (_, k) => {
    const column = codes.filter((_, i) => i % latent === k);
    const { mean } = meanOf(column);
    return meanOf(column.map((value) => (value - mean) ** 2)).mean;
  }).reduce((sum, variance) => sum + variance, 0);
  return { norm, relative: norm / spread };
}

const ofOneLayer = { latent: 32 };
const ofTwo = { hidden: [64], latent: 16, activation: "tanh", directions: 1 } as const;

for (const [what, options, epochs] of [
  ["of one layer", ofOneLayer, 10],
  ["of two layers", ofTwo, 15],
] as const) {
  test(`codes ${what} move less with their examples than those of the same autoencoder without the penalty`, async () => {
    test.skip(!long, onlyLong);
    const contractive = await sensitivity({ ...options, contractionWeight: 1 }, epochs);
    const plain = await sensitivity({ ...options, contractionWeight: 0 }, epochs);
    expect(contractive.norm).toBeLessThan(0.6 * plain.norm);
    // Beside how far codes of different examples are from each other, too: they have not only become small.
    expect(contractive.relative).toBeLessThan(0.75 * plain.relative);
  });
}
