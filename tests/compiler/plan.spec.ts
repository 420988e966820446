import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { compile } from "../../src/compiler/compile.ts";
import { formGroups, MAX_STORAGE_BUFFERS } from "../../src/compiler/fuse.ts";
import { memoryOf } from "../../src/compiler/groups.ts";
import { lowerGroup } from "../../src/compiler/lower.ts";
import { assignMemory, type Place } from "../../src/compiler/memory.ts";
import { simplify } from "../../src/compiler/simplify.ts";
import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { collect, fromJson, type Graph, toJson } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { MAX_WORKGROUPS } from "../../src/kernels/geometry.ts";
import type { Node } from "../../src/node/node.ts";
import { input, square } from "../../src/ops/public.ts";
import { STATE } from "../../src/plan/binding.ts";
import type { Binding, Plan } from "../../src/plan/plan.ts";
import { long } from "../support/long.ts";
import { check, randomFeeds, relativeError } from "../support/numbers.ts";
import { randomGraph } from "../support/random-graph.ts";

const software: DeviceProfile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 };
/** Splits even the small reductions of the random graphs into two dispatches. */
const hardware: DeviceProfile = { software: false, subgroups: true, reductionThreads: 8192, reductionSteps: 2 };

/** The long suite draws more graphs. */
const share = long ? 2 : 0.1;

const settings = fc.record({ fuse: fc.boolean(), profile: fc.constantFrom(software, hardware) });
const graphs = fc.oneof(randomGraph(), randomGraph({ gradient: true, maxLength: 16 }));
const leaves = (node: Node): Place => ({ buffer: { external: node.name! }, offset: 0 });

const planOf = (graph: Graph, options: { fuse: boolean; profile: DeviceProfile }): Plan =>
  compile(graph, { ...options, leaves });
const slotsOf = (bindings: readonly Binding[], access: Binding["access"]): number[] =>
  bindings.flatMap((binding) => (binding.access === access && "slot" in binding.buffer ? [binding.buffer.slot] : []));

test("no dispatch binds more storage buffers than WebGPU's default limit, or exceeds its grid", () => {
  check(
    fc.property(graphs, settings, (graph, options) => {
      const { dispatches } = planOf(graph, options);
      const buffers = dispatches.map(({ bindings }) => bindings.filter(({ access }) => access !== "uniform").length);
      expect(Math.max(0, ...buffers)).toBeLessThanOrEqual(MAX_STORAGE_BUFFERS);
      expect(Math.max(0, ...dispatches.flatMap(({ workgroups }) => workgroups))).toBeLessThanOrEqual(MAX_WORKGROUPS);
    }),
    400 * share,
  );
});

test("every binding lies inside its slot, at an offset that WebGPU allows", () => {
  check(
    fc.property(graphs, settings, (graph, options) => {
      const { dispatches, slots } = planOf(graph, options);
      const wrong = dispatches
        .flatMap(({ bindings }) => bindings)
        .filter(
          ({ buffer, offset, size }) => offset % 256 !== 0 || ("slot" in buffer && offset + size > slots[buffer.slot]),
        );
      expect(wrong).toEqual([]);
    }),
    200 * share,
  );
});

test("no dispatch has one slot as input and as output, or writes one slot twice", () => {
  check(
    fc.property(graphs, settings, (graph, options) => {
      const wrong = planOf(graph, options).dispatches.filter(({ bindings }) => {
        const written = slotsOf(bindings, "read_write");
        return (
          new Set(written).size < written.length || slotsOf(bindings, "read").some((slot) => written.includes(slot))
        );
      });
      expect(wrong).toEqual([]);
    }),
    300 * share,
  );
});

test("a value is still in its slot whenever it is read, and every output at the end", () => {
  check(
    fc.property(graphs, settings, (graph, { fuse, profile }) => {
      const source = fuse ? simplify(graph) : graph;
      const drafts = formGroups(source, { fuse, scheduleIndex: () => 0 }).flatMap((group) =>
        lowerGroup(group, profile),
      );
      const fixed = new Map(
        source.nodes.filter(({ op }) => op.lowering.kind === "leaf").map((node) => [node, leaves(node)]),
      );
      const kept = new Set(Object.values(source.outputs).map(memoryOf));
      const { dispatches, places } = assignMemory(drafts, fixed, kept);

      const content = new Map<number, Node>();
      const wrong: string[] = [];
      drafts.forEach((draft, index) => {
        const bound = draft.bindings.map(({ node }, k) => ({ ...dispatches[index].bindings[k], node }));
        for (const { node, access, buffer } of bound) {
          if (node === STATE || !("slot" in buffer) || access !== "read") continue;
          if (content.get(buffer.slot) !== memoryOf(node)) wrong.push(`dispatch ${index} reads slot ${buffer.slot}`);
        }
        for (const { node, access, buffer } of bound) {
          if (node !== STATE && "slot" in buffer && access === "read_write") content.set(buffer.slot, node);
        }
      });
      for (const node of kept) {
        const { buffer } = places.get(node)!;
        if ("slot" in buffer && content.get(buffer.slot) !== node)
          wrong.push(`the output in slot ${buffer.slot} is gone`);
      }
      expect(wrong).toEqual([]);
    }),
    400 * share,
  );
});

test("the same graph gives the same plan to the byte, also after a trip through JSON", () => {
  check(
    fc.property(graphs, settings, (graph, options) => {
      const plan = JSON.stringify(planOf(graph, options));
      expect(JSON.stringify(planOf(graph, options))).toBe(plan);
      expect(JSON.stringify(planOf(fromJson(JSON.parse(JSON.stringify(toJson(graph)))), options))).toBe(plan);
    }),
    100 * share,
  );
});

test("a simplified graph has the values of the graph, and no more nodes", () => {
  check(
    fc.property(graphs, fc.nat(), (graph, seed) => {
      const options = { feeds: randomFeeds(graph.nodes, seed), seed: [seed, 1] as const, step: seed % 7 };
      const want = interpret(graph, options);
      const simple = simplify(graph);
      expect(simple.nodes.length).toBeLessThanOrEqual(graph.nodes.length);
      const got = interpret(simple, options);
      const errors = Object.keys(want).map((name) => relativeError(got[name], want[name]));
      expect(Math.max(...errors)).toBeLessThan(1e-12);
    }),
    300 * share,
  );
});

test("a step has room for 240 schedules, and a run of more is refused by their number", () => {
  const graph = collect({ y: square(input("x", [4])) });
  const schedules = Array.from({ length: 241 }, (_, k) => `weight ${k}`);
  const compiled = (count: number) => () =>
    compile(graph, { profile: software, leaves, schedules: schedules.slice(0, count) });
  expect(compiled(240)).not.toThrow();
  expect(compiled(241)).toThrow(
    "The run has 241 schedules, three for each objective among them, and a step has room for 240.",
  );
});
