import { expect, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { fit, type Run } from "../../src/train/fit.ts";
import { freshDevice, patterns, sharedDevice, tinyVae } from "../support/training.ts";

const data = patterns(37, 9, [4, 4, 1]); // 5 steps an epoch
const options = { epochs: 4, batchSize: 8, seed: 5 };

/** The tensors of a run's checkpoint: weights, moments and state. */
const tensorsOf = async (run: Run) => decodeSafetensors(await run.checkpoint(), "checkpoint").tensors;

async function wholeRun(model = tinyVae(), more: object = {}) {
  const run = fit(await sharedDevice(), model, data, { ...options, ...more });
  await run.finished;
  const tensors = await tensorsOf(run);
  await run.dispose();
  return tensors;
}

test("a run that is paused stands still, goes on for so many steps, and ends in the bytes of one that was not", async () => {
  const steps: number[] = [];
  const run = fit(await sharedDevice(), tinyVae(), data, { ...options, onStep: (step) => steps.push(step) });
  const at = await run.pause();
  expect(at).toBeLessThan(20);
  await run.sample(3); // uses work
  const { "encoder.out.weight": weight } = await tensorsOf(run); // and so do checkpoints
  expect((await run.pause()) === at).toBe(true);
  expect(steps.length).toBe(at);
  run.resume(3);
  expect(await standsAt(run, at + 3)).toBe(at + 3);
  expect((await tensorsOf(run))["encoder.out.weight"].data).not.toEqual(weight.data);
  run.resume(1);
  expect(await standsAt(run, at + 4)).toBe(at + 4);
  run.resume();
  expect(await run.finished).toBe("ok");
  expect(steps).toEqual(Array.from({ length: 20 }, (_, k) => k + 1));
  expect(await tensorsOf(run)).toEqual(await wholeRun());
  await run.dispose();
});

/** Where the run stands once it has come so far. */
async function standsAt(run: Run, step: number): Promise<number> {
  const { tensors } = decodeSafetensors(await run.checkpoint(), "checkpoint");
  const now = (tensors.state.data as Uint32Array)[2];
  return now >= step ? now : standsAt(run, step);
}

test("a paused run can be aborted, or disposed of", async () => {
  const stop = new AbortController();
  const device = await sharedDevice();
  const run = fit(device, tinyVae(), data, { ...options, signal: stop.signal });
  const at = await run.pause();
  stop.abort();
  expect(await run.finished).toBe("interrupted");
  const resumed = fit(device, tinyVae(), data, { ...options, resume: await run.checkpoint() });
  await resumed.finished;
  expect(await tensorsOf(resumed)).toEqual(await wholeRun());
  expect(at).toBeLessThanOrEqual(20);
  const other = fit(device, tinyVae(), data, options);
  await other.pause();
  await other.dispose();
  for (const one of [run, resumed]) await one.dispose();
});

test("a weight that is set before the first step is that of a run that had it from the beginning", async () => {
  const device = await sharedDevice();
  const run = fit(device, tinyVae(), data, options);
  await run.pause();
  const seen = await run.change({ klWeight: 4, learningRate: 0.005 });
  run.resume();
  await run.finished;
  const expected = await wholeRun(tinyVae({ klWeight: 4 }), { learningRate: 0.005 });
  expect(seen).toBe(0);
  expect(await tensorsOf(run)).toEqual(expected);
  expect(run.history[3].schedules).toEqual({ klWeight: 4, learningRate: expect.closeTo(0.005, 8) });
  // Evaluation sees it, too.
  const { loss, reconstruction, kl } = run.history[3].test;
  expect(loss).toBeCloseTo(reconstruction + 4 * kl, 2);
  await run.dispose();
});

test("what was set while a run went is remembered: continued from before or after, or on another device, it ends alike", async () => {
  const device = await sharedDevice();
  const changing = (more: object = {}) => fit(device, tinyVae(), data, { ...options, ...more });
  const run = changing();
  await run.pause();
  const start = await run.change({ klWeight: 0.25 });
  run.resume(7);
  const later = await standsAt(run, start + 7);
  const between = await run.checkpoint();
  await run.change({ klWeight: 2 });
  run.resume(2);
  await standsAt(run, later + 2);
  const after = await run.checkpoint();
  run.resume();
  await run.finished;
  const expected = await tensorsOf(run);
  expect(expected).not.toEqual(await wholeRun());

  const fromAfter = changing({ resume: after });
  await fromAfter.finished;
  expect(await tensorsOf(fromAfter)).toEqual(expected);

  const fromBetween = changing({ resume: between });
  await fromBetween.pause();
  expect(await fromBetween.change({ klWeight: 2 })).toBe(later);
  fromBetween.resume();
  await fromBetween.finished;
  expect(await tensorsOf(fromBetween)).toEqual(expected);
  for (const one of [run, fromAfter, fromBetween]) await one.dispose();
});

test("a device that is lost after a change: it is made again at its step", async () => {
  const device = await freshDevice();
  const recoveries: number[] = [];
  const run = fit(device, tinyVae(), data, { ...options, onRecovery: ({ step }) => void recoveries.push(step) });
  await run.pause();
  run.resume(6);
  await standsAt(run, 6);
  await run.change({ klWeight: 3 });
  run.resume(2);
  const seen = await standsAt(run, 8);
  device.gpu.destroy();
  run.resume();
  await run.finished;
  expect(recoveries).toEqual([5]); // back to the epoch's checkpoint, before the change
  const again = fit(await sharedDevice(), tinyVae(), data, options);
  await again.pause();
  again.resume(6);
  await standsAt(again, 6);
  await again.change({ klWeight: 3 });
  again.resume();
  await again.finished;
  expect(seen).toBe(8);
  expect(await tensorsOf(run)).toEqual(await tensorsOf(again));
  for (const one of [run, again]) await one.dispose();
});

test("how long submits are changes no result, and can be changed while it trains", async () => {
  const run = fit(await sharedDevice(), tinyVae(), data, { ...options, submitMilliseconds: 0.001 });
  run.resume(7);
  await standsAt(run, 7);
  await run.setSubmitMilliseconds(1e9);
  run.resume();
  await run.finished;
  expect(await tensorsOf(run)).toEqual(await wholeRun());
  await expect(run.setSubmitMilliseconds(0)).rejects.toThrow(
    "setSubmitMilliseconds: milliseconds must be a number above 0, or null, but it is 0.",
  );
  await run.dispose();
});

test("what there is not cannot be set, nor to what is no number; an ended run has nothing to set", async () => {
  const run = fit(await sharedDevice(), tinyVae(), data, options);
  await run.pause();
  await expect(run.change({ klweight: 2 })).rejects.toThrow("There is no klweight to set; did you mean klWeight?");
  await expect(run.change({ klWeight: Number.NaN })).rejects.toThrow("klWeight must be a number of at least 0");
  run.resume();
  await run.finished;
  await expect(run.change({ klWeight: 2 })).rejects.toThrow("This run has ended");
  expect(await run.pause()).toBe(20);
  await run.dispose();
});
