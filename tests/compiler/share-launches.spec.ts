import { expect, test } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import type { Draft } from "../../src/compiler/draft.ts";
import { joinedUnits } from "../../src/compiler/share-launches.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import type { Dispatch } from "../../src/plan/plan.ts";
import { execute } from "../../src/runtime/execute.ts";
import { sharedDevice } from "../support/training.ts";

const profile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 256 };

const launchesOf = (graph: Graph): readonly Dispatch[] =>
  compile(graph, { profile, leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }) }).dispatches;

const input = (name: string, ...shape: number[]): Node => ops.input(name, shape);
const rows = (x: Node): Node => ops.sum(x, { axes: [0] });

/** Whole numbers, of which every sum is exact in f32. */
const wholeFeeds = (graph: Graph): Record<string, Float32Array> =>
  Object.fromEntries(
    graph.nodes
      .filter(({ op }) => op.lowering.kind === "leaf")
      .map(({ name, shape }, salt) => {
        const size = shape.reduce((product, extent) => product * extent, 1);
        return [name!, Float32Array.from({ length: size }, (_, k) => ((k * 7 + salt * 3) % 11) - 5)];
      }),
  );

async function expectExact(graph: Graph): Promise<void> {
  const feeds = wholeFeeds(graph);
  const got = await execute(await sharedDevice(), graph, { feeds });
  const want = interpret(graph, { feeds });
  for (const name of Object.keys(graph.outputs)) expect([...got[name]], name).toEqual([...want[name]]);
}

test("sums over different shapes, which have nothing to do with each other, are one launch, and exact", async () => {
  const graph = collect({
    a: rows(input("a", 6, 8)),
    b: rows(input("b", 300, 12)),
    c: rows(input("c", 40, 3)),
  });
  const [launch, ...others] = launchesOf(graph);
  expect(others).toEqual([]);
  expect(launch).toMatchObject({ kernel: "loops/together", shape: "6x8 + 300x12 + 40x3", workgroups: [3, 1, 1] });
  await expectExact(graph);
});

test("small loops of which one reads what another wrote are one workgroup with barriers, and exact", async () => {
  const x = input("x", 12, 8);
  const largest = ops.max(x, { axes: [1], keepDims: true });
  const ties = ops.sum(ops.equal(x, largest), { axes: [1], keepDims: true });
  const graph = collect({ y: ops.add(ops.mul(x, ties), largest) });
  const [launch, ...others] = launchesOf(graph);
  expect(others).toEqual([]);
  expect(launch.workgroups).toEqual([1, 1, 1]);
  expect(launch.code.match(/storageBarrier/g)).toHaveLength(2);
  await expectExact(graph);
});

test("a chain of small loops and a large loop beside it are one launch, and exact", async () => {
  const x = input("x", 12, 8);
  const graph = collect({
    y: ops.mul(x, ops.max(x, { axes: [1], keepDims: true })),
    large: ops.add(input("large", 512, 512), 1),
  });
  const [launch, ...others] = launchesOf(graph);
  expect(others).toEqual([]);
  expect(launch.code.match(/storageBarrier/g)).toHaveLength(1);
  await expectExact(graph);
});

test("a large loop waits for no barrier: what it reads is another launch", () => {
  const x = input("x", 4096, 64);
  const centred = ops.sub(x, ops.mul(rows(x), 2));
  expect(launchesOf(collect({ y: ops.mul(centred, centred) })).length).toBeGreaterThan(1);
});

test("loops with a product between them are apart, though a loop beside it is not", () => {
  const x = ops.exp(input("x", 16, 16));
  const y = ops.matmul(x, input("w", 16, 16));
  const kernels = launchesOf(collect({ y: ops.max(y, { axes: [0] }), z: rows(input("z", 16, 16)) })).map(
    ({ kernel }) => kernel,
  );
  expect(kernels.filter((kernel) => kernel === "loops/together")).toHaveLength(1);
  expect(kernels).toHaveLength(3);
});

test("a program without fusion keeps one loop a launch", () => {
  const graph = collect({ a: rows(input("a", 6, 8)), b: rows(input("b", 300, 12)) });
  const { dispatches } = compile(graph, {
    profile,
    fuse: false,
    leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }),
  });
  expect(dispatches.map(({ kernel }) => kernel)).toEqual(["reduce/reduce", "reduce/reduce"]);
});

test("what a chain alone has to do with lies in its workgroup's memory, so that a longer chain needs no more buffers", async () => {
  let x = input("x", 12, 8);
  for (let k = 0; k < 6; k++) {
    const largest = ops.max(x, { axes: [1], keepDims: true });
    x = ops.mul(ops.add(x, largest), ops.sum(ops.equal(x, largest), { axes: [1], keepDims: true }));
    x = ops.sub(x, ops.mul(x, 0.5));
  }
  const graph = collect({ y: x });
  const [launch, ...others] = launchesOf(graph);
  expect(others).toEqual([]);
  expect(launch.bindings).toHaveLength(2);
  expect(launch.code.match(/var<workgroup>/g)!.length).toBeGreaterThan(6);
  await expectExact(graph);
});

test("sums of what other sums have just been added up to have workgroups that each add those up, and are exact", async () => {
  const x = input("x", 8192, 256);
  const graph = collect({ y: rows(ops.mul(x, rows(x))) });
  const launches = launchesOf(graph);
  expect(launches.map(({ shape }) => shape)).toEqual(["8192x256", "1x4x256 + 8192x256", "1x4x256"]);
  expect(launches[1].code).toContain("var<workgroup>");
  await expectExact(graph);
});

test("planning looks at half as much again for half as many launches more", () => {
  const code = ["read", "read_write"]
    .map(
      (access, k) => `@group(0) @binding(${k}) var<storage, ${access}> ${k === 0 ? "in0" : "out0"}: array<f32, 512>;\n`,
    )
    .join("");
  const visits = (layers: number): number => {
    let x = input("x", 64, 8);
    const drafts = Array.from({ length: layers }, (_, k) =>
      ["matmul/general", "elementwise/map"].map((kernel): Draft => {
        const y = input(`${kernel} ${k}`, 64, 8);
        const bindings = [{ node: x, access: "read" } as const, { node: y, access: "read_write" } as const];
        x = y;
        return {
          kernel,
          code,
          bindings,
          workgroups: [64, 1, 1],
          label: "",
          shape: "",
          constants: {},
          flops: 0,
          bytes: 2 ** 20,
        };
      }),
    );
    return joinedUnits(drafts.flat(), new Set()).visits;
  };
  const [some, more] = [visits(200), visits(300)];
  expect(more / some).toBeLessThan(1.1 * 1.5);
});
