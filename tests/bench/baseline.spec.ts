import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { compareReports, compareSpreads, parseReport } from "../../src/bench/baseline.ts";
import { rooflineSeconds, timingOf } from "../../src/bench/report.ts";
import { maxRelativeError, quantile, spreadOf } from "../../src/timing/statistics.ts";
import { aReport, aResult, flat } from "./support.ts";

test("quantiles are interpolated, and in order", () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([1, 2], 0.5)).toBe(1.5);
  expect(quantile([0, 10], 0.1)).toBe(1);
  expect(quantile([7], 0.9)).toBe(7);
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (samples) => {
      const { p10, median, p90 } = spreadOf(samples);
      return p10 <= median && median <= p90 && p10 >= Math.min(...samples) && p90 <= Math.max(...samples);
    }),
  );
});

test("an error is relative to the exact value, or to the typical one where that is smaller", () => {
  expect(maxRelativeError([1, 2.02], [1, 2])).toBeCloseTo(0.01, 10);
  expect(maxRelativeError([3.001, 1e-3], [3, 0])).toBeCloseTo(1e-3 / Math.sqrt(4.5), 10);
  expect(maxRelativeError([0, 0], [0, 0])).toBe(0);
  expect(maxRelativeError([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY);
  expect(maxRelativeError([Number.NaN], [Number.NaN])).toBe(0);
  expect(maxRelativeError([1], [0])).toBe(Number.POSITIVE_INFINITY);
  expect(maxRelativeError([1], [1, 1])).toBe(Number.POSITIVE_INFINITY);
});

test("a change counts only outside the noise of both runs, and only from 3 % on", () => {
  expect(compareSpreads(flat(2), flat(1))).toEqual({ verdict: "slower", ratio: 2 });
  expect(compareSpreads(flat(1), flat(2))).toEqual({ verdict: "faster", ratio: 0.5 });
  expect(compareSpreads(flat(1.02), flat(1)).verdict).toBe("same");
  expect(compareSpreads({ median: 2, p10: 1, p90: 3 }, { median: 1, p10: 0.5, p90: 1.5 }).verdict).toBe("same");
  expect(compareSpreads({ median: 2, p10: 1.6, p90: 3 }, { median: 1, p10: 0.5, p90: 1.5 }).verdict).toBe("slower");
});

test("a report is compared kernel by kernel with an earlier one of the same adapter", () => {
  const before = aReport([aResult("matmul", 1), aResult("reduce", 1), aResult("gone", 1)]);
  const now = aReport([
    aResult("matmul", 3),
    aResult("reduce", 1),
    aResult("fresh", 1),
    { ...aResult("wrong", 1), time: undefined },
  ]);
  const { kernels, doubts } = compareReports(now, before);
  expect(kernels).toEqual({
    "matmul v 1x1": { verdict: "slower", ratio: 3 },
    "reduce v 1x1": { verdict: "same", ratio: 1 },
    "fresh v 1x1": { verdict: "new" },
  });
  expect(doubts).toEqual([]);
  expect(() => compareReports({ ...now, adapterName: "another" }, before)).toThrow(
    /measured on a fake.*this adapter is another/,
  );
});

test("where a ceiling moved, times are corrected by that, and only large changes count", () => {
  const before = aReport([aResult("matmul", 1), aResult("better", 1), aResult("a little better", 1)]);
  const half = { flopsPerSecond: before.ceilings!.flopsPerSecond, bytesPerSecond: flat(0.5e9) };
  const slowed = aReport([aResult("matmul", 2), aResult("better", 1), aResult("a little better", 1.8)]);
  const { kernels, doubts } = compareReports({ ...slowed, ceilings: half, clock: "wall clock" }, before);
  expect(kernels).toEqual({
    "matmul v 1x1": { verdict: "same", ratio: 1 },
    "better v 1x1": { verdict: "faster", ratio: 0.5 },
    "a little better v 1x1": { verdict: "same", ratio: 0.9 },
  });
  expect(doubts).toEqual([
    "The machine itself changed: its copy ceiling moved by −50 %. Verdicts are of times corrected by that.",
    "The baseline was timed by timestamps, this run by wall clock.",
  ]);
});

test("a file that is no report is refused by its name", () => {
  const report = aReport([aResult("matmul", 1)]);
  expect(parseReport(JSON.stringify(report), "a.json")).toEqual(report);
  for (const text of [
    "",
    "{}",
    "null",
    "[]",
    '{"version":2}',
    JSON.stringify({ ...report, kernels: [{ kernel: 1 }] }),
  ]) {
    expect(() => parseReport(text, "a.json")).toThrow("a.json is no report of `reparam bench --json`.");
  }
});

test("the roofline is the time that the nearer ceiling allows, part by part", () => {
  const { ceilings } = aReport([]); // 10 GFLOP/s and 1 GB/s
  const arithmetic = { flops: 20e9, bytes: 1e9 };
  const movement = { flops: 1e9, bytes: 3e9 };
  expect(rooflineSeconds([arithmetic, movement], ceilings!)).toBe(5);
  expect(timingOf(flat(4), 1, [arithmetic], ceilings!)).toMatchObject({
    bound: "multiply-add",
    roofline: 0.5,
    flopsPerSecond: 5e9,
  });
  expect(timingOf(flat(4), 1, [movement], ceilings!)).toMatchObject({
    bound: "copy",
    roofline: 0.75,
    bytesPerSecond: 0.75e9,
  });
});
