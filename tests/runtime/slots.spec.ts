import { expect, test } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import { storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { record } from "../../src/gpu/commands.ts";
import type { Device } from "../../src/gpu/device.ts";
import { collect } from "../../src/graph/graph.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { createProgram, type Program } from "../../src/runtime/program.ts";
import { createSlotPool, type SlotPool } from "../../src/runtime/slots.ts";
import { sharedDevice } from "../support/training.ts";

test("a pool hands out the same buffers again, the largest for the largest, and new ones only where none is large enough", async () => {
  const device = await sharedDevice();
  const pool = createSlotPool(device);
  const [small, large] = pool.take([256, 1024]);
  expect([small.size, large.size]).toEqual([256, 1024]);
  expect(pool.take([1000, 100])).toEqual([large, small]);
  const [medium, first] = pool.take([512, 900]);
  expect(first).toBe(large);
  expect(medium.size).toBe(512);
  expect(pool.bytes()).toBe(256 + 1024 + 512);
  expect(pool.take([2048])[0].size).toBe(2048);
  pool.dispose();
  device.check();
});

/** A program that computes y from x with intermediate results in the pool's slots. */
function programOf(device: Device, slots: SlotPool, buffers: Record<string, GPUBuffer>, y: Node): Promise<Program> {
  const plan = compile(collect({ y }), {
    profile: device.profile,
    leaves: ({ name }) => ({ buffer: { external: name! }, offset: 0 }),
  });
  return createProgram(device, plan, { slots, buffers });
}

test("programs that take turns in one pool do not meet each other's values, when each reads within its own submit", async () => {
  const device = await sharedDevice();
  const pool = createSlotPool(device);
  const x = storageBuffer(device, 4 * 64, "x");
  upload(
    device,
    x,
    Float32Array.from({ length: 64 }, (_, k) => k),
  );
  const input = ops.input("x", [8, 8]);
  const square = ops.matmul(input, ops.transpose(input));
  const programs = await Promise.all(
    [ops.matmul(square, input), ops.sum(ops.mul(square, 2), { axes: [1] })].map((y) =>
      programOf(device, pool, { x }, y),
    ),
  );
  const run = (program: Program): (() => Promise<Float32Array>) => {
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, program.encode);
    const read = program.encodeRead(encoder, "y");
    device.gpu.queue.submit([encoder.finish()]);
    return read;
  };
  const alone = await Promise.all(programs.map(async (program) => run(program)()));
  // All are submitted before any is read.
  const reads = [0, 1, 0, 1, 1, 0].map((k) => ({ k, read: run(programs[k]) }));
  for (const { k, read } of reads) expect(await read()).toEqual(alone[k]);
  for (const program of programs) program.dispose();
  pool.dispose();
  x.destroy();
  device.check();
});
