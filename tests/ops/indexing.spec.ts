import { expect } from "@playwright/test";
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node, Shape } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, quickAdapters, test } from "../support/adapters.ts";
import { long } from "../support/long.ts";
import { largestError, randomFeeds, randomNumbers } from "../support/numbers.ts";

// --- by hand --------------------------------------------------------------------------------------------------------

const values = (node: Node, feeds: Record<string, readonly number[]> = {}) => [
  ...interpret(collect({ node }), { feeds }).node,
];

/** Names no row of four: too small, too large, between two, nothing at all. */
const NOWHERE = [-1, 4, 0.5, 1e9, -1e9, Number.NaN, Number.POSITIVE_INFINITY];

test("iota is a coordinate as a number", () => {
  expect(values(ops.iota([4]))).toEqual([0, 1, 2, 3]);
  expect(values(ops.iota([2, 3], 0))).toEqual([0, 0, 0, 1, 1, 1]);
  expect(values(ops.iota([2, 3], -1))).toEqual([0, 1, 2, 0, 1, 2]);
  expect(() => ops.iota([2, 3], 2)).toThrow("Axis 2 does not exist in a tensor of shape [2,3].");
});

test("argmax is the first of equal maxima, along any axis", () => {
  const x = ops.parameter("x", [2, 3]);
  const feeds = { x: [1, 7, 7, 7, 2, 1] };
  expect(values(ops.argmax(x), feeds)).toEqual([1, 0]);
  expect(values(ops.argmax(x, 0), feeds)).toEqual([1, 0, 0]);
});

test("gather takes rows along an axis, scatterAdd brings them back, an index that names no row is left out", () => {
  const x = ops.parameter("x", [4, 2]);
  const indices = ops.input("i", [2, 2]);
  const feeds = { x: [1, 2, 3, 4, 5, 6, 7, 8], i: [3, 0, 3, -1] };
  const rows = ops.gather(x, indices);
  expect(rows.shape).toEqual([2, 2, 2]);
  expect(values(rows, feeds)).toEqual([7, 8, 1, 2, 7, 8, 0, 0]);
  expect(values(ops.scatterAdd(rows, indices, 4), feeds)).toEqual([1, 2, 0, 0, 0, 0, 14, 16]);
  const columns = ops.gather(x, ops.input("c", [3]), -1);
  expect(columns.shape).toEqual([4, 3]);
  expect(values(columns, { ...feeds, c: [1, 1, 2] })).toEqual([2, 2, 0, 4, 4, 0, 6, 6, 0, 8, 8, 0]);
});

test("what does not fit is refused in words", () => {
  const x = ops.parameter("x", [4, 2]);
  expect(() => ops.gather(x, x, 2)).toThrow("Axis 2 does not exist in a tensor of shape [4,2].");
  expect(() => ops.scatterAdd(x, ops.input("i", [3]), 9)).toThrow(
    "scatterAdd: shapes [4,2] and [3] do not fit: the second has to stand in the first from axis 0 on.",
  );
  expect(() => ops.scatterAdd(x, ops.input("i", [4]), 0)).toThrow("A tensor cannot have the shape [0]");
  expect(() => ops.embedding(ops.parameter("t", [4]), x)).toThrow("are not a table [count, width] and ids");
});

// --- on every adapter -----------------------------------------------------------------------------------------------

interface GatherCase {
  readonly before: Shape;
  readonly count: number;
  readonly after: Shape;
  readonly indices: Shape;
}

const extents = (most: number) => fc.array(fc.constantFrom(1, 2, 3, 4, 5, 8), { maxLength: most });
const gatherCase: fc.Arbitrary<GatherCase> = fc.record({
  before: extents(1),
  count: fc.constantFrom(1, 2, 7, 12),
  after: extents(2),
  indices: fc.constantFrom<Shape[]>([], [1], [3], [4], [2, 5], [401]),
});

/** Everything about one case: rows, and the gradients of functions of them and of what is scattered. */
function outputsOf({ before, count, after, indices }: GatherCase, name: string): Record<string, Node> {
  const x = ops.parameter(`${name} x`, [...before, count, ...after]);
  const ids = ops.input(`${name} ids`, indices);
  const rows = ops.gather(x, ids, before.length);
  const loss = ops.sum(ops.mul(ops.square(rows), ops.input(`${name} weight`, rows.shape)));
  const [first] = gradients(loss, [x]);
  return { rows, first, second: gradients(ops.sum(ops.square(first)), [x])[0] };
}

