import { expect, test } from "@playwright/test";
import { requestDevice } from "../../src/gpu/device.ts";
import { createPipelineCache } from "../../src/gpu/pipelines.ts";
import { fit } from "../../src/train/fit.ts";
import { settle } from "../support/dawn.ts";
import { freshDevice, patterns, relativeError, sharedDevice, tinyVae } from "../support/training.ts";

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

test("a pipeline that fails since the device is lost is no bad shader", async () => {
  const device = await freshDevice();
  Object.defineProperty(device.gpu, "createComputePipelineAsync", {
    value: async () => {
      device.gpu.destroy();
      await device.lost;
      throw new Error("The pipeline could not be made.");
    },
  });
  const code = "@compute @workgroup_size(1) fn main() {}";
  const made = createPipelineCache(device)({ kernel: "kernel", code, constants: {} });
  await expect(made).rejects.toMatchObject({
    code: "device",
    message: expect.stringMatching(/^The GPU device was lost/),
  });
});

test("also where the loss becomes known later, a run goes on with the next device", async () => {
  const device = await freshDevice();
  Object.defineProperty(device.gpu, "createComputePipelineAsync", {
    value: async () => {
      // Told when the run asks how its device is.
      Object.defineProperty(device.gpu.queue, "onSubmittedWorkDone", { value: async () => device.gpu.destroy() });
      throw new Error("The pipeline could not be made.");
    },
  });
  const reasons: string[] = [];
  const run = fit(device, tinyVae({ hidden: [] }), patterns(16, 8, [4, 4, 1]), {
    epochs: 1,
    batchSize: 8,
    onRecovery: ({ reason }) => void reasons.push(reason.message),
  });
  expect(await run.finished).toBe("ok");
  expect(reasons).toEqual([expect.stringMatching(/^The GPU device was lost \(destroyed\)/)]);
  await run.dispose();
});

test("an adapter without any of Chromium's optional features trains as another one does", async () => {
  const { entry } = await sharedDevice();
  const plain = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = await entry.requestAdapter(options);
      return adapter && Object.defineProperty(adapter, "features", { value: new Set() });
    },
  } as unknown as GPU;
  const device = await requestDevice({ gpu: plain, settle });
  expect([...device.gpu.features].filter((name) => /subgroups|timestamp-query|shader-f16/.test(name))).toEqual([]);
  expect(device.profile).toMatchObject({ subgroups: false, f16: false });
  const data = patterns(16, 8, [4, 4, 1]);
  const lossesOn = async (on: typeof device) => {
    const run = fit(on, tinyVae({ hidden: [] }), data, { epochs: 2, batchSize: 8, seed: 3 });
    await run.finished;
    await run.dispose();
    return Float64Array.from(run.history, ({ test }) => test.loss);
  };
  expect(relativeError(await lossesOn(device), await lossesOn(await sharedDevice()))).toBeLessThan(1e-5);
  device.check();
  device.dispose();
});
