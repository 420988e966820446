import { expect, test } from "@playwright/test";
import { ReparamError } from "../../src/errors.ts";
import { storageBuffer, upload } from "../../src/gpu/buffers.ts";
import { record } from "../../src/gpu/commands.ts";
import { type Device, requestDevice } from "../../src/gpu/device.ts";
import { createPipelineCache, pipelinesOf } from "../../src/gpu/pipelines.ts";
import { consecutiveLanes, togetherIn } from "../../src/gpu/quads.ts";
import { dawnGpu, drivers, engineDevice, quickDrivers, settle } from "../support/dawn.ts";

const driver = drivers[drivers.length - 1];

/** A device of its own, for tests that spoil it. */
async function ownDevice(baseline = false): Promise<Device> {
  const gpu = await dawnGpu(driver);
  test.skip(gpu === undefined, "Dawn is not installed");
  return requestDevice({ gpu, baseline, settle });
}

async function refusal(promise: Promise<unknown>): Promise<ReparamError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ReparamError);
  return error as ReparamError;
}

test("a shader that does not compile is shown with the line that is wrong", async () => {
  const device = await ownDevice();
  const code = [
    "@group(0) @binding(0) var<storage, read_write> x: array<f32>;",
    "@compute @workgroup_size(1)",
    "fn main() {",
    "  x[0] = softmax(x[1]);",
    "}",
  ].join("\n");
  const pipelines = createPipelineCache(device);
  const error = await refusal(pipelines({ kernel: "loss/broken", code, constants: {} }));
  expect(error.code).toBe("compile");
  expect(error.message).toContain("The kernel loss/broken does not compile, line 4: ");
  expect(error.message).toContain("softmax");
  expect(error.message).toContain(">    4 |   x[0] = softmax(x[1]);");
  expect(error.message).toContain("     3 | fn main() {");
  device.check(); // it was reported once, not a second time as an error of the device
  device.dispose();
});

test("a kernel whose constants do not fit is refused by name", async () => {
  const device = await ownDevice();
  const code = "override SIZE: u32;\n@compute @workgroup_size(SIZE) fn main() {}";
  const error = await refusal(
    createPipelineCache(device)({ kernel: "elementwise/huge", code, constants: { SIZE: 100_000 } }),
  );
  expect(error.code).toBe("compile");
  expect(error.message).toContain("The kernel elementwise/huge could not be built: ");
  device.dispose();
});

test("equal kernels are compiled once", async () => {
  const device = await ownDevice();
  const pipelines = createPipelineCache(device);
  const request = {
    kernel: "k",
    code: "override N: u32; @compute @workgroup_size(N) fn main() {}",
    constants: { N: 4 },
  };
  const first = await pipelines(request);
  expect(await pipelines({ ...request })).toBe(first);
  expect(await pipelines({ ...request, constants: { N: 8 } })).not.toBe(first);
  device.dispose();
});

test("a device keeps its pipelines for every model on it, and lets go of those unused longest", async () => {
  const device = await ownDevice();
  const request = (threads: number) => ({
    kernel: "k",
    code: "override N: u32; @compute @workgroup_size(1) fn main() { _ = N; }",
    constants: { N: threads },
  });
  const first = await pipelinesOf(device)(request(0));
  expect(await pipelinesOf({ ...device })(request(0))).toBe(first);
  const unused = await pipelinesOf(device)(request(1));
  for (let k = 2; k <= 383; k++) await pipelinesOf(device)(request(k));
  expect(await pipelinesOf(device)(request(0))).toBe(first); // and is now the one used last
  const second = await pipelinesOf(device)(request(2));
  await pipelinesOf(device)(request(384)); // one too many: 1 goes
  expect(await pipelinesOf(device)(request(2))).toBe(second);
  expect(await pipelinesOf(device)(request(1))).not.toBe(unused);
  expect(await pipelinesOf(device)(request(0))).toBe(first);
  device.dispose();
});

test("pipelines whose bindings are alike share a layout: a bind group of one fits the other", async () => {
  const device = await ownDevice();
  const request = (length: number, access: "read" | "read_write" = "read") => ({
    kernel: "k",
    code: `@group(0) @binding(0) var<storage, ${access}> a: array<f32, ${length}>;
@compute @workgroup_size(1) fn main() { _ = a[0]; }`,
    constants: {},
    bindings: [{ access }],
  });
  const pipelines = createPipelineCache(device);
  const [one, other, writing] = await Promise.all([request(4), request(8), request(4, "read_write")].map(pipelines));
  const buffer = storageBuffer(device, 32, "a");
  const entries = [{ binding: 0, resource: { buffer } }];
  const group = device.gpu.createBindGroup({ layout: one.getBindGroupLayout(0), entries });
  const launch = async (pipeline: GPUComputePipeline) => {
    device.gpu.pushErrorScope("validation");
    const encoder = device.gpu.createCommandEncoder();
    record(encoder, (commands) => {
      const pass = commands.pass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(1);
    });
    device.gpu.queue.submit([encoder.finish()]);
    return settle(device.gpu.popErrorScope());
  };
  expect(await launch(other)).toBeNull();
  expect((await launch(writing))?.message).toMatch(/layout/i);
  device.dispose();
});

