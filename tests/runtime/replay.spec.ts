import { expect, test } from "@playwright/test";
import type { Device } from "../../src/gpu/device.ts";
import { RING_ROWS } from "../../src/kernels/update.ts";
import type { Program } from "../../src/runtime/program.ts";
import { createRunner, type StepRow } from "../../src/runtime/runner.ts";
import { createTrainer } from "../../src/train/trainer.ts";
import { countCalls } from "../support/gpu-calls.ts";
import { freshDevice, patterns, sharedDevice, tinyOptions, tinyVae, withTrainer } from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]);

/** Trains so many steps and returns what is left, and how the rows came. */
function trained(device: Device, steps: number, batchSize = 8) {
  return withTrainer(device, tinyVae(), tinyOptions(dataset, { batchSize }), async (trainer) => {
    const rows: StepRow[] = [];
    expect(await trainer.train(steps, (row) => rows.push(row))).toBe(steps);
    return { rows, snapshot: await trainer.snapshot() };
  });
}

test("after the first step a run makes no buffer, bind group or pipeline and uploads nothing", async () => {
  const device = await freshDevice();
  const trainer = await createTrainer(device, tinyVae(), tinyOptions(dataset));
  await trainer.train(1, () => {});
  const calls = countCalls(device.gpu);
  await trainer.train(500, () => {});
  const allowed = ["createCommandEncoder", "queue.submit", "queue.onSubmittedWorkDone"];
  expect(Object.keys(calls()).filter((name) => !allowed.includes(name))).toEqual([]);
  expect(calls()["queue.submit"]).toBeGreaterThan(0);
  trainer.dispose();
  device.dispose();
});

test("nor does an evaluation after the first", async () => {
  const device = await freshDevice();
  const trainer = await createTrainer(device, tinyVae(), tinyOptions(dataset));
  await trainer.evaluate(0);
  const calls = countCalls(device.gpu);
  expect(await trainer.evaluate(1)).toBeDefined();
  const allowed = ["createCommandEncoder", "queue.submit", "queue.onSubmittedWorkDone"];
  expect(Object.keys(calls()).filter((name) => !allowed.includes(name))).toEqual([]);
  trainer.dispose();
  device.dispose();
});

test("several steps a submit give the same bytes as one step a submit", async () => {
  const fast = await freshDevice();
  // Where a step seems to take longer than a submit should, every submit has one step.
  const slow: Device = {
    ...fast,
    settle: async (promise) => {
      const value = await fast.settle(promise);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return value;
    },
  };
  const calls = countCalls(fast.gpu);
  const several = await trained(fast, 24);
  const submitsOfSeveral = calls()["queue.submit"];
  const single = await trained(slow, 24);
  const submitsOfSingle = calls()["queue.submit"] - submitsOfSeveral;
  expect(submitsOfSingle).toBeGreaterThanOrEqual(24);
  expect(submitsOfSeveral).toBeLessThan(submitsOfSingle);
  expect(single.snapshot).toEqual(several.snapshot);
  expect(single.rows).toEqual(several.rows);
  fast.dispose();
});

test("a run in pieces leaves the same bytes as a run in one", async () => {
  const device = await sharedDevice();
  const whole = await trained(device, 41);
  await withTrainer(device, tinyVae(), tinyOptions(dataset), async (trainer) => {
    const rows: StepRow[] = [];
    for (const piece of [1, 0, 7, 3, 30]) expect(await trainer.train(piece, (row) => rows.push(row))).toBe(piece);
    expect(rows).toEqual(whole.rows);
    expect(await trainer.snapshot()).toEqual(whole.snapshot);
  });
});

test("every one of thousands of steps is told once and in order, however often the ring wraps", async () => {
  const steps = 20 * RING_ROWS + 77;
  const { rows } = await trained(await sharedDevice(), steps);
  expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, k) => k));
  // 37 examples in batches of 8: the fifth has 5.
  expect(rows.every(({ step, valid }) => valid === (step % 5 === 4 ? 5 : 8))).toBe(true);
  expect(rows.every(({ metrics }) => metrics.every(Number.isFinite))).toBe(true);
  expect(rows.every(({ gradientNorm }) => gradientNorm > 0)).toBe(true);
});

test("an abort stops at a step whose row was told, and the run goes on from there", async () => {
  const device = await sharedDevice();
  const whole = await trained(device, 60);
  await withTrainer(device, tinyVae(), tinyOptions(dataset), async (trainer) => {
    const rows: StepRow[] = [];
    const stop = new AbortController();
    const row = (told: StepRow) => {
      rows.push(told);
      if (rows.length === 5) stop.abort();
    };
    const done = await trainer.train(60, row, stop.signal);
    expect(rows.length).toBe(done);
    expect(await trainer.train(5, row, stop.signal)).toBe(0);
    await trainer.train(60 - done, row);
    expect(rows).toEqual(whole.rows);
    expect(await trainer.snapshot()).toEqual(whole.snapshot);
  });
});

test("an error of the listener ends the run, and the next run is not the worse for it", async () => {
  await withTrainer(await sharedDevice(), tinyVae(), tinyOptions(dataset), async (trainer) => {
    const broken = trainer.train(400, ({ step }) => {
      if (step === 3) throw new Error("the listener is broken");
    });
    await expect(broken).rejects.toThrow("the listener is broken");
    const { state, ...weights } = await trainer.snapshot();
    trainer.restore({ state, ...weights });
    const rows: number[] = [];
    await trainer.train(300, ({ step }) => rows.push(step));
    expect(rows).toEqual(rows.map((_, k) => rows[0] + k));
    expect(rows.length).toBe(300);
  });
});

test("a run that fails ends when nothing is in flight any more, and no failure goes unheard", async () => {
  const unheard: unknown[] = [];
  const listen = (reason: unknown) => void unheard.push(reason);
  process.on("unhandledRejection", listen);
  await sharedDevice(); // for WebGPU's constants
  // A queue whose submits fail one after the other.
  let [submits, failures] = [0, 0];
  const failing = {
    createBuffer: () => ({}),
    createCommandEncoder: () => ({ beginComputePass: () => ({ end() {} }), finish() {} }),
    queue: {
      submit() {},
      onSubmittedWorkDone: () =>
        new Promise((_, reject) => {
          setTimeout(() => reject(new Error(`submit ${++failures} failed`)), 30 * ++submits);
        }),
    },
  };
  const profile = { software: true };
  const settle = (promise: Promise<unknown>) => promise;
  const device = { gpu: failing, profile, settle, check() {} } as unknown as Device;
  const program = { encode() {} } as unknown as Program;
  const runner = createRunner(device, program, { size: 16 } as GPUBuffer, 1);
  await expect(runner.run(100, () => {})).rejects.toThrow("submit 1 failed");
  expect([submits, failures]).toEqual([2, 2]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", listen);
  expect(unheard).toEqual([]);
});
