import { expect } from "@playwright/test";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Shape } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, isSlow, test } from "../support/adapters.ts";
import { largestError, randomFeeds } from "../support/numbers.ts";

/** Four lanes at once, single lanes, less than a block, a scalar. */
const shapes: readonly Shape[] = [[6, 8], [5, 7], [3], []];
const places = [
  { seed: [0, 0], step: 0 },
  { seed: [0xffffffff, 0x9e3779b9], step: 1 },
  { seed: [7, 1], step: 2 ** 32 + 3 },
] as const;

for (const name of driverAdapters) {
  test(`noise is the interpreter's for every shape, seed and step: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const outputs = (isSlow(name) ? shapes.slice(0, 2) : shapes).map((shape) => {
      const [normal, uniform] = [ops.normal(`normal ${shape}`, shape), ops.uniform(`uniform ${shape}`, shape)];
      const x = ops.parameter(`x ${shape}`, shape);
      return {
        [`normal ${shape}`]: normal,
        [`uniform ${shape}`]: uniform,
        [`fused ${shape}`]: ops.reparameterise(x, ops.square(x), normal),
        [`bernoulli ${shape}`]: ops.bernoulli(`coin ${shape}`, ops.constant(0.3, shape)),
        [`turned ${shape}`]: ops.mul(2, ops.transpose(normal)),
      };
    });
    const graph = collect(Object.assign({}, ...outputs));
    const feeds = randomFeeds(graph.nodes, 2);
    for (const place of places) {
      const want = interpret(graph, { feeds, ...place });
      const got = await run(graph, { feeds, ...place });
      const wrong = Object.keys(want).filter(
        (key) => !(largestError(got[key], want[key]) < (key.startsWith("bernoulli") ? 1e-9 : 1e-5)),
      );
      expect(wrong, JSON.stringify(place)).toEqual([]);
    }
  });
}

test("noise is new at every step, for every seed and every name", () => {
  const graph = collect({ a: ops.normal("a", [64]), b: ops.normal("b", [64]) });
  const draws = [
    { seed: [1, 0], step: 0 },
    { seed: [1, 0], step: 1 },
    { seed: [2, 0], step: 0 },
    { seed: [1, 1], step: 0 },
  ].flatMap(({ seed, step }) => Object.values(interpret(graph, { seed: seed as [number, number], step })));
  const numbers = draws.flatMap((values) => [...values]);
  expect(new Set(numbers).size).toBe(numbers.length);
});
