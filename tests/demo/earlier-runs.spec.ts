import { expect, test } from "@playwright/test";
import { addEarlier, before, chosen, earlier } from "../../demo/lab/earlier-runs.ts";
import { examples, examplesNamed, examplesOf, fewOf, REDRAWN, remember, unusedName } from "../../demo/lab/examples.ts";
import { asSet, BEGINNING } from "../../demo/lab/settings.ts";
import { decodeSnapshot, encodeSnapshot } from "../../demo/lab/snapshot-file.ts";
import { keepMoment, momentAt, moments, type Snapshot, snapshot } from "../../demo/lab/snapshots.ts";
import { changes, running, samples } from "../../demo/lab/state.ts";
import type { Field } from "../../src/data/dataset.ts";

// Runs that were there before the current one: kept, chosen among, compared.

const run = (seed: number, steps = 4): Snapshot => ({
  settings: { ...BEGINNING, seed },
  epochs: [{ step: steps, terms: { loss: 3.25 } }],
  losses: [5, 4, 3.5, 3.25],
  moments: [
    { step: 0, places: Float32Array.of(0.1, -0.2), redrawn: Float32Array.of(0, 0.5), awake: undefined },
    { step: steps, places: Float32Array.of(1.5, 2), awake: 1 },
  ],
  step: steps,
  latent: 2,
  stepsPerSecond: 0,
});

test("a run comes back from its file as it was: places to the bit, pictures to a 255th of their range", () => {
  const pictures = Float32Array.from({ length: 256 }, (_, k) => -1 + (3 * k) / 255);
  const before = run(7);
  const [first, last] = before.moments;
  const shown = {
    ...last,
    redrawn: pictures,
    drawn: pictures,
    sheet: { pictures, columns: 16, reach: [3, 4] as const },
  };
  const { run: again, seen } = decodeSnapshot(encodeSnapshot({ ...before, moments: [first, shown] }, [-1, 2]));
  expect(seen).toBeUndefined();
  expect({ ...again, moments: [] }).toEqual({ ...before, moments: [] });
  expect(again.moments[0].places).toEqual(first.places);
  expect([again.moments[1].step, again.moments[1].awake, again.moments[0].sheet]).toEqual([4, 1, undefined]);
  expect(again.moments[1].sheet).toMatchObject({ columns: 16, reach: [3, 4] });
  for (const found of [again.moments[1].redrawn!, again.moments[1].drawn!, again.moments[1].sheet!.pictures]) {
    expect(Math.max(...found.map((value, k) => Math.abs(value - pictures[k])))).toBeLessThan(1e-6);
  }
  // Between two steps the nearer one; outside of the range its end, and what is no number is its least.
  const odd = { ...last, redrawn: Float32Array.of(0.4 / 255, 0.6 / 255, -1, 9, Number.NaN) };
  const [{ redrawn }] = decodeSnapshot(encodeSnapshot({ ...before, moments: [odd] }, [0, 1])).run.moments;
  expect([...redrawn!]).toEqual([0, Math.fround(1 / 255), 0, 1, 0]);
});

test("a run on a person's own data comes back with what is shown of these", () => {
  const x: Field = { kind: "vector", shape: [2], store: "f32", names: ["wide", "high"] };
  const label: Field = { kind: "label", shape: [], store: "u8", classes: 2, names: ["left", "right"] };
  const split = {
    count: 12,
    values: { x: Float32Array.from({ length: 24 }, (_, k) => k - 4), label: new Uint8Array(12).fill(1, 6) },
  };
  const all = examplesOf({ name: "table.csv", fields: { x, label }, train: split, test: split });
  const few = fewOf(all);
  expect(few.x).toHaveLength(REDRAWN * 2);
  const mine = { ...run(3), settings: { ...BEGINNING, data: "table.csv" } };
  const again = decodeSnapshot(encodeSnapshot(mine, few.range, few));
  expect(again.run.settings).toEqual(mine.settings);
  expect({ ...again.seen, x: [], labels: [] }).toEqual({ ...few, x: [], labels: [] });
  expect(Array.from(again.seen!.labels)).toEqual(Array.from(few.labels));
  expect(Math.max(...again.seen!.x.map((value, k) => Math.abs(value - few.x[k])))).toBeLessThanOrEqual(
    23 / 255 / 2 + 1e-6,
  );
  // They are shown where the data are gone, and data that are given later have another name.
  expect(examplesNamed("table.csv").name).toBe("digits");
  remember(again.seen!);
  expect(examplesNamed("table.csv")).toBe(again.seen);
  expect(unusedName("table.csv")).toBe("table.csv 2");
});

test("six runs are kept, the newest first, but for those that made no step; one of them is chosen", () => {
  for (let seed = 1; seed <= 7; seed++) addEarlier(run(seed));
  addEarlier(run(8, 0));
  const seeds = () => earlier.value.map(({ settings }) => settings.seed);
  expect(seeds()).toEqual([7, 6, 5, 4, 3, 2]);
  expect(before.value?.settings.seed).toBe(7);
  chosen.value = earlier.value[2];
  expect(before.value?.settings.seed).toBe(5);
  // The one before the run that begins is what one wants to compare it with.
  addEarlier(run(9));
  expect(before.value?.settings.seed).toBe(9);
  expect(seeds()).toEqual([9, 7, 6, 5, 4, 3]);
});

test("a person's data have a name that no other data have", () => {
  expect(unusedName("iris.csv")).toBe("iris.csv");
  expect(unusedName("digits")).toBe("digits 2");
});

test("a run that comes back is set as it was left", () => {
  const changed = [
    { step: 3, name: "klWeight", value: 4 },
    { step: 5, name: "learningRate", value: 0.01 },
    { step: 9, name: "klWeight", value: 0.5 },
  ];
  const options = { ...BEGINNING.options, klWeight: 0.5 };
  expect(asSet({ settings: BEGINNING, changes: changed })).toEqual({ ...BEGINNING, learningRate: 0.01, options });
  expect(asSet({ settings: BEGINNING, changes: [] })).toEqual(BEGINNING);
  // So is one that is put away.
  running.value = BEGINNING;
  changes.value = changed;
  expect(snapshot().settings).toEqual({ ...BEGINNING, learningRate: 0.01, options });
  running.value = undefined;
  changes.value = [];
});

test("before its first moment a run has nothing to show", () => {
  const { moments } = run(1, 278);
  expect(momentAt(moments, 277)).toBe(moments[0]);
  expect(momentAt(moments, 278)).toBe(moments[1]);
  expect(momentAt(moments.slice(1), 277)).toBeUndefined();
});

test("of a model without codes a moment holds what it draws", () => {
  const { size } = examples.value;
  keepMoment(0);
  expect(moments.value).toEqual([]); // it has shown nothing yet
  samples.value = Float32Array.from({ length: 64 * size }, (_, k) => k);
  keepMoment(3);
  expect(moments.value).toEqual([{ step: 3, drawn: samples.value.slice(0, REDRAWN * size) }]);
  moments.value = [];
  samples.value = undefined;
});