for (const name of quickAdapters) {
  for (const baseline of [false, true]) {
    test(`gather along any axis, and its gradients: ${name}${baseline ? ", default limits" : ""}`, async ({
      adapters,
    }) => {
      const run = await adapters.open(name, baseline);
      const cases = fc.sample(gatherCase, { seed: baseline ? 2 : 1, numRuns: long ? 12 : baseline ? 3 : 6 });
      const nodes = cases.flatMap((drawn, k) =>
        Object.entries(outputsOf(drawn, String(k))).map(
          ([what, node]) => [`${what} of ${JSON.stringify(drawn)} ${k}`, node] as const,
        ),
      );
      const graph = collect(Object.fromEntries(nodes));
      const feeds = randomFeeds(graph.nodes, 4);
      cases.forEach(({ count }, k) => {
        const next = randomNumbers(k);
        // Some beyond the end.
        feeds[`${k} ids`] = feeds[`${k} ids`].map(() => Math.floor((count + 1) * next()));
      });
      const want = interpret(graph, { feeds });
      const got = await run(graph, { feeds });
      const scale = (what: string) => Math.max(1, ...want[what].map(Math.abs));
      expect(Object.keys(want).filter((what) => !(largestError(got[what], want[what]) < 3e-6 * scale(what)))).toEqual(
        [],
      );
    });
  }

  test(`long sums in slices, iota in expressions, argmax: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const ids = ops.input("ids", [5003]);
    const y = ops.parameter("y", [5003, 3]);
    const scores = ops.parameter("scores", [9, 8]);
    const graph = collect({
      few: ops.scatterAdd(y, ids, 2),
      total: ops.sum(ops.scatterAdd(y, ids, 2), { axes: [0] }),
      ramp: ops.mul(0.5, ops.iota([3, 8], 1)),
      odd: ops.add(ops.iota([3, 5], 0), ops.iota([3, 5], 1)),
      moved: ops.pad(ops.slice(ops.iota([6, 8], 1), [1, 3], [3, 5]), [1, 0], [5, 6]),
      turned: ops.transpose(ops.iota([4, 8], 0)),
      alone: ops.iota([7]),
      product: ops.matmul(scores, ops.iota([8, 4], 0)),
      last: ops.argmax(scores),
      first: ops.argmax(ops.square(scores), 0),
    });
    const feeds = randomFeeds(graph.nodes, 9);
    feeds.ids = feeds.ids.map((_, k) => k % 2);
    feeds.scores = feeds.scores.map((value) => Math.round(3 * value));
    const want = interpret(graph, { feeds });
    for (const fuse of [true, false]) {
      const got = await run(graph, { feeds, fuse });
      for (const what of Object.keys(want)) {
        expect(largestError(got[what], want[what]), what).toBeLessThan(["few", "total"].includes(what) ? 2e-5 : 1e-6);
      }
    }
  });
}

for (const name of driverAdapters) {
  test(`an index that names no row gives zeros, and gets no gradient: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const table = ops.parameter("table", [4, 4]);
    const ids = ops.input("ids", [NOWHERE.length + 1]);
    const rows = ops.embedding(table, ids);
    const got = await run(
      collect({ rows, hot: ops.oneHot(ids, 4), slope: gradients(ops.sum(ops.exp(rows)), [table])[0] }),
      { feeds: { table: Float32Array.from({ length: 16 }, (_, k) => k / 8), ids: [2, ...NOWHERE] } },
    );
    expect([...got.rows]).toEqual([1, 1.125, 1.25, 1.375, ...new Array(4 * NOWHERE.length).fill(0)]);
    expect([...got.hot]).toEqual([0, 0, 1, 0, ...new Array(4 * NOWHERE.length).fill(0)]);
    const slope = [1, 1.125, 1.25, 1.375].map(Math.exp);
    expect(largestError(got.slope, [...new Array(8).fill(0), ...slope, 0, 0, 0, 0])).toBeLessThan(1e-6);
  });

  test(`a maximum holds NaN and −∞ as they are, and argmax of NaN names nothing: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const rows = ops.parameter("rows", [4, 8]);
    const wide = ops.parameter("long", [1, 4099]);
    const graph = collect({
      along: ops.max(rows, { axes: [1] }),
      across: ops.max(rows, { axes: [0] }),
      long: ops.max(wide, { axes: [1] }),
      best: ops.argmax(rows),
    });
    const feeds = { rows: new Array<number>(32).fill(-Infinity), long: Array.from({ length: 4099 }, (_, k) => k) };
    feeds.rows.splice(0, 16, Number.NaN, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 9, 6, 7, Number.NaN);
    feeds.rows[31] = -1e38;
    feeds.long[2] = Number.NaN;
    const got = await run(graph, { feeds });
    expect(got).toEqual(
      Object.fromEntries(
        Object.entries(interpret(graph, { feeds })).map(([what, values]) => [what, Float32Array.from(values)]),
      ),
    );
    expect([...got.along].map(Number.isNaN)).toEqual([true, true, false, false]);
    expect([...got.best]).toEqual([8, 8, 0, 7]);
  });
}
