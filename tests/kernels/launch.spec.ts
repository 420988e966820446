import { expect, test } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import { storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { record } from "../../src/gpu/commands.ts";
import { createPipelineCache } from "../../src/gpu/pipelines.ts";
import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { createProgram } from "../../src/runtime/program.ts";
import { drivers, engineDevice } from "../support/dawn.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";

/** A GPU's: a thread an image, and sums cut into many slices. */
const hardware: DeviceProfile = { software: false, subgroups: false, reductionThreads: 8192, reductionSteps: 2 };
const software: DeviceProfile = { software: true, subgroups: false, reductionThreads: 64, reductionSteps: 64 };

const x = ops.parameter("x", [35, 5, 4, 3]);
const table = ops.parameter("table", [7, 4]);
const pooled = ops.add(
  ops.maxPool2d(x, { kernel: 3, stride: 2, padding: "same" }),
  ops.averagePool2d(x, { kernel: 3, stride: 2, padding: "same" }),
);
const loss = ops.add(
  ops.sum(ops.square(ops.resizeBilinear(pooled, [7, 6]))),
  ops.sum(ops.square(ops.embedding(table, ops.input("ids", [50])))),
);
const [dx, dtable] = gradients(loss, [x, table]);
const graph = collect({ loss, dx, dtable });
const planFor = (profile: DeviceProfile) =>
  compile(graph, { profile, leaves: ({ name }) => ({ buffer: { external: name! }, offset: 0 }) });

test("a software adapter has several images a thread, a GPU one, and its sums in more slices", () => {
  const depths = [software, hardware].map(
    (profile) => planFor(profile).dispatches.find(({ kernel }) => kernel === "pool/max")!.workgroups[2],
  );
  expect(depths).toEqual([2, 35]);
  const slices = [software, hardware].map((profile) => {
    const scatter = planFor(profile).dispatches.find(({ kernel }) => kernel === "gather/scatter_add")!;
    return Math.ceil(50 / scatter.constants.DEPTH);
  });
  expect(slices).toEqual([1, 13]);
});

test("both give the interpreter's values", async () => {
  const device = await engineDevice(drivers[drivers.length - 1]);
  test.skip(device === undefined, "no Dawn adapter");
  const feeds = randomFeeds(graph.nodes, 3);
  feeds.ids = feeds.ids.map((_, k) => (k * k) % 8);
  const want = interpret(graph, { feeds });
  for (const profile of [software, hardware]) {
    const buffers = Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => {
        const buffer = storageBuffer(device!, 16 * Math.ceil(values.length / 4), name);
        upload(device!, buffer, values);
        return [name, buffer];
      }),
    );
    const program = await createProgram(device!, planFor(profile), {
      pipelines: createPipelineCache(device!),
      buffers,
    });
    const encoder = device!.gpu.createCommandEncoder();
    record(encoder, program.encode);
    device!.gpu.queue.submit([encoder.finish()]);
    for (const name of Object.keys(want)) {
      expect(relativeError(await program.read(name), want[name]), name).toBeLessThan(2e-6);
    }
    device!.check();
    program.dispose();
    for (const buffer of Object.values(buffers)) buffer.destroy();
  }
});
