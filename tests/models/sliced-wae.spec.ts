import { expect, test } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { slicedWae } from "../../src/models/index.ts";
import { slicedWasserstein } from "../../src/models/sliced-wae.ts";
import { input } from "../../src/ops/leaf.ts";
import { fit } from "../../src/train/fit.ts";
import { covariance, eigen, normals, wavyVectors } from "../support/exact-data.ts";
import { long, onlyLong } from "../support/long.ts";
import { onBoth } from "../support/on-both.ts";
import { relativeError, sharedDevice } from "../support/training.ts";

const triples = (rows: number, key: number) => normals(rows, key).map((row) => row.slice(0, 3));
const [a, b, lines] = [triples(5, 1), triples(5, 2), triples(4, 3)];

/** The distance by the text: along each line both samples are sorted, and neighbours compared. */
function bySorting(): number {
  const along = (codes: number[][], line: number[]) => {
    const length = Math.hypot(...line);
    return codes
      .map((code) => code.reduce((sum, value, k) => sum + (value * line[k]) / length, 0))
      .sort((x, y) => x - y);
  };
  let total = 0;
  for (const line of lines) {
    const [from, to] = [along(a, line), along(b, line)];
    from.forEach((value, k) => {
      total += (value - to[k]) ** 2 / (from.length * lines.length);
    });
  }
  return total;
}

const distanceOf = (rows: number) => {
  const [x, y] = [input("a", [rows, 3]), input("b", [rows, 3])];
  const distance = slicedWasserstein(x, y, input("lines", [4, 3]), input("weight", [rows]));
  return { distance, slope: gradients(distance, [x])[0] };
};
const feeds = { a: a.flat(), b: b.flat(), lines: lines.flat(), weight: [1, 1, 1, 1, 1] };

test("the distance of two samples is that of their sorted projections, on the GPU as in float64", async () => {
  const { distance } = await onBoth(distanceOf(5), feeds);
  expect(distance[0]).toBeCloseTo(bySorting(), 12);
});

test("its slope is that of finite differences", () => {
  const graph = collect(distanceOf(5));
  const { slope } = interpret(graph, { feeds });
  const nudged = (k: number, by: number) =>
    interpret(graph, { feeds: { ...feeds, a: feeds.a.map((value, i) => (i === k ? value + by : value)) } }).distance[0];
  const differences = feeds.a.map((_, k) => (nudged(k, 1e-5) - nudged(k, -1e-5)) / 2e-5);
  expect(relativeError(slope, differences)).toBeLessThan(1e-7);
});

test("rows that do not count change nothing of it, nor of its slope", () => {
  const exact = interpret(collect(distanceOf(5)), { feeds });
  const behind = [30, -7, 0.5, 11, 0, -200];
  const ragged = interpret(collect(distanceOf(7)), {
    feeds: {
      ...feeds,
      a: [...feeds.a, ...behind],
      b: [...feeds.b, ...behind.toReversed()],
      weight: [1, 1, 1, 1, 1, 0, 0],
    },
  });
  expect(ragged.distance[0]).toBeCloseTo(exact.distance[0], 12);
  expect(relativeError(ragged.slope, [...exact.slope, 0, 0, 0, 0, 0, 0])).toBeLessThan(1e-12);
});

test("codes of a trained model vary as the prior does, and without the weight they do not", async () => {
  test.skip(!long, onlyLong);
  const data = wavyVectors(512, 8);
  const variances = async (distanceWeight: number) => {
    const model = slicedWae({ data, hidden: [], latent: 2, loss: "squared", distanceWeight });
    const run = fit(await sharedDevice(), model, data, { epochs: 60, batchSize: 64, learningRate: 5e-3, seed: 1 });
    await run.finished;
    const codes = await run.use("encode", 512, { x: data.train.values.x });
    await run.dispose();
    return eigen(covariance(codes, 2)).values;
  };
  for (const variance of await variances(10)) expect(Math.abs(variance - 1)).toBeLessThan(0.25);
  expect((await variances(0))[0]).toBeGreaterThan(2);
});
