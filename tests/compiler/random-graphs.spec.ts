import { expect } from "@playwright/test";
import fc from "fast-check";
import type { Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { adapterNames, type Execute, quickAdapter, test } from "../support/adapters.ts";
import { long, onlyLong } from "../support/long.ts";
import { check, randomFeeds, relativeError } from "../support/numbers.ts";
import { randomGraph } from "../support/random-graph.ts";

/** Values are near 1 by construction, and a chain of 25 ops in f32 loses less than this. */
const TOLERANCE = 5e-5;

async function agrees(run: Execute, graph: Graph, seed: number, fuses: readonly boolean[]): Promise<void> {
  const options = { feeds: randomFeeds(graph.nodes, seed), seed: [seed, 5] as const, step: seed % 11 };
  const want = interpret(graph, options);
  for (const fuse of fuses) {
    const got = await run(graph, { ...options, fuse });
    const wrong = Object.keys(want).filter((name) => !(relativeError(got[name], want[name]) < TOLERANCE));
    expect(wrong, `fuse: ${fuse}`).toEqual([]);
  }
}

test("a fused plan, an unfused plan and the interpreter give the same values", async ({ adapters }) => {
  const run = await adapters.open(quickAdapter);
  await check(
    fc.asyncProperty(randomGraph(), fc.nat(), (graph, seed) => agrees(run, graph, seed, [true, false])),
    long ? 60 : 4,
  );
});

test("so they do with the gradients of everything", async ({ adapters }) => {
  const run = await adapters.open(quickAdapter);
  await check(
    fc.asyncProperty(randomGraph({ gradient: true, maxLength: 14 }), fc.nat(), (graph, seed) =>
      agrees(run, graph, seed, [true, false]),
    ),
    long ? 30 : 2,
  );
});

for (const name of adapterNames.filter((name) => name !== quickAdapter)) {
  test(`a fused plan has the interpreter's values: ${name}`, async ({ adapters }) => {
    test.skip(!long, onlyLong);
    const run = await adapters.open(name);
    await check(
      fc.asyncProperty(randomGraph({ gradient: true, maxLength: 12 }), fc.nat(), (graph, seed) =>
        agrees(run, graph, seed, [true]),
      ),
      10,
    );
  });
}
