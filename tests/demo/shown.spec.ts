import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { meanPictureLoss } from "../../demo/lab/baseline.ts";
import { copyText } from "../../demo/lab/clipboard.ts";
import { fingerprintOf, samenessOf } from "../../demo/lab/fingerprint.ts";
import { paintSheet } from "../../demo/lab/look.ts";
import { modelOf } from "../../demo/lab/model.ts";
import { describedModel, openedModel } from "../../demo/lab/model-file.ts";
import { shippedModel, trainableModel } from "../../demo/lab/shipped.ts";
import { shortenTurns } from "../../demo/lab/short-turns.ts";
import { showModel } from "../../demo/lab/shown-model.ts";
import { moments } from "../../demo/lab/snapshots.ts";
import { type Answers, answers, codes, phase, pointed, reach, SHEET, sheet } from "../../demo/lab/state.ts";
import { openCheckpoint, readCheckpoint } from "../../src/train/read-checkpoint.ts";
import { encodeSealed } from "../../src/train/seal.ts";

// What the page shows of a model, and what it gives away of it, without a page.

const shipped = shippedModel(
  new Uint8Array(readFileSync(new URL("../../demo/shipped/vae-2d.safetensors", import.meta.url))),
);

test("codes of an earlier step are shown at once, and then the model's own", async () => {
  const { settings, codes: own } = shipped;
  moments.value = [];
  const model = { ...shipped.model, encode: async () => own.slice() };
  const old = own.map((value) => 0.5 * value);
  const showing = showModel(model, settings, { codes: old, old: true });
  expect(codes.value).toBe(old);
  expect(moments.value).toEqual([]); // no moment of this step has that map
  await showing;
  expect(Buffer.compare(Buffer.from(codes.value!.buffer), Buffer.from(own.buffer))).toBe(0);
});

test("a sheet that was decoded while the map came to show more is decoded once more", async () => {
  const asked: number[] = [];
  const model = {
    decode: async (grid: Float32Array) => {
      asked.push(grid.length);
      if (asked.length === 1) reach.value = [5, 4]; // the codes have come meanwhile
      return grid;
    },
  } as unknown as Answers;
  reach.value = [3, 3];
  answers.value = model;
  await paintSheet(model, () => true);
  expect(asked).toEqual(Array(2).fill(2 * SHEET.columns * SHEET.rows));
  expect(sheet.value?.reach).toEqual([5, 4]);
  // Its first place is the middle of the cell at the top left.
  expect(sheet.value?.pictures[0]).toBeCloseTo(5 * (1 / SHEET.columns - 1), 5);
  expect(sheet.value?.pictures[1]).toBeCloseTo(4 * (1 - 1 / SHEET.rows), 5);
});

test("the shipped model is given away as a checkpoint that training can go on from", async () => {
  const bytes = describedModel(trainableModel(shipped), shipped.settings);
  const opened = await openedModel(bytes, "vae.safetensors");
  expect(opened.settings).toEqual(shipped.settings);
  expect(opened.step).toBe(shipped.epoch.step);
  const model = modelOf(shipped.settings);
  const { snapshot, progress } = readCheckpoint(openCheckpoint(bytes, "vae.safetensors"), model);
  expect(progress.step).toBe(shipped.epoch.step);
  expect(snapshot.firstMoments.every((value) => value === 0)).toBe(true);
  const [[name, values]] = shipped.weights;
  expect(openCheckpoint(bytes, "vae.safetensors").tensors[name].data).toEqual(values);
});

test("a fingerprint is of the weights alone, and there is none of a run that was changed as it went", async () => {
  const bytes = trainableModel(shipped);
  const found = await fingerprintOf(bytes);
  expect(found).toMatch(/^[0-9a-f]{8}$/);
  const { tensors, metadata } = openCheckpoint(bytes, "it");
  const state = { ...tensors.state, data: Uint32Array.from(tensors.state.data as Uint32Array, (word) => word + 1) };
  expect(await fingerprintOf(encodeSealed({ ...tensors, state }, { ...metadata, note: "another" }))).toBe(found);

  const [[name, values]] = shipped.weights;
  const moved = { ...tensors[name], data: Float32Array.from(values, (value, k) => (k === 0 ? value + 1e-6 : value)) };
  const other = await fingerprintOf(encodeSealed({ ...tensors, [name]: moved }, metadata));
  expect(other).not.toBe(found);
  expect(samenessOf("7f3ac21e", "7f3ac21e")).toBe("Same picture as the sender's: 7f3a c21e.");
  expect(samenessOf(other!, found!)).toMatch(/^Close, not the same/);

  const changes = [{ step: 3, values: { klWeight: 4 } }];
  const progress = JSON.stringify({ ...JSON.parse(metadata.progress), changes });
  expect(await fingerprintOf(encodeSealed(tensors, { ...metadata, progress }))).toBeUndefined();
});

test("the loss of the mean picture takes two logarithms a pixel, and is what all pictures together give", () => {
  const [size, count] = [7, 300];
  const x = Float32Array.from({ length: size * count }, (_, k) => (k % size === 0 ? 0 : ((k * 37) % 101) / 100));
  let sum = 0;
  for (let k = 0; k < size; k++) {
    const values = Array.from({ length: count }, (_, row) => x[row * size + k]);
    const mean = values.reduce((total, value) => total + value, 0) / count;
    const p = Math.min(1 - 1e-6, Math.max(1e-6, mean));
    for (const value of values) sum -= value * Math.log(p) + (1 - value) * Math.log(1 - p);
  }
  const { log } = Math;
  let logarithms = 0;
  Math.log = (value) => {
    logarithms++;
    return log(value);
  };
  try {
    expect(meanPictureLoss(x, size)).toBeCloseTo(sum / count, 6);
  } finally {
    Math.log = log;
  }
  expect(logarithms).toBe(2 * size);
});

test("where the browser has no clipboard, copying says so", async () => {
  expect(globalThis.navigator?.clipboard).toBeUndefined();
  expect(await copyText("a link")).toBe(false);
});

test("training gives way while somebody points, and no longer when nobody does", async () => {
  const asked: (number | null)[] = [];
  answers.value = {
    setSubmitMilliseconds: async (milliseconds: number | null) => void asked.push(milliseconds),
  } as unknown as Answers;
  phase.value = "training";
  const end = shortenTurns();
  expect(asked).toEqual([]);
  pointed.value = { x: 0, y: 0 };
  pointed.value = { x: 0, y: 1 };
  expect(asked).toEqual([6]); // told once
  await expect.poll(() => asked).toEqual([6, null]);
  pointed.value = { x: 0, y: 2 };
  expect(asked).toEqual([6, null, 6]);
  await expect.poll(() => asked).toEqual([6, null, 6, null]);
  end();
  phase.value = "opening";
  pointed.value = answers.value = undefined;
});
