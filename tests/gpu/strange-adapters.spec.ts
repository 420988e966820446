import { expect, test } from "@playwright/test";
import { requestDevice } from "../../src/gpu/device.ts";
import { createPipelineCache } from "../../src/gpu/pipelines.ts";
import { settle } from "../support/dawn.ts";
import { freshDevice, sharedDevice } from "../support/training.ts";

test("an adapter that says nothing of itself is a device without names", async () => {
  const { entry } = await sharedDevice();
  const silent = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await entry.requestAdapter(options);
      return adapter && Object.defineProperty(adapter, "info", { value: undefined });
    },
  } as unknown as GPU;
  const device = await requestDevice({ gpu: silent, settle });
  expect(device.adapter).toMatchObject({ vendor: "", architecture: "", device: "", description: "" });
  expect(device.profile.subgroups).toBe(false);
  device.dispose();
});

test("a device that is lost while pipelines compile is lost, and its shaders are no bad ones", async () => {
  const device = await freshDevice();
  const pipelines = createPipelineCache(device);
  const code = (k: number) => /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@compute @workgroup_size(1) fn main() { x[0] = ${k}.0; }`;
  const compiled = Array.from({ length: 4 }, (_, k) =>
    pipelines({ kernel: `kernel ${k}`, code: code(k), constants: {} }).then(
      () => undefined,
      (error: unknown) => error,
    ),
  );
  device.gpu.destroy();
  const later = pipelines({ kernel: "later", code: code(9), constants: {} }).then(
    () => undefined,
    (error: unknown) => error,
  );
  for (const error of await Promise.all([...compiled, later])) {
    if (error !== undefined) expect(error).toMatchObject({ code: "device", message: /^The GPU device was lost/ });
  }
  expect(() => device.check()).toThrow(/^The GPU device was lost \(destroyed\)/);
});
