import { expect } from "@playwright/test";
import fc from "fast-check";
import { compile } from "../../src/compiler/compile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, quickAdapters, test } from "../support/adapters.ts";
import { long } from "../support/long.ts";
import { largestError, randomFeeds, randomNumbers } from "../support/numbers.ts";

const [a, b] = [Math.exp(-1), Math.exp(-3)];

/** Logits, the softmax, the logarithm of that, the logsumexp. */
const rows = [
  { logits: [0, 0, 0, 0], softmax: [0.25, 0.25, 0.25, 0.25], log: new Array(4).fill(-Math.log(4)), sum: Math.log(4) },
  {
    logits: [1e4, 1e4 - 1, -1e4, 1e4 - 3],
    softmax: [1 / (1 + a + b), a / (1 + a + b), 0, b / (1 + a + b)],
    log: [0, -1, -2e4, -3].map((value) => value - Math.log1p(a + b)),
    sum: 1e4 + Math.log1p(a + b),
  },
  {
    logits: [-1e4, -1e4, -1e4, -1e4 - 1],
    softmax: [1, 1, 1, a].map((e) => e / (3 + a)),
    log: [0, 0, 0, -1].map((value) => value - Math.log(3 + a)),
    sum: -1e4 + Math.log(3 + a),
  },
  { logits: [-1e4, 1e4, -1e4, 0], softmax: [0, 1, 0, 0], log: [-2e4, 0, -2e4, -1e4], sum: 1e4 },
];

/** All of it at the rows above, with targets by id and as probabilities, and the slopes of the losses. */
function extremes() {
  const x = ops.parameter("x", [4, 4]);
  const ids = ops.input("ids", [4]);
  const target = ops.input("target", [4, 4]);
  const [byId, byProbability] = [ops.crossEntropy(x, ids), ops.crossEntropy(x, target)];
  const outputs = {
    softmax: ops.softmax(x),
    log: ops.logSoftmax(x),
    sum: ops.logsumexp(x),
    byId,
    byProbability,
    "slope by id": gradients(ops.sum(byId), [x])[0],
    "slope by probability": gradients(ops.sum(byProbability), [x])[0],
    "slope of sum": gradients(ops.sum(ops.logsumexp(x)), [x])[0],
  };
  const chosen = [2, 3, 0, 1];
  const probabilities = [
    [0.5, 0.5, 0, 0],
    [0, 0, 0, 1],
    [0.25, 0.25, 0.25, 0.25],
    [0, 1, 0, 0],
  ];
  const minus = (k: number, t: readonly number[]) => rows[k].softmax.map((p, j) => p - t[j]);
  const want: Record<keyof typeof outputs, number[]> = {
    softmax: rows.flatMap(({ softmax }) => softmax),
    log: rows.flatMap(({ log }) => log),
    sum: rows.map(({ sum }) => sum),
    byId: rows.map(({ log }, k) => -log[chosen[k]]),
    byProbability: rows.map(({ log }, k) => -log.reduce((total, value, j) => total + value * probabilities[k][j], 0)),
    "slope by id": rows.flatMap((_, k) =>
      minus(
        k,
        [0, 1, 2, 3].map((j) => Number(j === chosen[k])),
      ),
    ),
    "slope by probability": rows.flatMap((_, k) => minus(k, probabilities[k])),
    "slope of sum": rows.flatMap(({ softmax }) => softmax),
  };
  const feeds = { x: rows.flatMap(({ logits }) => logits), ids: chosen, target: probabilities.flat() };
  return { graph: collect(outputs), want, feeds };
}

test("the interpreter's softmax, its logarithm, the cross-entropies and their slopes are exact at ±10,000", () => {
  const { graph, want, feeds } = extremes();
  const got = interpret(graph, { feeds });
  for (const [what, values] of Object.entries(want)) expect(largestError(got[what], values), what).toBeLessThan(1e-11);
});

test("what does not fit is refused in words", () => {
  const x = ops.parameter("x", [4, 3]);
  expect(() => ops.crossEntropy(x, ops.input("t", [3]))).toThrow(
    "crossEntropy: shapes [4,3] and [3] are not logits [..., classes] with probabilities of that shape or ids [...].",
  );
  expect(() => ops.softmax(x, 2)).toThrow("Axis 2 does not exist in a tensor of shape [4,3].");
});

