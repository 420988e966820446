import { expect, test } from "@playwright/test";
import {
  finalValue,
  type LearningRateSchedule,
  learningRateSchedule,
  type ScheduleDescription,
  scheduleOf,
  scheduleTable,
} from "../../src/nn/schedules.ts";

const table = (schedule: (step: number) => number, steps: number) =>
  Array.from({ length: steps }, (_, k) => schedule(k));
const rates = (options: LearningRateSchedule, totalSteps: number, stepsPerEpoch = totalSteps) =>
  table(learningRateSchedule(options, { totalSteps, stepsPerEpoch }), totalSteps);
const weights = (description: ScheduleDescription, totalSteps: number) =>
  table(scheduleOf(description, { totalSteps }), totalSteps);

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  for (const [k, value] of actual.entries()) expect(value, `step ${k}`).toBeCloseTo(expected[k], 12);
}

test("a constant learning rate is multiplied by 1", () => {
  expect(rates({ name: "constant" }, 3)).toEqual([1, 1, 1]);
});

test("a linear schedule warms up without a first step of nothing, and ends at its final multiplier", () => {
  expectClose(rates({ name: "linear", warmupSteps: 2, final: 0.2 }, 7), [1 / 3, 2 / 3, 1, 0.8, 0.6, 0.4, 0.2]);
  expectClose(rates({ name: "linear" }, 5), [1, 0.75, 0.5, 0.25, 0]);
});

test("a cosine schedule falls by half a wave after its warm-up", () => {
  const half = Math.SQRT1_2;
  expectClose(rates({ name: "cosine" }, 5), [1, (1 + half) / 2, 0.5, (1 - half) / 2, 0]);
  expectClose(rates({ name: "cosine", warmupSteps: 3, final: 0.5 }, 6), [0.25, 0.5, 0.75, 1, 0.75, 0.5]);
});

test("a warm-up longer than the run rises to its end", () => {
  expectClose(rates({ name: "cosine", warmupSteps: 9 }, 3), [0.1, 0.2, 0.3]);
});

test("a run of a single step has the full learning rate", () => {
  for (const name of ["cosine", "linear"] as const) expect(rates({ name }, 1)).toEqual([1]);
});

test("a step schedule is multiplied by its factor every so many steps, by ½ unless told otherwise", () => {
  expectClose(rates({ name: "step", every: 2, factor: 0.1 }, 5), [1, 1, 0.1, 0.1, 0.01]);
  expectClose(rates({ name: "step", every: 3 }, 4), [1, 1, 1, 0.5]);
});

test("an exponential schedule falls by its rate once an epoch, smoothly", () => {
  expectClose(rates({ name: "exponential", rate: 0.25 }, 5, 2), [1, 0.5, 0.25, 0.125, 0.0625]);
});

test("a weight is constant, rises linearly and stays, or rises again in every cycle", () => {
  expect(weights(0.5, 2)).toEqual([0.5, 0.5]);
  expect(weights({ name: "constant" }, 2)).toEqual([1, 1]);
  expect(weights({ name: "constant", value: 4 }, 2)).toEqual([4, 4]);
  expectClose(weights({ name: "linear", from: 0.2, to: 1, steps: 4 }, 6), [0.2, 0.4, 0.6, 0.8, 1, 1]);
  expectClose(weights({ name: "linear", steps: 2 }, 4), [0, 0.5, 1, 1]);
  expectClose(weights({ name: "cyclical", cycles: 2, ratio: 0.5, to: 2 }, 8), [0, 1, 2, 2, 0, 1, 2, 2]);
  expectClose(weights({ name: "cyclical" }, 16).slice(0, 8), [0, 0.5, 1, 1, 0, 0.5, 1, 1]);
});

test("evaluation uses the value that a schedule ends with", () => {
  expect(finalValue(0.25)).toBe(0.25);
  expect(finalValue({ name: "constant" })).toBe(1);
  expect(finalValue({ name: "constant", value: 0 })).toBe(0);
  expect(finalValue({ name: "linear", from: 1, to: 0.5, steps: 3 })).toBe(0.5);
  expect(finalValue({ name: "cyclical", to: 3 })).toBe(3);
});

test("the table that the GPU reads holds every step once, and its last row stands for all later ones", () => {
  const settling = scheduleTable([(step) => Math.min(step, 3), () => 0.1], 100);
  expect([...settling]).toEqual([0, 1, 2, 3].flatMap((value) => [value, Math.fround(0.1)]));
  expect(scheduleTable([(step) => step], 100).length).toBe(100);
  expect(scheduleTable([() => 1], 1)).toEqual(Float32Array.of(1));
});

test("a schedule over more steps than a table holds is refused, and a constant one is not", () => {
  expect(scheduleTable([() => 2], 1e9)).toEqual(Float32Array.of(2));
  const falling = learningRateSchedule({ name: "linear" }, { totalSteps: 1e9, stepsPerEpoch: 100 });
  expect(() => scheduleTable([falling], 1e9)).toThrow(/1000000000 steps do not fit/);
});