test("what was compiled is let go with its device, whoever still holds that", async () => {
  const device = await ownDevice();
  const pipelines = pipelinesOf(device);
  expect(pipelinesOf({ ...device })).toBe(pipelines);
  device.dispose();
  await settle(device.lost);
  expect(pipelinesOf(device)).not.toBe(pipelines);
});

test("an error that no call was there to receive comes to light at the next check", async () => {
  const device = await ownDevice();
  device.check();
  device.gpu.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
  await settle(device.gpu.queue.onSubmittedWorkDone());
  expect(() => device.check()).toThrow(ReparamError);
  expect(() => device.check()).toThrow(/^The GPU refused an operation: /);
  device.dispose();
});

test("a lost device says so, and one that was disposed of does not", async () => {
  const device = await ownDevice();
  device.gpu.destroy();
  const error = await settle(device.lost);
  expect(error.code).toBe("device");
  expect(error.message).toMatch(/^The GPU device was lost \(destroyed\): /);
  expect(() => device.check()).toThrow(error);

  const other = await ownDevice();
  other.dispose();
  await settle(other.lost);
  other.check();
});

test("a place without WebGPU or without an adapter is refused", async () => {
  const without = { requestAdapter: async () => null } as unknown as GPU;
  const error = await refusal(requestDevice({ gpu: without }));
  expect(error.code).toBe("device");
  expect(error.message).toContain("reparam doctor");
  // Node has no navigator.gpu.
  expect((await refusal(requestDevice())).code).toBe("device");
});

test("a baseline device has WebGPU's default limits and no optional feature", async () => {
  const device = await engineDevice(driver, true);
  test.skip(device === undefined, "Dawn is not installed");
  const { limits, features } = device!.gpu;
  expect(limits.maxStorageBuffersPerShaderStage).toBe(8);
  expect(limits.maxComputeInvocationsPerWorkgroup).toBe(256);
  expect(limits.maxStorageBufferBindingSize).toBe(128 * 2 ** 20);
  expect(limits.maxBufferSize).toBe(256 * 2 ** 20);
  expect([...features].filter((feature) => feature !== "core-features-and-limits")).toEqual([]);
  expect(device!.profile.subgroups).toBe(false);
});

test("a software adapter is recognised as one", async () => {
  const device = await engineDevice(driver);
  test.skip(device === undefined || driver === undefined, "needs a software driver");
  expect(device!.adapter.fallback).toBe(true);
  expect(device!.profile.software).toBe(true);
});

for (const driver of quickDrivers) {
  test(`quads are tried out: four consecutive invocations are one here (${driver ?? "default"} adapter)`, async () => {
    const device = await engineDevice(driver);
    test.skip(!device?.gpu.features.has("subgroups"), "the adapter has no subgroups");
    expect(await consecutiveLanes(device!.gpu, settle)).toBeGreaterThanOrEqual(4);
    expect(device!.profile.subgroups).toBe(true);
  });
}

test("quads of two rows of a tile, or that do not swap at all, are told from consecutive ones", () => {
  const swaps = (partner: (i: number, by: number) => number) =>
    Array.from({ length: 64 }, (_, i) => [1, 2, 3, 4].map((by) => partner(i, by))).flat();
  expect(togetherIn(swaps((i, by) => i ^ by))).toBe(8);
  // Subgroups of four lanes.
  expect(togetherIn(swaps((i, by) => (by === 4 ? 0 : i ^ by)))).toBe(4);
  // A workgroup seen as rows of 8: the second row of a quad lies 8 further on.
  expect(togetherIn(swaps((i, by) => i ^ ((by & 1) | (by & 2 ? 8 : 0))))).toBe(0);
  expect(togetherIn(swaps((i) => i))).toBe(0);
  expect(togetherIn(swaps((i, by) => (i === 63 ? i : i ^ by)))).toBe(0);
});

test("an adapter whose quads cannot be tried out has no subgroup kernels", async () => {
  const device = await ownDevice();
  device.gpu.createComputePipeline = () => {
    throw new Error("no pipeline");
  };
  expect(await consecutiveLanes(device.gpu, settle)).toBe(0);
  device.check();
  device.dispose();
});

test("uploads of more than 2 GiB arrive whole, in order and in pieces that a browser takes", () => {
  const bytes = 2 ** 31 + 2 ** 28 + 6; // pages that nobody touches take no memory
  const written: [to: number, from: number, size: number][] = [];
  const writeBuffer = (_: unknown, to: number, data: Uint8Array, from = 0, size = data.byteLength - from) =>
    void written.push([to, from, size]);
  const device = { gpu: { queue: { writeBuffer } } } as unknown as Device;
  upload(device, {} as GPUBuffer, new Uint8Array(bytes), 256);
  let at = 256;
  for (const [to, , size] of written) {
    expect(to).toBe(at);
    expect(size).toBeLessThanOrEqual(2 ** 28);
    expect(size % 4).toBe(0);
    at += size;
  }
  expect(at).toBe(256 + Math.ceil(bytes / 4) * 4);
  expect(written.slice(0, -1).every(([to, from]) => from === to - 256)).toBe(true);
});

test("a buffer beyond the adapter's limit is refused in words", async () => {
  const device = await engineDevice(driver, true);
  test.skip(device === undefined, "Dawn is not installed");
  expect(() => storageBuffer(device!, 129 * 2 ** 20, "weights")).toThrow(
    /^The weights need 135 MB in one buffer, and this adapter allows 134 MB/,
  );
});
