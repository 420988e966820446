import { expect } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { createNode } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { topKMaskOp } from "../../src/ops/top-k.ts";
import { adapterNames, isSlow, test } from "../support/adapters.ts";
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

test("more numbers than a row has, or none, are refused in words", () => {
  const x = ops.parameter("x", [2, 4]);
  for (const k of [5, 0, 1.5, Number.NaN]) {
    const sentence = `topK: there are no ${k} largest numbers in the rows of a tensor of shape [2,4].`;
    expect(() => ops.topK(x, k)).toThrow(sentence);
  }
  expect(() => ops.topK(ops.parameter("s", []), 1)).toThrow("in the rows of a tensor of shape [].");
});

const cases = [
  { shape: [5, 8], k: 3 },
  { shape: [7, 13], k: 13 },
  { shape: [4, 2, 6], k: 1 },
  { shape: [3], k: 2 },
  { shape: [130, 257], k: 20 },
];

for (const name of adapterNames) {
  test(`masks of rows of any width, with numbers that are equal: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const drawn = isSlow(name) ? cases.slice(0, 2) : cases;
    const masks = drawn.map(({ shape, k }) => {
      const x = ops.input(`x of ${shape}`, shape);
      return [`${k} of ${shape}`, createNode(topKMaskOp, [x], { k })] as const;
    });
    const graph = collect(Object.fromEntries(masks));
    // Of few values, so that many are equal.
    const feeds = Object.fromEntries(
      Object.entries(randomFeeds(graph.nodes, 3)).map(([of, values]) => [of, values.map((x) => Math.round(8 * x))]),
    );
    const [got, want] = [await run(graph, { feeds }), interpret(graph, { feeds })];
    drawn.forEach(({ shape, k }, n) => {
      const [what] = masks[n];
      expect([...got[what]], what).toEqual([...want[what]]);
      const width = shape[shape.length - 1];
      const rows = got[what].length / width;
      for (let row = 0; row < rows; row++) {
        const kept = got[what].subarray(row * width, (row + 1) * width).reduce((sum, one) => sum + one, 0);
        expect(kept, `row ${row} of ${what}`).toBe(k);
      }
    });
  });

  test(`NaN and infinities stay what they are: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const x = ops.input("x", [2, 5]);
    const graph = collect({ mask: createNode(topKMaskOp, [x], { k: 2 }), y: ops.topK(x, 2) });
    const feeds = { x: [1, Number.NaN, 3, 2, 0, -Infinity, 1, Infinity, -Infinity, -1] };
    const { mask, y } = await run(graph, { feeds });
    expect([...mask]).toEqual([0, 1, 1, 1, 0, 0, 1, 1, 0, 0]);
    expect([...interpret(graph, { feeds }).mask]).toEqual([...mask]);
    expect(y[1]).toBeNaN();
    expect(y[7]).toBe(Infinity);
  });
}
