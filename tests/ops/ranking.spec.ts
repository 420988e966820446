import { expect } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, isSlow, test } from "../support/adapters.ts";
import { randomFeeds } from "../support/numbers.ts";

test("the k largest of a row pass, of equal ones the first, and the gradient passes where they do", () => {
  const x = ops.parameter("x", [3, 4]);
  const y = ops.topK(x, 2);
  const feeds = { x: [1, 4, -2, 3, 5, 5, 5, 5, -1, -4, -2, -3] };
  const [dx] = gradients(ops.sum(ops.square(y)), [x]);
  const values = interpret(collect({ y, dx }), { feeds });
  expect([...values.y].map((value) => value + 0)).toEqual([0, 4, 0, 3, 5, 5, 0, 0, -1, 0, -2, 0]);
  expect([...values.dx].map((value) => value + 0)).toEqual([0, 8, 0, 6, 10, 10, 0, 0, -2, 0, -4, 0]);
});

test("k may be a schedule, and no whole number: then the next one; a row has no more than all of its numbers", () => {
  const x = ops.parameter("x", [1, 4]);
  const y = ops.topK(x, ops.schedule("k"));
  const passing = (k: number) => [...interpret(collect({ y }), { feeds: { x: [1, 4, 2, 3], k: [k] } }).y];
  expect(passing(1.5)).toEqual([0, 4, 0, 3]);
  expect(passing(3)).toEqual([0, 4, 2, 3]);
  expect(passing(9)).toEqual([1, 4, 2, 3]);
  expect(() => ops.topK(ops.parameter("s", []), 1)).toThrow("rank: a single number is no row of numbers.");
});

test("a row in its order, and the gradient goes back to where a number came from", () => {
  const x = ops.parameter("x", [2, 2, 3]);
  const y = ops.sort(x);
  const feeds = { x: [1, 4, -2, 5, 5, 0, -1, -4, -2, 7, 8, 9], w: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] };
  const [dx] = gradients(ops.sum(ops.mul(y, ops.input("w", [2, 2, 3]))), [x]);
  const values = interpret(collect({ y, dx }), { feeds });
  expect([...values.y]).toEqual([4, 1, -2, 5, 5, 0, -1, -2, -4, 9, 8, 7]);
  expect([...values.dx]).toEqual([2, 1, 3, 4, 5, 6, 7, 9, 8, 12, 11, 10]);
});

const shapes = [[5, 8], [7, 13], [4, 2, 6], [3], [130, 257]];

for (const name of driverAdapters) {
  test(`ranks in rows of any width, with numbers that are equal: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const drawn = isSlow(name) ? shapes.slice(0, 2) : shapes;
    const nodes = drawn.map((shape) => [`[${shape}]`, ops.rank(ops.input(`x [${shape}]`, shape))] as const);
    const graph = collect(Object.fromEntries(nodes));
    // Of few values, so that many are equal.
    const feeds = Object.fromEntries(
      Object.entries(randomFeeds(graph.nodes, 3)).map(([of, values]) => [of, values.map((x) => Math.round(8 * x))]),
    );
    const [got, want] = [await run(graph, { feeds }), interpret(graph, { feeds })];
    for (const shape of drawn) {
      const ranks = got[`[${shape}]`];
      expect([...ranks], `[${shape}]`).toEqual([...want[`[${shape}]`]]);
      const width = shape[shape.length - 1];
      const all = Array.from({ length: width }, (_, k) => k);
      for (let row = 0; row < ranks.length / width; row++) {
        expect([...ranks.subarray(row * width, (row + 1) * width)].sort((a, b) => a - b)).toEqual(all);
      }
    }
  });

  test(`NaN and infinities stay what they are: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const x = ops.input("x", [2, 5]);
    const graph = collect({ rank: ops.rank(x), y: ops.topK(x, 2) });
    const feeds = { x: [1, Number.NaN, 3, 2, 0, -Infinity, 1, Infinity, -Infinity, -1] };
    const { rank, y } = await run(graph, { feeds });
    expect([...rank]).toEqual([2, 0, 0, 1, 3, 3, 1, 0, 4, 2]);
    expect([...interpret(graph, { feeds }).rank]).toEqual([...rank]);
    expect(y[1]).toBeNaN();
    expect(y[7]).toBe(Infinity);
  });
}
