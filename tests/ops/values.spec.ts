import { expect } from "@playwright/test";
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node, Shape } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { adapterNames, type Execute, isSlow, quickAdapter, quickAdapters, test } from "../support/adapters.ts";
import { long } from "../support/long.ts";
import { relativeError } from "../support/numbers.ts";
import { mapCases, operandPool, tensorCases, viewCases } from "../support/op-cases.ts";

interface Case {
  readonly graph: Graph;
  readonly feeds: Record<string, Float32Array>;
}

async function expectReference(run: Execute, { graph, feeds }: Case, tolerance = 3e-6, fuse = true): Promise<void> {
  const options = { feeds, seed: [3, 4] as const, step: 5 };
  const want = interpret(graph, options);
  const got = await run(graph, { ...options, fuse });
  const wrong = Object.keys(want)
    .map((name) => [name, relativeError(got[name], want[name])] as const)
    .filter(([, error]) => !(error < tolerance));
  expect(wrong).toEqual([]);
}

/** A value and its gradients, as named outputs. Each element counts differently, so that no transposition goes unseen. */
function withGradients(name: string, y: Node, operands: readonly Node[], weight: Node): Record<string, Node> {
  const slopes = gradients(ops.sum(ops.mul(y, weight)), operands);
  return { [name]: y, ...Object.fromEntries(slopes.map((slope, k) => [`d ${name} / d ${k}`, slope])) };
}

/** Every elementwise op and its gradients on tensors of one shape. */
function mapCase(shape: Shape, seed: number): Case {
  const pool = operandPool(seed);
  const outputs = mapCases.map(({ name, operands, build }) => {
    const nodes = operands.map((range, k) => pool.parameter(range, k, shape));
    return withGradients(name, build(...nodes), nodes, pool.parameter({ low: 0.5, high: 1.5 }, 9, shape));
  });
  return { graph: collect(Object.assign({}, ...outputs)), feeds: pool.feeds };
}

/** Ops that move or combine elements, and their gradients; `share`: one in how many. */
function tensorCase(share: number, cases = tensorCases): Case {
  const pool = operandPool(5);
  const outputs = Object.entries(cases)
    .filter((_, k) => k % share === 0)
    .map(([name, { operands, shape, build }]) => {
      const x = pool.parameter(operands[0], 0, shape);
      const y = build(x);
      return withGradients(name, y, [x], pool.parameter({ low: 0.5, high: 1.5 }, 9, y.shape));
    });
  return { graph: collect(Object.assign({}, ...outputs)), feeds: pool.feeds };
}

const patterns: readonly (readonly [Shape, Shape])[] = [
  [
    [5, 1],
    [1, 7],
  ],
  [[7], [3, 7]],
  [[], [2, 3]],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [[1], [4]],
  [[8], [3, 8]],
  [
    [3, 1],
    [3, 8],
  ],
  [
    [2, 1, 4],
    [3, 4],
  ],
  [
    [2, 3, 1],
    [1, 4],
  ],
  [[1, 1], [5]],
  [
    [4, 1],
    [1, 4],
  ],
];

/** Two operands that broadcast against each other in every way. */
function broadcastCase(): Case {
  const pool = operandPool(6);
  const outputs = patterns.map(([a, b]) => {
    const nodes = [pool.parameter({ low: -2, high: 2 }, 0, a), pool.parameter({ low: 0.5, high: 2 }, 1, b)];
    const y = ops.div(nodes[0], nodes[1]);
    return withGradients(`[${a}] / [${b}]`, y, nodes, pool.parameter({ low: 0.5, high: 1.5 }, 9, y.shape));
  });
  return { graph: collect(Object.assign({}, ...outputs)), feeds: pool.feeds };
}

const extent = fc.constantFrom<number[]>(1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 31);
/** One shape for four lanes, one for single ones, then others at random. */
const shapes: readonly Shape[] = [
  [3, 8],
  [5, 7],
  [],
  ...fc.sample(
    fc.array(extent, { minLength: 1, maxLength: 4 }).filter((shape) => shape.reduce((a, b) => a * b) < 3000),
    { seed: 11, numRuns: 2 },
  ),
];

