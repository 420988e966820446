import { expect, test } from "@playwright/test";
import { apart } from "../../demo/drawing/apart.ts";
import { dotGrid } from "../../demo/drawing/dot-grid.ts";
import { cellsOf, pictureOf } from "../../demo/drawing/dots.ts";
import { examplesOf } from "../../demo/lab/examples.ts";
import { crowding } from "../../demo/lab/nearness.ts";
import { type Dataset, labels, vector } from "../../src/data/dataset.ts";

// Very many dots on the map: what a frame and a press cost, by counts.

/** A map of 300 x 150 CSS pixels, whose plane reaches from −2 to 2 across. */
const frame = { width: 300, height: 150, zero: [150, 75], scale: 75 } as const;

/** A low-discrepancy sequence over the plane, a little of it past the map's edges: [count, 2] */
const spread = (count: number) =>
  Float32Array.from({ length: 2 * count }, (_, k) => {
    const place = (((k >> 1) + 1) * (k % 2 ? 0.5698402909980532 : 0.7548776662466927)) % 1;
    return (k % 2 ? 2.2 : 4.4) * (place - 0.5);
  });

const colours = Array.from({ length: 11 }, (_, k) => [k / 10, 0, 1 - k / 10, 1]);

test("every dot on the map counts in one cell, and those outside in none", () => {
  const count = 120_000;
  const places = spread(count);
  const { columns, rows, counts } = cellsOf(
    { places, labels: new Uint8Array(count), slots: [0], only: new Set() },
    frame,
  );
  expect([columns, rows]).toEqual([200, 100]);
  const inside = Array.from({ length: count }, (_, k) => [
    150 + 75 * places[2 * k],
    75 - 75 * places[2 * k + 1],
  ]).filter(([x, y]) => x >= 0 && y >= 0 && x < 300 && y < 150);
  expect(inside.length).toBeLessThan(count);
  expect(counts.reduce((sum, cell) => sum + cell, 0)).toBe(inside.length);
});

test("a cell has the colour of most of its dots; classes that were not picked out are not there", () => {
  const places = new Float32Array(2 * 5); // five dots on one place
  const dots = { places, labels: [1, 0, 1, 2, 1], slots: [4, 7, -1], only: new Set<number>() };
  const middle = 50 * 200 + 100;
  expect(cellsOf(dots, frame).leading[middle]).toBe(7);
  expect(cellsOf(dots, frame).counts[middle]).toBe(5);
  const some = cellsOf({ ...dots, only: new Set([0, 2]) }, frame);
  expect([some.counts[middle], some.leading[middle]]).toEqual([2, 4]);
  expect(cellsOf({ ...dots, only: new Set([2]) }, frame).leading[middle]).toBe(10); // without a colour of its own
});

test("a density is the stronger the more dots a cell has, and dots are all alike", () => {
  const cells = { columns: 4, rows: 1, counts: Uint32Array.of(0, 1, 10, 100), leading: Uint8Array.of(0, 0, 10, 0) };
  const strengths = (dense: boolean) => [0, 1, 2, 3].map((cell) => pictureOf(cells, colours, dense)[4 * cell + 3]);
  expect(strengths(false)).toEqual([0, 255, 255, 255]);
  expect(strengths(true)).toEqual([0, 64, 159, 255]); // ¼, and ¾ by the logarithm
  expect([...pictureOf(cells, colours, true).slice(8, 11)]).toEqual([255, 0, 0]);
});

test("a press looks at the dots around it, and finds the nearest", () => {
  const count = 100_000;
  const places = spread(count);
  const grid = dotGrid(places, frame);
  const presses = ["150 75", "3 4", "297.5 149", "20.2 130.7"].map((place) => place.split(" ").map(Number));
  for (const [x, y] of presses) {
    const distances = Array.from({ length: count }, (_, k) =>
      Math.hypot(150 + 75 * places[2 * k] - x, 75 - 75 * places[2 * k + 1] - y),
    );
    const least = distances.reduce((best, distance, k) => (distance < distances[best] ? k : best), 0);
    expect(grid.nearest(x, y)).toBe(least);
    // Nine cells of 8 x 8 pixels, of 330 x 165 pixels over which the dots lie.
    expect(grid.around(x, y).length).toBeLessThan((1.2 * count * 9 * 64) / (330 * 165));
  }
  expect(dotGrid(Float32Array.of(0, 0), frame).nearest(150, 84)).toBeUndefined();
  expect(dotGrid(Float32Array.of(0, 0), frame).nearest(150, 82)).toBe(0);
});

test("of examples of few numbers there are more on the map, and how crowded they are is found from fewer", () => {
  const count = 600_000;
  const split = { count, values: { x: new Float32Array(3 * count), label: new Uint8Array(count) } };
  const data: Dataset = { name: "rows", fields: { x: vector(3), label: labels(2) }, train: split, test: split };
  expect(examplesOf(data).count).toBe(Math.floor((2000 * 784) / 3));
  expect(crowding(new Float32Array(2 * 1000), 2)).toHaveLength(167);
  expect(crowding(new Float32Array(2 * 60_000), 2)).toHaveLength(100);
});

test("numerals that lie on each other go apart by as little as that takes, and others stay", () => {
  expect(
    apart(
      [
        [0, 0],
        [6, 8],
        [100, 0],
      ],
      20,
    ),
  ).toEqual([
    [-3, -4],
    [9, 12],
    [100, 0],
  ]);
  // From what stays where it is, all of the way.
  expect(apart([[6, 8]], 20, [[0, 0]])).toEqual([[12, 16]]);
  const knot = apart(
    [
      [5, 5],
      [5, 5],
      [6, 5],
    ],
    10,
  ).map(([x]) => x);
  expect(Math.abs(knot[0] - knot[1])).toBeGreaterThan(9);
});
