import { expect } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { MAX_WORKGROUPS } from "../../src/kernels/geometry.ts";
import * as ops from "../../src/ops/public.ts";
import { quickAdapter, test } from "../support/adapters.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";

// What goes into the third dimension of a dispatch (images, products, phases, slices of sums) may be more than that holds.

const profiles: readonly DeviceProfile[] = [
  { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 },
  { software: false, subgroups: true, reductionThreads: 8192, reductionSteps: 8 },
];

const graphs: Readonly<Record<string, () => Graph>> = {
  "70,000 products": () => {
    const [a, b] = [ops.input("a", [70_000, 3, 2]), ops.input("b", [70_000, 2, 4])];
    return collect({ y: ops.relu(ops.matmul(a, b)) });
  },
  "70,000 products of an odd width": () => {
    const [a, b] = [ops.input("a", [70_000, 1, 2]), ops.input("b", [70_000, 2, 3])];
    return collect({ y: ops.matmul(a, b) });
  },
  "90,000 phases of a convolution's gradient": () => {
    const x = ops.input("x", [1, 300, 300, 1]);
    const y = ops.conv2d(x, ops.input("w", [300, 300, 1, 4]), { stride: 300 });
    return collect({ dx: gradients(ops.sum(ops.square(y)), [x])[0] });
  },
  "70,000 images": () => {
    const x = ops.input("x", [70_000, 2, 2, 1]);
    return collect({ y: ops.averagePool2d(x, { kernel: 2 }) });
  },
};

/** Counted, but too large to be computed here. */
const large: Readonly<Record<string, () => Graph>> = {
  "3,000,000 images": () => collect({ y: ops.maxPool2d(ops.input("x", [3_000_000, 2, 2, 1]), { kernel: 2 }) }),
  "40,000 products, each in slices": () => {
    const [a, b] = [ops.input("a", [40_000, 1, 20_000]), ops.input("b", [20_000, 4])];
    return collect({ y: ops.matmul(a, b) });
  },
};

for (const [name, graph] of Object.entries({ ...graphs, ...large })) {
  test(`${name} keep to the grid of a dispatch`, () => {
    for (const profile of profiles) {
      const leaves = ({ name }: { name?: string }) => ({ buffer: { external: name! }, offset: 0 });
      const { dispatches } = compile(graph(), { profile, leaves });
      expect(Math.max(...dispatches.flatMap(({ workgroups }) => workgroups))).toBeLessThanOrEqual(MAX_WORKGROUPS);
    }
  });
}

for (const [name, graph] of Object.entries(graphs)) {
  test(`${name} have the interpreter's values`, async ({ adapters }) => {
    const execute = await adapters.open(quickAdapter);
    const made = graph();
    const feeds = randomFeeds(made.nodes, 5);
    const [got, want] = [await execute(made, { feeds }), interpret(made, { feeds })];
    for (const output of Object.keys(want)) expect(relativeError(got[output], want[output])).toBeLessThan(1e-5);
  });
}