for (const name of adapterNames) {
  test(`every elementwise op and its gradients: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    for (const shape of isSlow(name) ? shapes.slice(0, 1) : shapes.slice(0, long ? undefined : 3))
      await expectReference(run, mapCase(shape, 1 + shape.length));
  });

  test(`every reduction, view and product, and its gradient: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    // Of ops with files of tests of their own a share, but in the long suite.
    await expectReference(run, tensorCase(long ? 1 : 12));
    if (!isSlow(name)) await expectReference(run, tensorCase(1, viewCases));
  });
}

for (const name of quickAdapters) {
  test(`operands that broadcast in every way, and what sums their gradients: ${name}`, async ({ adapters }) => {
    await expectReference(await adapters.open(name), broadcastCase());
  });
}

for (const name of adapterNames.filter((name) => !isSlow(name))) {
  test(`the gradient of a function of a network's gradients: ${name}`, async ({ adapters }) => {
    const pool = operandPool(8);
    const leaf = (place: number, shape: Shape) => pool.parameter({ low: -0.8, high: 0.8 }, place, shape);
    const [x, w1, b1, w2] = [leaf(0, [6, 8]), leaf(1, [8, 12]), leaf(2, [12]), leaf(3, [12, 4])];
    const h = ops.tanh(ops.add(ops.matmul(x, w1), b1));
    const loss = ops.mean(ops.bceWithLogits(ops.matmul(h, w2), ops.constant(0.3, [6, 4])));
    const [dx] = gradients(loss, [x]);
    const penalty = ops.sum(ops.square(ops.mul(10, dx)));
    const outputs = Object.fromEntries(gradients(penalty, [x, w1, b1, w2]).map((slope, k) => [`${k}`, slope]));
    await expectReference(await adapters.open(name), { graph: collect({ penalty, ...outputs }), feeds: pool.feeds });
  });
}

test("every op as a kernel of its own", async ({ adapters }) => {
  const run = await adapters.open(quickAdapter);
  await expectReference(run, mapCase([2, 4], 20), 3e-6, false);
  await expectReference(run, tensorCase(long ? 1 : 6), 3e-6, false);
});

for (const name of adapterNames.filter((name) => !isSlow(name))) {
  test(`every op at WebGPU's default limits and without optional features: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name, true);
    await expectReference(run, mapCase(shapes[0], 30));
    await expectReference(run, tensorCase(long ? 1 : 12));
    if (long) await expectReference(run, broadcastCase());
  });
}

for (const name of quickAdapters) {
  test(`maps and reductions of more than 65,535 workgroups: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    // 2049 · 2053 elements, which no four lanes divide, at 64 a workgroup
    const [rows, columns] = [2049, 2053];
    const pool = operandPool(9);
    const a = pool.parameter({ low: -1, high: 1 }, 0, [rows, 1]);
    const b = pool.parameter({ low: -1, high: 1 }, 1, [1, columns]);
    const pair = pool.parameter({ low: -1, high: 1 }, 2, [2]);
    const sum = ops.add(a, b);
    const graph = collect({
      map: ops.relu(sum),
      reduction: ops.sum(ops.mul(ops.reshape(sum, [rows, columns, 1]), pair), { axes: [2] }),
      whole: ops.mean(ops.square(sum)),
    });
    const got = await run(graph, { feeds: pool.feeds });
    const [x, y, [first, second]] = [a, b, pair].map(({ name }) => pool.feeds[name!]);
    let [worst, squares] = [0, 0];
    for (let i = 0; i < rows * columns; i++) {
      const value = x[Math.floor(i / columns)] + y[i % columns];
      squares += value * value;
      worst = Math.max(
        worst,
        Math.abs(got.map[i] - Math.max(0, value)),
        Math.abs(got.reduction[i] - value * (first + second)),
      );
    }
    expect(got.map).toHaveLength(rows * columns);
    expect(worst).toBeLessThan(1e-6);
    // 65,000 additions one after another in f32
    expect(Math.abs(got.whole[0] / (squares / (rows * columns)) - 1)).toBeLessThan(5e-5);
  });
}
