import { expect, test } from "@playwright/test";
import type { ReportEpoch } from "../../src/report/epoch.ts";
import { remarksOnFigures } from "../../src/report/remarks.ts";

const epochsOf = (pairs: readonly (readonly [train: number, test: number])[], term = "loss"): ReportEpoch[] =>
  pairs.map(([train, test], k) => ({
    epoch: k + 1,
    train: { [term]: train },
    test: { [term]: test },
    seconds: 1,
    stepsPerSecond: 1,
  }));
const monitor = { term: "loss", split: "test" } as const;
const aggregate = { mean: [], covariance: [], klFromStandardNormal: null };
const remarksOf = (kl: readonly number[]) =>
  remarksOnFigures({ epochs: [], codes: { posterior: { kl, activeUnits: 0, aggregate } } });

test("a collapsed posterior is named, whole or in part, and one that is used is not", () => {
  expect(remarksOf([0.0099, 0, 1e-6])).toEqual([
    expect.stringMatching(/^The posterior has collapsed: each of the 3 numbers of a code holds less than 0.01 nats/),
  ]);
  expect(remarksOf([1.2, 0.0099, 0.01])).toEqual([
    expect.stringMatching(/^Of the 3 numbers of a code, 1 number holds less than 0.01 nats and is not used/),
  ]);
  expect(remarksOf([1.2, 0.01])).toEqual([]);
});

test("numbers of a code that never change, and codes that are hardly chosen, are named", () => {
  const constant = (count: number) => remarksOnFigures({ epochs: [], codes: { units: { count: 8, constant: count } } });
  expect(constant(0)).toEqual([]);
  expect(constant(2)).toEqual([expect.stringMatching(/^Of the 8 numbers of a code, 2 numbers are the same for every/)]);
  const codebook = (share: number) => remarksOnFigures({ epochs: epochsOf([[5, share]], "deadCodes") });
  expect(codebook(0)).toEqual([]);
  expect(codebook(13)).toEqual([expect.stringMatching(/^In the codebook, 13 codes are hardly ever chosen/)]);
});

test("a test loss that rises while the training's falls is named with its epochs, and no other course is", () => {
  const told = (pairs: Parameters<typeof epochsOf>[0], watched: typeof monitor | null = monitor) =>
    remarksOnFigures({ epochs: epochsOf(pairs), monitor: watched });
  const rising = [
    [9, 9],
    [8, 8.5],
    [7, 8.8],
    [6, 9.5],
  ] as const;
  expect(told(rising)).toEqual([
    expect.stringMatching(/^The test loss rose from 8.50* at epoch 2 to 9.50* at epoch 4, while .* by heart/),
  ]);
  expect(told(rising.slice(0, 3))).toEqual([]); // for an epoch alone
  expect(told(rising, null)).toEqual([]); // nothing is watched
  expect(told([...rising, [5, 8.4]])).toEqual([]); // it fell again
  // Within a hundredth; and where the training's rose, too, which is something else.
  const course = (...tests: number[]) => tests.map((test, k) => [9 - k, test] as const);
  expect(told(course(8.5, 8.51, 8.58))).toEqual([]);
  expect(told(rising.map(([, test]) => [test, test] as const))).toEqual([]);
  // A loss may lie below 0.
  expect(told(course(-10, -9.95, -9.5))).toHaveLength(1);
});
