import { expect, test } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { squaredDistances } from "../../src/models/distances.ts";
import { wae } from "../../src/models/index.ts";
import { type MmdKernelName, mmdKernels, squaredMmd } from "../../src/models/mmd.ts";
import { add, mul, sub } from "../../src/ops/arithmetic.ts";
import { input } from "../../src/ops/leaf.ts";
import { mean } from "../../src/ops/reduce.ts";
import { fit } from "../../src/train/fit.ts";
import { covariance, eigen, normals, wavyVectors } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { onBoth } from "../support/on-both.ts";
import { relativeError, sharedDevice } from "../support/training.ts";

const feeds = {
  a: [0.1, 0.2, -0.5, 1.0, 0.7, -0.3, 1.5, 0.4],
  b: [0.0, -1.0, 0.3, 0.6, -1.2, 0.1, 0.8, 0.9],
};
const [a, b] = [input("a", [4, 2]), input("b", [4, 2])];
const EXACT = {
  rbf: { unbiased: -0.13239460107465262, biased: 0.07863718282823218 },
  imq: { unbiased: -0.5015384068559143, biased: 0.8514928629624468 },
};
const kernels = Object.keys(mmdKernels) as MmdKernelName[];

for (const kernel of kernels) {
  test(`the discrepancy of two samples is that of the formula, ${kernel}, on the GPU as in float64`, async () => {
    const unbiased = squaredMmd(a, b, { kernel, weight: input("weight", [4]) });
    const k = (x: typeof a, y: typeof a) => mean(mmdKernels[kernel](squaredDistances(x, y), 2));
    const biased = sub(add(k(a, a), k(b, b)), mul(2, k(a, b)));
    const exact = await onBoth({ unbiased, biased }, { ...feeds, weight: [1, 1, 1, 1] });
    expect(exact.unbiased[0]).toBeCloseTo(EXACT[kernel].unbiased, 12);
    expect(exact.biased[0]).toBeCloseTo(EXACT[kernel].biased, 12);
  });

  test(`rows that do not count change nothing of it, nor of its gradient, ${kernel}`, () => {
    const of = (rows: number) => {
      const [x, y, weight] = [input("a", [rows, 2]), input("b", [rows, 2]), input("weight", [rows])];
      const mmd = squaredMmd(x, y, { kernel, weight });
      return collect({ mmd, slope: gradients(mmd, [x])[0] });
    };
    const behind = [3, -7, 0.5, 11];
    const ragged = interpret(of(6), {
      feeds: { a: [...feeds.a, ...behind], b: [...feeds.b, ...behind], weight: [1, 1, 1, 1, 0, 0] },
    });
    const exact = interpret(of(4), { feeds: { ...feeds, weight: [1, 1, 1, 1] } });
    expect(ragged.mmd[0]).toBeCloseTo(exact.mmd[0], 12);
    expect(relativeError(ragged.slope, [...exact.slope, 0, 0, 0, 0])).toBeLessThan(1e-12);
  });

  test(`a batch of one row has a finite discrepancy and slope, ${kernel}`, () => {
    const mmd = squaredMmd(a, b, { kernel, weight: input("weight", [4]) });
    const graph = collect({ mmd, slope: gradients(mmd, [a])[0] });
    const { mmd: value, slope } = interpret(graph, { feeds: { ...feeds, weight: [1, 0, 0, 0] } });
    expect([...value, ...slope].every(Number.isFinite)).toBe(true);
  });

  test(`of samples of one distribution it is 0 in the mean, of shifted ones above, ${kernel}`, () => {
    const [x, y] = [input("a", [8, 2]), input("b", [8, 2])];
    const graph = collect({ mmd: squaredMmd(x, y, { kernel, weight: input("weight", [8]) }) });
    const mean = (shift: number) => {
      let total = 0;
      for (let round = 0; round < 400; round++) {
        const numbers = normals(8, 10 + round).flat();
        const moved = numbers.slice(16).map((value) => value + shift);
        const { mmd } = interpret(graph, {
          feeds: { a: numbers.slice(0, 16), b: moved, weight: new Array(8).fill(1) },
        });
        total += mmd[0] / 400;
      }
      return total;
    };
    const apart = mean(1);
    expect(apart).toBeGreaterThan(0);
    expect(Math.abs(mean(0))).toBeLessThan(apart / 10);
  });
}

test("codes of a trained model vary as the prior does, and without the weight they do not", async () => {
  test.skip(!long, onlyLong);
  const data = wavyVectors(512, 8);
  const variances = async (mmdWeight: number) => {
    const model = wae({ data, hidden: [], latent: 2, loss: "squared", mmdWeight });
    const run = fit(await sharedDevice(), model, data, { epochs: 60, batchSize: 64, learningRate: 5e-3, seed: 1 });
    await run.finished;
    const codes = await run.use("encode", 512, { x: data.train.values.x });
    await run.dispose();
    return eigen(covariance(codes, 2)).values;
  };
  for (const variance of await variances(10)) expect(Math.abs(variance - 1)).toBeLessThan(0.25);
  expect((await variances(0))[0]).toBeGreaterThan(2);
});
