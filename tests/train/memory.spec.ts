import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import { convVae, fit, type Model, vae } from "../../src/index.ts";
import { needsOfRun, needsOfStep } from "../../src/train/memory.ts";
import { createTrainer } from "../../src/train/trainer.ts";
import { countLiveBuffers } from "../support/gpu-calls.ts";
import { long } from "../support/long.ts";
import { freshDevice, patterns, sharedDevice, tinyVae, withTrainer } from "../support/training.ts";

const data = patterns(64, 16, [8, 8, 1]);
const models: Readonly<Record<string, Model>> = {
  vae: vae({ data, hidden: [64], latent: 4 }),
  "conv-vae": convVae({ data, channels: [8], latent: 4, normalization: "batch" }),
};

for (const [name, model] of Object.entries(models)) {
  test(`what a run of ${name} needs is known before it is made: nothing is left out but some small buffers`, async () => {
    const device = await sharedDevice();
    const training = trainingWith({ batchSize: 16 });
    await withTrainer(device, model, { ...training, dataset: data, seed: 1 }, async (trainer) => {
      const needs = [...needsOfRun(model, data, 16), needsOfStep(trainer.stage().program.plan)];
      const sum = needs.reduce((total, { bytes }) => total + bytes, 0);
      expect(sum).toBeLessThanOrEqual(trainer.bytes());
      // State, metrics, their ring, tables of schedules.
      expect(trainer.bytes() - sum).toBeLessThan(150_000);
    });
  });
}

test("a buffer that the device cannot have is refused before anything is made, with what helps", async () => {
  const device = await freshDevice({ baseline: true });
  const { alive } = countLiveBuffers(device.gpu);
  const wide = vae({ data, hidden: [20_000, 2_000], latent: 4 });
  const training = trainingWith({ batchSize: 16 });
  const made = createTrainer(device, wide, { ...training, dataset: data, seed: 1 });
  await expect(made).rejects.toMatchObject({
    code: "memory",
    message: expect.stringMatching(
      /^One buffer for parameters, gradients and moments has 3\d\d MB, and this adapter allows 134 MB; the run needs 1\.\d+ GB: .*\. What helps is a smaller model/,
    ),
  });
  expect(alive()).toBe(0);
  device.dispose();
});

test("a device without room says what the run needs and what helps, keeps nothing, and can be used on", async () => {
  const device = await sharedDevice();
  const { alive, end } = countLiveBuffers(device.gpu);
  const { gpu } = device;
  const [push, pop] = [gpu.pushErrorScope.bind(gpu), gpu.popErrorScope.bind(gpu)];
  let full = true;
  let asked = "";
  gpu.pushErrorScope = (filter) => {
    asked = filter;
    push(filter);
  };
  gpu.popErrorScope = async () => {
    const outOfMemory = asked === "out-of-memory";
    const error = await pop();
    return full && outOfMemory ? ({ message: "Out of memory" } as GPUError) : error;
  };
  const small = patterns(16, 8, [4, 4, 1]);
  const run = fit(device, tinyVae(), small, { epochs: 1, batchSize: 8 });
  await expect(run.finished).rejects.toMatchObject({
    code: "memory",
    message: expect.stringMatching(
      /^The GPU has no room for this run; the run needs .*B for data.*\. What helps most is /,
    ),
  });
  await run.dispose();
  expect(alive()).toBe(0);
  full = false;
  const next = fit(device, tinyVae(), small, { epochs: 1, batchSize: 8 });
  expect(await next.finished).toBe("ok");
  await next.dispose();
  expect(alive()).toBe(0);
  Object.assign(gpu, { pushErrorScope: push, popErrorScope: pop });
  end();
});

/** A model is some ten launches of compilation, which a busy machine takes half a second for. */
const MODELS = long ? 50 : 3;

test(`${MODELS} models in turn leave no buffer and no byte behind, and another run on the device as it was`, async () => {
  const device = await sharedDevice();
  const { alive, bytes, end } = countLiveBuffers(device.gpu);
  const small = patterns(16, 8, [4, 4, 1]);
  const other = fit(device, tinyVae(), small, { epochs: 1, batchSize: 8, seed: 3 });
  await other.finished;
  const before = await other.checkpoint();
  const held = { buffers: alive(), bytes: bytes() };
  expect(held.buffers).toBeGreaterThan(10);
  for (let k = 0; k < MODELS; k++) {
    const run = fit(device, tinyVae(), small, { epochs: 1, batchSize: 8, seed: k });
    expect(await run.finished).toBe("ok");
    await run.sample(2);
    await run.dispose();
    expect({ buffers: alive(), bytes: bytes() }).toEqual(held);
  }
  expect(await other.checkpoint()).toEqual(before);
  await other.dispose();
  expect({ buffers: alive(), bytes: bytes() }).toEqual({ buffers: 0, bytes: 0 });
  // The device was the caller's all along.
  expect(await Promise.race([device.lost, Promise.resolve("alive")])).toBe("alive");
  device.check();
  end();
});

/** Steps of a run whose memory is looked at; before the first look everything has been made that is made late. */
const STEPS = long ? 200_000 : 800;

test(`${STEPS} steps leave the memory as it was`, async () => {
  const device = await sharedDevice();
  const { alive, bytes, end } = countLiveBuffers(device.gpu);
  const gc = garbageCollector();
  const looks: { buffers: number; bytes: number; heap: number }[] = [];
  const epochs = 8;
  const run = fit(device, tinyVae(), patterns(STEPS / epochs, 8, [4, 4, 1]), {
    epochs,
    batchSize: 1,
    seed: 1,
  });
  for await (const { step } of run) {
    await run.pause();
    gc();
    looks.push({ buffers: alive(), bytes: bytes(), heap: process.memoryUsage().heapUsed });
    if (step < STEPS) run.resume();
  }
  expect(looks).toHaveLength(epochs);
  // A few small buffers are on their way to be read whenever one looks.
  const early = looks[3];
  for (const look of looks.slice(4)) {
    expect(Math.abs(look.buffers - early.buffers)).toBeLessThanOrEqual(8);
    expect(Math.abs(look.bytes - early.bytes)).toBeLessThanOrEqual(2 ** 16);
  }
  // A step that left 16 bytes behind would be seen.
  expect(looks.at(-1)!.heap - looks[1].heap).toBeLessThan(long ? 16 * STEPS : 4e6);
  await run.dispose();
  end();
});

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
