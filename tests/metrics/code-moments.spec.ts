import { expect, test } from "@playwright/test";
import { activeUnits } from "../../src/metrics/active-units.ts";
import { codeMoments } from "../../src/metrics/code-moments.ts";

test("a number of a code is active where its posterior mean varies by more than 0.01", () => {
  const means = [
    [0, 1, 0.001],
    [0.5, -1, 0.002],
    [-0.5, 2, 0],
    [0.2, 0.5, 0.001],
  ];
  const { active, variances } = activeUnits(means.flat(), { rows: 4 });
  expect(active).toBe(2);
  for (const [k, variance] of [0.1325, 1.171875, 5e-7].entries()) expect(variances[k]).toBeCloseTo(variance, 15);
  expect(activeUnits([0.0999, -0.0999], { rows: 2 }).active).toBe(0);
  expect(activeUnits([0.1001, -0.1001], { rows: 2 }).active).toBe(1);
});

test("moments are those of the rows, divided by their count", () => {
  const { mean, covariance } = codeMoments([1, 10, 3, 10, 5, 16], { rows: 3 });
  expect(mean).toEqual([3, 12]);
  expect(covariance[0][0]).toBeCloseTo(8 / 3, 12);
  expect(covariance[1][1]).toBeCloseTo(8, 12);
  expect([covariance[0][1], covariance[1][0]]).toEqual([4, 4]);
});

test("the divergence from N(0, 1) is 0 for its moments, and the closed form of other ones", () => {
  expect(codeMoments([1, 1, 1, -1, -1, 1, -1, -1], { rows: 4 }).klFromStandardNormal).toBeCloseTo(0, 12);
  // Variances 4 and 9, correlation 1/2, mean (1, 0): ½ (13 + 1 − 2 − ln 27).
  const [a, b] = [2, 3];
  const half = Math.sqrt(3) / 2;
  const codes = [1, -1].flatMap((u) => [1, -1].flatMap((v) => [1 + a * u, b * (u / 2 + half * v)]));
  const { mean, covariance, klFromStandardNormal } = codeMoments(codes, { rows: 4 });
  expect(mean[0]).toBeCloseTo(1, 12);
  expect(covariance[0][1]).toBeCloseTo(3, 12);
  expect(klFromStandardNormal).toBeCloseTo((12 - Math.log(27)) / 2, 12);
});

test("codes in a plane of fewer dimensions are infinitely far from the prior", () => {
  expect(codeMoments([1, 0, 2, 0], { rows: 2 }).klFromStandardNormal).toBe(Infinity);
  expect(codeMoments([0.1, 0.3, 0.7, 2.1, -0.2, -0.6], { rows: 3 }).klFromStandardNormal).toBe(Infinity);
});

test("numbers that are no rows, or not finite, are refused in words", () => {
  expect(() => codeMoments([1, 2, 3], { rows: 2 })).toThrow(
    "codeMoments: codes: 3 numbers are not 2 rows of equal length.",
  );
  expect(() => activeUnits([1, Infinity], { rows: 2 })).toThrow(
    "activeUnits: means: row 1 has Infinity, and has to be finite.",
  );
});
