import { expect, test } from "@playwright/test";
import { labels, vector } from "../../src/data/dataset.ts";
import { RING_SIGMA, ring, ringCentres } from "../../src/data/ring.ts";
import { modesFound } from "../../src/metrics/modes-found.ts";

test("the default set is 10,000 + 2,000 points of the plane, each near the centre that its label says", () => {
  const { name, fields, train, test } = ring();
  expect({ name, fields }).toEqual({
    name: "ring",
    fields: { x: { ...vector(2), modes: { centres: ringCentres, sigma: RING_SIGMA } }, label: labels(8) },
  });
  expect([train.count, test.count]).toEqual([10_000, 2000]);
  expect([train.values.x.length, test.values.x.length]).toEqual([20_000, 4000]);
  const counts = new Array<number>(8).fill(0);
  const sums = [0, 0, 0];
  let farthest = 0;
  for (let k = 0; k < train.count; k++) {
    const mode = train.values.label[k];
    counts[mode]++;
    const [dx, dy] = ringCentres[mode].map((centre, axis) => (train.values.x[2 * k + axis] - centre) / RING_SIGMA);
    [dx * dx, dy * dy, dx * dy].forEach((product, i) => {
      sums[i] += product / train.count;
    });
    farthest = Math.max(farthest, Math.hypot(dx, dy));
  }
  expect(farthest).toBeLessThan(6);
  // As chance has it, give or take five standard deviations.
  for (const count of counts) expect(Math.abs(count - 1250)).toBeLessThan(5 * Math.sqrt(1250));
  for (const variance of sums.slice(0, 2)) expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / 10_000));
  expect(Math.abs(sums[2])).toBeLessThan(5 * Math.sqrt(1 / 10_000));
});

test("the centres are 1 from the origin and an eighth of a turn apart", () => {
  expect(ringCentres).toHaveLength(8);
  ringCentres.forEach(([x, y], k) => {
    const [nextX, nextY] = ringCentres[(k + 1) % 8];
    expect(Math.hypot(x, y)).toBeCloseTo(1, 14);
    expect(x * nextX + y * nextY).toBeCloseTo(Math.SQRT1_2, 14);
    expect(x * nextY - y * nextX).toBeCloseTo(Math.SQRT1_2, 14);
  });
});

test("a smaller set is the beginning of a larger one, the splits differ, and so do seeds", () => {
  const [small, large] = [ring({ trainCount: 5, testCount: 3 }), ring({ trainCount: 9, testCount: 9 })];
  expect(small.train.values.x).toEqual(large.train.values.x.slice(0, 10));
  expect(small.test.values.label).toEqual(large.test.values.label.slice(0, 3));
  expect(large.train.values.x).not.toEqual(large.test.values.x);
  expect(ring({ seed: 1, trainCount: 9 }).train.values.x).not.toEqual(large.train.values.x);
});

test("counts and seeds that are none are refused by name", () => {
  expect(() => ring({ trainCount: 0 })).toThrow("ring: trainCount must be a whole number from 1 to 1000000");
  expect(() => ring({ seed: 0.5 })).toThrow("ring: seed must be a whole number");
});

test("modes are found that have enough samples within three standard deviations of their centre", () => {
  const centres = [
    [0, 0],
    [10, 0],
    [0, 10],
  ];
  const samples = [0, 0, 2.9, 0, 0, -3.1, 10, 3, 10, 0, 7.1, 0, 5, 5];
  const options = { rows: 7, centres, sigma: 1 };
  const { found, samples: counts, near } = modesFound(samples, { ...options, atLeast: 3 });
  expect(counts).toEqual([2, 3, 0]);
  expect(found).toBe(1);
  expect(near).toBeCloseTo(5 / 7, 14);
  expect(modesFound(samples, { ...options, atLeast: 2 }).found).toBe(2);
  expect(modesFound(samples, { ...options, atLeast: 4 }).found).toBe(0);
});

test("a sample between two centres is the nearer one's alone", () => {
  const centres = [[0], [1]];
  expect(modesFound([0.4, 0.6, 0.6], { rows: 3, centres, sigma: 1, atLeast: 1 }).samples).toEqual([1, 2]);
});

test("of the ring itself all modes are found, and 99 of 100 points are near: 1 − e^(−9/2)", () => {
  const { test } = ring();
  const options = { rows: 2000, centres: ringCentres, sigma: RING_SIGMA, atLeast: 100 };
  const { found, near } = modesFound(test.values.x, options);
  expect(found).toBe(8);
  expect(Math.abs(near - (1 - Math.exp(-4.5)))).toBeLessThan(0.01);
});

test("samples of another width than the centres, or not finite, are refused", () => {
  const options = { rows: 2, centres: [[0, 0]], sigma: 1, atLeast: 1 };
  expect(() => modesFound([1, 2], options)).toThrow("samples have 1 columns, and a centre has 2");
  expect(() => modesFound([1, 2, 3, Number.NaN], options)).toThrow("row 1 has NaN");
});