test("softmax passes three times over its data, cross-entropy with its gradient too", () => {
  const x = ops.parameter("x", [128, 100]);
  const passes = (outputs: Record<string, Node>) =>
    compile(collect(outputs), {
      profile: { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 },
      leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }),
    }).dispatches.filter(({ shape }) => shape === "128x100").length;
  const loss = (target: Node) => ops.mean(ops.crossEntropy(x, target));
  expect(passes({ y: ops.softmax(x) })).toBe(3);
  expect(passes({ y: ops.logsumexp(x) })).toBe(2);
  for (const target of [ops.input("ids", [128]), ops.input("probabilities", [128, 100])]) {
    expect(passes({ loss: loss(target), dx: gradients(loss(target), [x])[0] })).toBe(3);
  }
});

const extent = fc.constantFrom(1, 2, 3, 4, 5, 8, 13);
const softmaxCase = fc
  .array(extent, { minLength: 1, maxLength: 3 })
  .chain((shape) => fc.record({ shape: fc.constant(shape), axis: fc.nat(shape.length - 1) }));

for (const name of driverAdapters) {
  test(`softmax, logsumexp and cross-entropies at ±10,000, and their slopes: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const { graph, want, feeds } = extremes();
    const got = await run(graph, { feeds });
    for (const [what, values] of Object.entries(want)) {
      // f32 has steps of 1e-3 at 10,000: only there is anything lost.
      const error = values.map((value, k) => Math.abs(got[what][k] - value) / Math.max(1, Math.abs(value)));
      expect(Math.max(...error.map((value) => (Number.isNaN(value) ? 1 : value))), what).toBeLessThan(2e-7);
    }
  });

  test(`an id that is no class has no loss and no gradient: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const x = ops.parameter("x", [6, 3]);
    const loss = ops.crossEntropy(x, ops.input("ids", [6]));
    const got = await run(collect({ loss, dx: gradients(ops.sum(loss), [x])[0] }), {
      feeds: { x: Float32Array.from({ length: 18 }, (_, k) => k / 5), ids: [-1, 3, 0.5, 1e9, Number.NaN, 2] },
    });
    expect([...got.loss.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
    expect([...got.dx.subarray(0, 15)].every((value) => value === 0)).toBe(true);
    expect(got.loss[5]).toBeGreaterThan(0.5);
  });
}

for (const name of quickAdapters) {
  test(`along any axis, with gradients: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const cases = fc.sample(softmaxCase, { seed: 3, numRuns: long ? 6 : 4 });
    const nodes = cases.flatMap(({ shape, axis }, k) => {
      const x = ops.parameter(`${k} x`, shape);
      const ids = ops.input(`${k} ids`, shape.slice(0, -1));
      const outputs = {
        softmax: ops.softmax(x, axis),
        log: ops.logSoftmax(x, axis),
        sum: ops.logsumexp(x, axis, { keepDims: true }),
        byId: ops.crossEntropy(x, ids),
        byProbability: ops.crossEntropy(x, ops.softmax(ops.input(`${k} target`, shape))),
      };
      return Object.entries(outputs).flatMap(([what, y]) => {
        const [slope] = gradients(ops.sum(ops.mul(y, ops.input(`${k} ${what} weight`, y.shape))), [x]);
        return [
          [`${what} of [${shape}] along ${axis}, ${k}`, y],
          [`slope of ${what} of [${shape}] along ${axis}, ${k}`, slope],
        ] as const;
      });
    });
    const graph = collect(Object.fromEntries(nodes));
    const feeds = randomFeeds(graph.nodes, 8, [-4, 4]);
    cases.forEach(({ shape }, k) => {
      const next = randomNumbers(k);
      // Some are no class.
      feeds[`${k} ids`] = feeds[`${k} ids`].map(() => Math.floor((shape[shape.length - 1] + 2) * next()) - 1);
    });
    const want = interpret(graph, { feeds });
    const got = await run(graph, { feeds });
    expect(Object.keys(want).filter((what) => !(largestError(got[what], want[what]) < 1e-5))).toEqual([]);
  });
}
