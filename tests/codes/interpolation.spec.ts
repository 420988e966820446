import { expect, test } from "@playwright/test";
import { interpolatedCodes, interpolatedPosteriors } from "../../src/codes/interpolation.ts";
import { traversedCodes } from "../../src/codes/traversal.ts";
import { expectClose } from "./support.ts";

const a = [1, 0, 0.5];
const b = [-0.2, 0.9, 0.1];

test("a spherical way turns from one direction to the other", () => {
  // sin((1−t)Ω)/sin Ω a + sin(tΩ)/sin Ω b at t of 1/4 and 1/2
  const quarter = [0.8861259918310036, 0.37834142346552335, 0.5271388677967292];
  const half = [0.6116582804287778, 0.6881155654823751, 0.45874371032158334];
  const way = interpolatedCodes(a, b, { steps: 5, path: "spherical" });
  expectClose(way.subarray(3, 6), quarter);
  expectClose(way.subarray(6, 9), half);
});

test("a way begins at one code, ends at the other, and a linear one has its middle half way", () => {
  for (const path of ["linear", "spherical"] as const) {
    const way = interpolatedCodes(a, b, { steps: 3, path });
    expectClose(way.subarray(0, 3), a);
    expectClose(way.subarray(6), b);
  }
  expectClose(interpolatedCodes(a, b, { steps: 3 }).subarray(3, 6), [0.4, 0.45, 0.3]);
});

test("a spherical way keeps the length that both ends have", () => {
  const way = interpolatedCodes([3, 0, 4], [0, 5, 0], { steps: 9, path: "spherical" });
  for (let step = 0; step < 9; step++) {
    expect(Math.hypot(...way.subarray(3 * step, 3 * step + 3))).toBeCloseTo(5, 5);
  }
});

test("where no way turns, the spherical one is the linear one: along a line, and from or to nothing", () => {
  for (const end of [[2, 0, 1], [-2, 0, -1], [0, 0, 0], [...a]]) {
    const options = { steps: 7 } as const;
    expectClose(interpolatedCodes(a, end, { ...options, path: "spherical" }), interpolatedCodes(a, end, options));
  }
});

test("nearly parallel codes are no trouble", () => {
  const near = a.map((value) => value * (1 + 1e-12));
  const way = interpolatedCodes(a, [near[0], 1e-9, near[2]], { steps: 3, path: "spherical" });
  expectClose(way.subarray(3, 6), [1, 5e-10, 0.5]);
});

test("several pairs are ways one after another", () => {
  const both = interpolatedCodes([...a, ...b], [...b, ...a], { rows: 2, steps: 4 });
  expect(both).toHaveLength(2 * 4 * 3);
  expect(both.subarray(0, 12)).toEqual(interpolatedCodes(a, b, { steps: 4 }));
  expect(both.subarray(12)).toEqual(interpolatedCodes(b, a, { steps: 4 }));
});

test("codes that do not fit together, a single step and an unknown way are refused", () => {
  expect(() => interpolatedCodes(a, [1, 2])).toThrow("interpolatedCodes: to has 2 numbers and from 3");
  expect(() => interpolatedCodes(a, [1, 2, Number.NaN])).toThrow("interpolatedCodes: to: row 0 has NaN");
  expect(() => interpolatedCodes(a, b, { steps: 1 })).toThrow("steps must be a whole number of at least 2");
  expect(() => interpolatedCodes(a, b, { path: "curved" as "linear" })).toThrow(
    "path must be one of linear, spherical",
  );
});

test("a traversal moves one number of a code at a time, from −3 to 3", () => {
  const ways = traversedCodes([5, 6], { steps: 3 });
  expect([...ways]).toEqual([-3, 6, 0, 6, 3, 6, 5, -3, 5, 0, 5, 3]);
  expect([...traversedCodes([5], { steps: 5, low: 0, high: 1 })]).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(() => traversedCodes([5], { low: 1, high: 1 })).toThrow("traversedCodes: high must be a number above 1");
});

test("between posteriors the means go by the path and the spreads evenly, of rows of their own", () => {
  // mean and sigma of two rows each
  const from = [1, 0, 0.5, 0.1, 0, 2, 1, 1];
  const to = [0, 1, 0.1, 0.3, 2, 0, 3, 0.5];
  const way = interpolatedPosteriors(from, to, { latent: 2, rows: 2, steps: 3 });
  expectClose(way.subarray(0, 4), from.slice(0, 4));
  expectClose(way.subarray(4, 8), [0.5, 0.5, 0.3, 0.2]);
  expectClose(way.subarray(8, 12), to.slice(0, 4));
  expectClose(way.subarray(12), [0, 2, 1, 1, 1, 1, 2, 0.75, 2, 0, 3, 0.5]);
  const turned = interpolatedPosteriors(from, to, { latent: 2, rows: 2, steps: 3, path: "spherical" });
  expectClose(turned.subarray(4, 8), [Math.SQRT1_2, Math.SQRT1_2, 0.3, 0.2]);
});

test("of full covariances the factors stay lower triangular, with a diagonal above 0", () => {
  const from = [0, 0, 1, 0, 0.5, 2];
  const to = [2, 4, 3, 0, -0.5, 1];
  expectClose(interpolatedPosteriors(from, to, { latent: 2, steps: 3 }).subarray(6, 12), [1, 2, 2, 0, 0, 1.5]);
  expect(() => interpolatedPosteriors(from, [1, 2, 3, 4], { latent: 2 })).toThrow("to has 4 numbers and from 6");
  expect(() => interpolatedPosteriors([1, 2, 3], [1, 2, 3], { latent: 2 })).toThrow("no posterior of a code of 2");
  expect(() => interpolatedPosteriors(from, to, { latent: 2, steps: 1 })).toThrow("interpolatedPosteriors");
});
