import { expect } from "@playwright/test";
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { createNode, type Node } from "../../src/node/node.ts";
import { outputExtent } from "../../src/ops/conv-geometry.ts";
import { averagePool2dAdjointOp, maxPoolIndexOp, poolSelectAdjointOp, poolSelectOp } from "../../src/ops/pool.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, type Execute, quickAdapters, test } from "../support/adapters.ts";
import { long } from "../support/long.ts";
import { largestError, randomFeeds } from "../support/numbers.ts";

// --- by hand --------------------------------------------------------------------------------------------------------

const images = (shape: readonly number[]) => ops.parameter("x", shape);
const values = (node: Node, x: readonly number[]) => [...interpret(collect({ node }), { feeds: { x } }).node];

test("windows lie side by side where no stride is given, and a last one that does not fit is left out", () => {
  const x = images([1, 2, 5, 1]);
  const row = [1, 5, 2, 3, 9, 4, 0, 7, -1, 9];
  expect(values(ops.maxPool2d(x, { kernel: 2 }), row)).toEqual([5, 7]);
  expect(values(ops.averagePool2d(x, { kernel: 2 }), row)).toEqual([2.5, 2.75]);
});

test("padding never is the maximum, and counts in the mean as the options say", () => {
  const x = images([1, 1, 4, 1]);
  const row = [-1, -2, -3, -4];
  const one = { top: 0, bottom: 0, left: 1, right: 1 };
  const options = { kernel: [1, 3], stride: [1, 2] } as const;
  expect(values(ops.maxPool2d(x, { ...options, padding: one }), row)).toEqual([-1, -2]);
  expect(values(ops.averagePool2d(x, { ...options, padding: one }), row)).toEqual([-1, -3]);
  expect(values(ops.averagePool2d(x, { ...options, padding: one, countPadding: false }), row)).toEqual([-1.5, -3]);
  // TensorFlow's SAME has its zero at the right, and does not count it.
  expect(values(ops.averagePool2d(x, { ...options, padding: "same" }), row)).toEqual([-2, -3.5]);
  expect(values(ops.averagePool2d(x, { ...options, padding: "same", countPadding: true }), row)).toEqual([-2, -7 / 3]);
});

test("the first of equal maxima gets the gradient", () => {
  const x = images([1, 2, 4, 1]);
  const [dx] = gradients(ops.sum(ops.maxPool2d(x, { kernel: 2 })), [x]);
  expect(values(dx, [3, 3, 0, 1, 3, 3, 1, 0])).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
  const [overlapping] = gradients(ops.sum(ops.maxPool2d(x, { kernel: 2, stride: 1 })), [x]);
  expect(values(overlapping, [3, 3, 0, 1, 3, 3, 1, 0])).toEqual([1, 1, 0, 1, 0, 0, 0, 0]);
});

test("what does not fit is refused in words", () => {
  const x = images([2, 4, 4, 3]);
  expect(() => ops.maxPool2d(x, { kernel: 5 })).toThrow(
    "maxPool2d: shapes [2,4,4,3] do not fit: the window [5,5] is larger than the image with its padding [0,0,0,0].",
  );
  expect(() => ops.averagePool2d(x, { kernel: 2, padding: { top: 2, bottom: 0, left: 0, right: 0 } })).toThrow(
    "averagePool2d: padding [2,0,0,0] leaves windows of [2,2] without an input; each has to be less than the window.",
  );
  expect(() => ops.maxPool2d(x, { kernel: 2, stride: 0 })).toThrow("stride is [0,0], and has to be 2 whole numbers");
  expect(() => ops.maxPool2d(images([4, 4, 3]), { kernel: 2 })).toThrow(
    "are not images [batch, height, width, channels]",
  );
  expect(() =>
    createNode(averagePool2dAdjointOp, [x], { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], size: [8, 8] }),
  ).toThrow("countPadding is undefined");
  expect(() =>
    createNode(poolSelectAdjointOp, [x, x], { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], size: [7, 8] }),
  ).toThrow("shapes [2,7,8,3] and [2,4,4,3] do not fit: the first pools to [2,3,4,3]");
});

// --- on every adapter -----------------------------------------------------------------------------------------------

interface PoolCase {
  readonly batch: number;
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly countPadding: boolean;
}

const pair = <T>(drawn: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(drawn, drawn);

const poolCase: fc.Arbitrary<PoolCase> = fc
  .record({
    batch: fc.constantFrom(1, 1, 2, 3),
    size: pair(fc.integer({ min: 1, max: 11 })),
    channels: fc.constantFrom(1, 3, 4, 8),
    kernel: pair(fc.integer({ min: 1, max: 4 })),
    stride: pair(fc.constantFrom(1, 2, 2, 3, 5)),
    zeros: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)),
    countPadding: fc.boolean(),
  })
  .map(({ zeros, ...drawn }) => ({
    ...drawn,
    padding: zeros.map((count, side) => count % drawn.kernel[side >> 1]) as unknown as PoolCase["padding"],
  }))
  .filter(({ size, kernel, stride, padding }) =>
    [0, 1].every(
      (axis) => outputExtent(size[axis], padding[2 * axis] + padding[2 * axis + 1], kernel[axis], stride[axis], 1) > 0,
    ),
  );

