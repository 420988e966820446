import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@playwright/test";
import type { Device } from "../../src/gpu/device.ts";
import { RING_ROWS } from "../../src/kernels/update.ts";
import type { Program } from "../../src/runtime/program.ts";
import { createRunner, type StepRow } from "../../src/runtime/runner.ts";
import { countCalls } from "../support/gpu-calls.ts";
import { long } from "../support/long.ts";
import {
  enteredTrainer,
  freshDevice,
  patterns,
  sharedDevice,
  tinyOptions,
  tinyVae,
  withTrainer,
} from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]);

/** Trains so many steps and returns what is left, and how the rows came. */
function trained(device: Device, steps: number, batchSize = 8) {
  return withTrainer(device, tinyVae(), tinyOptions(dataset, { batchSize }), async (trainer) => {
    const rows: StepRow[] = [];
    expect(await trainer.train(steps, (row) => rows.push(row))).toBe(steps);
    return { rows, snapshot: await trainer.snapshot() };
  });
}

test("a first step waits for its own pipelines alone: evaluation's are made behind it, or when it is asked for", async () => {
  const device = await freshDevice();
  const calls = countCalls(device.gpu);
  const pipelines = () => calls().createComputePipelineAsync;
  const trainer = await enteredTrainer(device, tinyVae(), tinyOptions(dataset));
  const { dispatches } = trainer.stage().program.plan;
  const distinct = new Set(dispatches.map(({ code, constants }) => JSON.stringify([code, constants]))).size;
  expect(pipelines()).toBe(distinct);
  expect(await trainer.evaluate(0)).toBeDefined();
  expect(pipelines()).toBeGreaterThan(distinct);
  trainer.dispose();
  device.dispose();
});

/** What a run may still ask of its device. */
const allowed = ["createCommandEncoder", "queue.submit", "queue.onSubmittedWorkDone"];

test("after the first step and evaluation a run makes no buffer, bind group or pipeline and uploads nothing; nor does an evaluation after the first", async () => {
  const device = await sharedDevice();
  const trainer = await enteredTrainer(device, tinyVae(), tinyOptions(dataset));
  await trainer.train(1, () => {});
  await trainer.evaluate(0);
  const calls = countCalls(device.gpu);
  await trainer.train(500, () => {});
  expect(Object.keys(calls()).filter((name) => !allowed.includes(name))).toEqual([]);
  expect(calls()["queue.submit"]).toBeGreaterThan(0);
  expect(await trainer.evaluate(1)).toBeDefined();
  expect(Object.keys(calls()).filter((name) => !allowed.includes(name))).toEqual([]);
  trainer.dispose();
});

test("several steps a submit give the same bytes as one step a submit", async () => {
  const device = await sharedDevice();
  const calls = countCalls(device.gpu);
  // How long a step seems to take decides how many there are in a submit.
  const seemingToTake = async (milliseconds: number) => {
    const before = calls()["queue.submit"] ?? 0;
    const { now } = performance;
    let clock = 0;
    performance.now = () => (clock += milliseconds);
    try {
      return { ...(await trained(device, 24)), submits: calls()["queue.submit"] - before };
    } finally {
      performance.now = now;
    }
  };
  const several = await seemingToTake(1);
  const single = await seemingToTake(1000);
  expect(single.submits).toBeGreaterThanOrEqual(24);
  expect(several.submits).toBeLessThan(12);
  expect(single.snapshot).toEqual(several.snapshot);
  expect(single.rows).toEqual(several.rows);
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

test("every one of many steps is told once and in order, however often the ring wraps", async () => {
  const steps = (long ? 20 : 3) * RING_ROWS + 77;
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
    trainer.restore(await trainer.snapshot());
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
  // A queue whose submits fail one after the other, each a while after the one before.
  let [submits, failures] = [0, 0];
  let last: Promise<unknown> = Promise.resolve();
  const failing = {
    createBuffer: () => ({}),
    createCommandEncoder: () => ({ beginComputePass: () => ({ end() {} }), finish() {} }),
    queue: {
      submit() {},
      onSubmittedWorkDone: () => {
        submits++;
        const before = last;
        const failing = (async () => {
          await before.catch(() => {});
          for (let turn = 0; turn < 10; turn++) await nextTurn();
          throw new Error(`submit ${++failures} failed`);
        })();
        last = failing;
        return failing;
      },
    },
  };
  const profile = { software: true };
  const settle = (promise: Promise<unknown>) => promise;
  const device = { gpu: failing, profile, settle, check() {} } as unknown as Device;
  const program = { encode() {} } as unknown as Program;
  const runner = createRunner(device, program, { size: 16 } as GPUBuffer, 1);
  await expect(runner.run(100, () => {})).rejects.toThrow("submit 1 failed");
  expect([submits, failures]).toEqual([2, 2]);
  for (let turn = 0; turn < 10; turn++) await nextTurn(); // what nobody hears is told a turn later
  process.off("unhandledRejection", listen);
  expect(unheard).toEqual([]);
});

test("a submit is as long as is asked before it: a step where it shall be short, and no more than the ring can take", async () => {
  const submits: number[] = [];
  let steps = 0;
  const pass = { end() {} };
  const encoder = { beginComputePass: () => pass, copyBufferToBuffer() {}, finish() {} };
  const buffer = { async mapAsync() {}, getMappedRange: () => new ArrayBuffer(4096), unmap() {}, destroy() {} };
  const queue = {
    submit: () => {
      submits.push(steps);
      steps = 0;
    },
    onSubmittedWorkDone: async () => {},
  };
  const gpu = { createBuffer: () => buffer, createCommandEncoder: () => encoder, queue };
  const profile = { software: true };
  const settle = (promise: Promise<unknown>) => promise;
  const device = { gpu, profile, settle, check() {} } as unknown as Device;
  const program = { encode: () => steps++ } as unknown as Program;
  // Shorter than any step, then longer than any number of them.
  const submitLength = () => (submits.length < 10 ? 1e-9 : 1e12);
  const runner = createRunner(device, program, { size: 16 } as GPUBuffer, 1, submitLength);
  await runner.run(10 + RING_ROWS / 2 + 3, () => {});
  expect(submits.filter((count) => count > 0)).toEqual([...Array(10).fill(1), RING_ROWS / 4, RING_ROWS / 4, 3]);
});
