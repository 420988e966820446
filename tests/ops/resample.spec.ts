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
import { largestError, randomFeeds } from "../support/numbers.ts";

// --- by hand --------------------------------------------------------------------------------------------------------

const values = (node: Node, x: readonly number[]) => [...interpret(collect({ node }), { feeds: { x } }).node];

test("nearest up-sampling repeats pixels, and its gradient adds the copies up", () => {
  const x = ops.parameter("x", [1, 2, 2, 1]);
  const y = ops.upsampleNearest(x, [2, 3]);
  expect(y.shape).toEqual([1, 4, 6, 1]);
  expect(values(y, [1, 2, 3, 4])).toEqual([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4]);
  const [dx] = gradients(ops.sum(ops.mul(y, ops.iota(y.shape, 2))), [x]);
  expect(values(dx, [0, 0, 0, 0])).toEqual([6, 24, 6, 24]);
});

test("bilinear up-sampling has its centres at halves, and continues the edges", () => {
  const x = ops.parameter("x", [1, 1, 2, 1]);
  expect(values(ops.resizeBilinear(x, [1, 4]), [0, 8])).toEqual([0, 2, 6, 8]);
  expect(values(ops.resizeBilinear(x, [2, 3]), [0, 8])).toEqual([0, 4, 8, 0, 4, 8]);
  // Down-sampling samples: of four pixels the middle of each pair, of five the middle one.
  expect(values(ops.resizeBilinear(ops.parameter("x", [1, 1, 4, 1]), [1, 2]), [1, 3, 5, 9])).toEqual([2, 7]);
  expect(values(ops.resizeBilinear(ops.parameter("x", [1, 1, 5, 1]), [1, 1]), [9, 9, 4, 9, 9])).toEqual([4]);
});

test("what does not fit is refused in words", () => {
  const x = ops.parameter("x", [1, 2, 2, 1]);
  expect(() => ops.upsampleNearest(x, 1.5)).toThrow(
    "factor is [1.5,1.5], and has to be 2 whole numbers of at least 1.",
  );
  expect(() => ops.resizeBilinear(ops.parameter("x", [4, 8, 8]), [8, 8])).toThrow("are not images");
  expect(() => ops.resizeBilinear(x, [0, 4])).toThrow("size is [0,4], and has to be 2 whole numbers of at least 1.");
  expect(() => ops.resizeBilinear(ops.parameter("x", [4, 4]), [8, 8])).toThrow(
    "are not images [batch, height, width, channels]",
  );
});

// --- plans ----------------------------------------------------------------------------------------------------------

const profile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 };
const kernels = (outputs: Record<string, Node>) =>
  compile(collect(outputs), { profile, leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }) })
    .dispatches;

test("nearest up-sampling costs no kernel before a convolution, and its gradient is one reduction", () => {
  const x = ops.parameter("x", [2, 7, 7, 8]);
  const y = ops.conv2d(ops.upsampleNearest(ops.relu(x), 2), ops.parameter("w", [3, 3, 8, 4]), { padding: "same" });
  // The map is the padding that the convolution asks for anyway; relu and the repetition are inside it.
  const [map, ...rest] = kernels({ y });
  expect([map, ...rest].map(({ kernel }) => kernel)).toEqual(["elementwise/map", "conv/forward/subgroup"]);
  expect(map.constants.LANES).toBe(4);
  const slope = kernels({
    dx: gradients(ops.sum(ops.mul(ops.upsampleNearest(x, 2), ops.input("dy", [2, 14, 14, 8]))), [x])[0],
  });
  expect(slope.map(({ kernel, constants }) => [kernel, constants.LANES])).toEqual([["reduce/reduce", 4]]);
});

// --- on every adapter -----------------------------------------------------------------------------------------------

const extent = fc.integer({ min: 1, max: 9 });
const resampleCase = fc.record({
  batch: fc.constantFrom(1, 1, 2),
  size: fc.tuple(extent, extent),
  channels: fc.constantFrom(1, 3, 4, 8),
  factor: fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2, 4)),
  target: fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })),
});

for (const name of quickAdapters) {
  for (const baseline of [false, true]) {
    test(`up-sampling of every kind, and its gradients: ${name}${baseline ? ", default limits" : ""}`, async ({
      adapters,
    }) => {
      const run = await adapters.open(name, baseline);
      const cases = fc.sample(resampleCase, { seed: baseline ? 2 : 1, numRuns: long ? 12 : baseline ? 2 : 5 });
      const nodes = cases.flatMap(({ batch, size, channels, factor, target }, k) => {
        const x = ops.parameter(`${k} x`, [batch, ...size, channels]);
        return Object.entries({
          nearest: ops.upsampleNearest(x, factor),
          bilinear: ops.resizeBilinear(x, target),
        }).flatMap(([what, y]) => {
          const weight = ops.input(`${k} ${what} weight`, y.shape);
          const [first] = gradients(ops.sum(ops.mul(ops.square(y), weight)), [x]);
          const [second] = gradients(ops.sum(ops.square(first)), [x]);
          const of = `${what} of [${x.shape}] by [${factor}], to [${target}], ${k}`;
          return Object.entries({ y, first, second }).map(([which, node]) => [`${which}: ${of}`, node] as const);
        });
      });
      const graph = collect(Object.fromEntries(nodes));
      const feeds = randomFeeds(graph.nodes, 4);
      const want = interpret(graph, { feeds });
      const got = await run(graph, { feeds });
      const scale = (what: string) => Math.max(1, ...want[what].map(Math.abs));
      expect(Object.keys(want).filter((what) => !(largestError(got[what], want[what]) < 2e-6 * scale(what)))).toEqual(
        [],
      );
    });
  }
}

for (const name of driverAdapters) {
  test(`bilinear resizing and its adjoint are adjoint, <Rx, y> = <x, Rᵀy>: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const x = ops.parameter("x", [2, 7, 5, 4]);
    const y = ops.resizeBilinear(x, [16, 3]);
    const [dx] = gradients(ops.sum(ops.mul(y, ops.input("dy", y.shape))), [x]);
    const graph = collect({ y, dx });
    const feeds = randomFeeds(graph.nodes, 6, [0.5, 1]);
    const got = await run(graph, { feeds });
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((sum, value, k) => sum + value * b[k], 0);
    expect(Math.abs(dot(got.y, feeds.dy) / dot(feeds.x, got.dx) - 1)).toBeLessThan(1e-6);
  });
}