/** All six kernels: both poolings, the gradients of a function of each, and gradients of these. */
function poolings(
  { batch, size, channels, countPadding, ...attributes }: PoolCase,
  name: string,
): Record<string, Node> {
  const x = ops.parameter(`${name} x`, [batch, ...size, channels]);
  const [top, bottom, left, right] = attributes.padding;
  const options = { ...attributes, padding: { top, bottom, left, right } };
  const outputs = {
    max: ops.maxPool2d(x, options),
    index: createNode(maxPoolIndexOp, [x], attributes),
    average: ops.averagePool2d(x, { ...options, countPadding }),
  };
  const weight = ops.input(`${name} weight`, outputs.max.shape);
  const first = (y: Node) => gradients(ops.sum(ops.mul(ops.square(y), weight)), [x])[0];
  const second = (y: Node) => gradients(ops.sum(ops.square(first(y))), [x])[0];
  return {
    ...outputs,
    "d max": first(outputs.max),
    "d average": first(outputs.average),
    "dd max": second(outputs.max),
    "dd average": second(outputs.average),
  };
}

async function expectReference(run: Execute, cases: readonly PoolCase[]): Promise<void> {
  const nodes = Object.fromEntries(
    cases.flatMap((drawn, k) =>
      Object.entries(poolings(drawn, String(k))).map(([what, node]) => [`${what} of ${JSON.stringify(drawn)}`, node]),
    ),
  );
  const graph = collect(nodes);
  const feeds = randomFeeds(graph.nodes, 5);
  // Few values, so that many are equal.
  for (const [name, values] of Object.entries(feeds)) feeds[name] = values.map((value) => Math.round(value * 8) / 8);
  const want = interpret(graph, { feeds });
  const got = await run(graph, { feeds });
  expect(Object.keys(want).filter((what) => !(largestError(got[what], want[what]) < 1e-5))).toEqual([]);
}

for (const name of quickAdapters) {
  for (const baseline of [false, true]) {
    test(`poolings of every kind and their gradients: ${name}${baseline ? ", default limits" : ""}`, async ({
      adapters,
    }) => {
      const run = await adapters.open(name, baseline);
      await expectReference(
        run,
        fc.sample(poolCase, { seed: baseline ? 2 : 1, numRuns: long ? 10 : baseline ? 2 : 4 }),
      );
    });
  }
}

for (const name of driverAdapters) {
  test(`NaN in a window is its maximum and its mean, and no other window's: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const x = ops.parameter("x", [1, 1, 6, 4]);
    const feeds = { x: Float32Array.from({ length: 24 }, (_, k) => (k === 5 || k === 18 ? Number.NaN : k - 12)) };
    const graph = collect({
      max: ops.maxPool2d(x, { kernel: [1, 2] }),
      average: ops.averagePool2d(x, { kernel: [1, 2] }),
    });
    const got = await run(graph, { feeds });
    const want = interpret(graph, { feeds });
    expect([...got.max]).toEqual([...want.max]);
    expect([...got.average]).toEqual([...want.average]);
    expect([...got.max].map(Number.isNaN).filter(Boolean)).toHaveLength(2);
  });

  test(`a pooling and its adjoint are adjoint, <Px, y> = <x, Pᵀy>: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const attributes = { kernel: [3, 2], stride: [2, 1], padding: [1, 1, 0, 1] } as const;
    const counted = { ...attributes, countPadding: false };
    const [x, v] = [ops.parameter("x", [2, 7, 6, 4]), ops.parameter("v", [2, 4, 6, 4])];
    const index = createNode(maxPoolIndexOp, [x], attributes);
    const averaged = ops.averagePool2d(x, { ...counted, padding: { top: 1, bottom: 1, left: 0, right: 1 } });
    const graph = collect({
      selected: createNode(poolSelectOp, [x, index], attributes),
      selectAdjoint: createNode(poolSelectAdjointOp, [v, index], { ...attributes, size: [7, 6] }),
      averaged,
      averageAdjoint: createNode(averagePool2dAdjointOp, [v], { ...counted, size: [7, 6] }),
    });
    const feeds = randomFeeds(graph.nodes, 6, [0.5, 1]);
    const got = await run(graph, { feeds });
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, k) => sum + value * b[k], 0);
    expect(Math.abs(dot(got.selected, feeds.v) / dot(feeds.x, got.selectAdjoint) - 1)).toBeLessThan(1e-6);
    expect(Math.abs(dot(got.averaged, feeds.v) / dot(feeds.x, got.averageAdjoint) - 1)).toBeLessThan(1e-6);
  });
}
