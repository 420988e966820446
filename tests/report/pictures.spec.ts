import { expect, test } from "@playwright/test";
import fc from "fast-check";
import type { Field } from "../../src/data/dataset.ts";
import { ReparamError } from "../../src/errors.ts";
import { classColors } from "../../src/report/class-colors.ts";
import { drawPairs } from "../../src/report/drawers/reconstructions.ts";
import { drawExamples } from "../../src/report/drawers/samples.ts";
import { imageTile } from "../../src/report/image-tile.ts";
import { latentScatter } from "../../src/report/latent-scatter.ts";
import { lineChart } from "../../src/report/line-chart.ts";
import { CATEGORIES, FAINT_INK, LINE_COLORS } from "../../src/report/palette.ts";
import { tileGrid } from "../../src/report/tile-grid.ts";
import { tilePlane } from "../../src/report/tile-plane.ts";
import { decodePng } from "../formats/decode-png.ts";
import { long } from "../support/long.ts";

type Picture = ReturnType<typeof decodePng>;

const pixel = ({ width, channels, pixels }: Picture, x: number, y: number) =>
  Array.from(pixels.subarray((y * width + x) * channels, (y * width + x + 1) * channels));

/** The columns in which some pixel from row `top` on has exactly this colour. */
function columnsWith({ width, pixels }: Picture, color: readonly number[], top: number): Set<number> {
  const columns = new Set<number>();
  for (let i = top * width * 3; i < pixels.length; i += 3) {
    if (color.every((value, c) => pixels[i + c] === value)) columns.add((i / 3) % width);
  }
  return columns;
}

/** Whether a frame of 8 pixels around the picture is white: nothing is cut off by its edge. */
function hasWhiteFrame({ width, height, pixels }: Picture): boolean {
  for (let y = 0; y < height; y++) {
    const inside = y >= 8 && y < height - 8;
    for (let x = 0; x < width; x += inside && x === 7 ? width - 15 : 1) {
      const at = (y * width + x) * 3;
      if (pixels[at] !== 255 || pixels[at + 1] !== 255 || pixels[at + 2] !== 255) return false;
    }
  }
  return true;
}

/** Compared by Buffer: expect walks arrays element by element. */
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const UNIT = { low: 0, high: 1 };
const images = (...shape: number[]): Field => ({ kind: "image", shape, store: "u8", unit: 255 });

/** One image as it is drawn, a pixel each: rows of colours. */
function drawn(
  shape: number[],
  values: number[],
  range = UNIT,
  size = { side: 1, largest: 256, stretch: 1 },
): number[][][] {
  const tile = imageTile(shape, range, size);
  const picture = decodePng(tileGrid(tile, Float32Array.from(values), 1, {}));
  return Array.from({ length: tile.height }, (_, y) =>
    Array.from({ length: tile.width }, (_, x) => pixel(picture, x + 2, y + 2)),
  );
}

const grey = (value: number) => [value, value, value];

test("an image grid shows every pixel as a sharp square, with gaps around every image", () => {
  const values = Float32Array.of(0, 1, 0.5, 2, Number.NaN, -1, 1, 0.2);
  const tile = imageTile([2, 2, 1], UNIT, { side: 4, largest: 256, stretch: 1 });
  const grid = decodePng(tileGrid(tile, values, 2, { columns: 2 }));
  expect(grid).toMatchObject({ width: 14, height: 8, channels: 3 });
  const gap = pixel(grid, 0, 0)[0];
  const rows = [
    new Array(14).fill(gap),
    [gap, gap, 0, 0, 255, 255, gap, gap, 0, 0, 0, 0, gap, gap],
    [gap, gap, 128, 128, 255, 255, gap, gap, 255, 255, 51, 51, gap, gap],
  ];
  const reds = (y: number) => Array.from({ length: 14 }, (_, x) => pixel(grid, x, y)[0]);
  expect(Array.from({ length: 8 }, (_, y) => reds(y))).toEqual([0, 0, 1, 1, 2, 2, 0, 0].map((row) => rows[row]));
});

test("28x28 images are shown at three times their size, those up to 256 as they are, in a square", () => {
  const size = (side: number, count: number) => {
    const { width, height } = decodePng(drawExamples(new Float32Array(count * side * side * 3), images(side, side, 3)));
    return [width, height];
  };
  expect(size(28, 64)).toEqual([8 * 86 + 2, 8 * 86 + 2]);
  expect(size(128, 5)).toEqual([3 * 130 + 2, 2 * 130 + 2]);
  expect(size(256, 1)).toEqual([260, 260]);
});

test("a pixel of a shrunk image is the mean of a square of its pixels, cut off at the edges", () => {
  const values = [0, 1, 1, 1, 1, 0.2, 0, 0, 0.4];
  expect(drawn([3, 3, 1], values, UNIT, { side: 1, largest: 2, stretch: 1 })).toEqual([
    [grey(191), grey(153)],
    [grey(0), grey(102)],
  ]);
});

test("colours stay, and what is transparent shows paper", () => {
  expect(drawn([1, 1, 3], [1, 0, 0.2])).toEqual([[[255, 0, 51]]]);
  expect(drawn([1, 3, 4], [1, 0, 0.2, 1, 1, 0, 0.2, 0, 0, 0, 0.2, 0.5])).toEqual([
    [
      [255, 0, 51],
      [255, 255, 255],
      [128, 128, 153],
    ],
  ]);
});

test("values without a unit are drawn from black at the smallest to white at the largest", () => {
  expect(drawn([1, 4, 1], [-3, 0, 7, 2], { low: -3, high: 7 })[0]).toEqual([0, 77, 255, 128].map((v) => [v, v, v]));
  const field: Field = { kind: "image", shape: [1, 2, 1], store: "f32" };
  const corner = (png: Uint8Array) => pixel(decodePng(png), 2, 2)[0];
  expect(corner(drawExamples(Float32Array.of(-3, 7), field))).toBe(0);
  expect(corner(drawExamples(Float32Array.of(-3, 7), field, { range: { low: -13, high: 7 } }))).toBe(128);
  expect(corner(drawExamples(Float32Array.of(-3, 7), { ...field, unit: 1 }))).toBe(0);
});

test("named rows have their names left of the grid, on paper", () => {
  const field = images(28, 28, 1);
  const plain = decodePng(drawExamples(new Float32Array(4 * 784), field, { columns: 2 }));
  const named = decodePng(drawExamples(new Float32Array(4 * 784), field, { columns: 2, rows: ["zero", "one"] }));
  expect(named.height).toBe(plain.height);
  const left = named.width - plain.width;
  expect(left).toBeGreaterThan(50);
  for (const top of [2, 88]) {
    const inked = [...Array(84).keys()].some((y) =>
      [...Array(left).keys()].some((x) => pixel(named, x, top + y)[0] < 90),
    );
    expect(inked).toBe(true);
  }
});

test("reconstructions stand below their originals, both in their own colours", () => {
  const [originals, results] = [new Float32Array(2 * 64 * 64 * 3), new Float32Array(2 * 64 * 64 * 3)];
  originals.fill(1, 64 * 64 * 3); // the second image is white
  results.forEach((_, i) => {
    results[i] = i % 3 === 0 ? 1 : 0;
  });
  const picture = decodePng(drawPairs([originals, results], images(64, 64, 3)));
  const right = picture.width - 24;
  expect(pixel(picture, right - 64 - 4 - 1, 24)).toEqual([0, 0, 0]);
  expect(pixel(picture, right - 1, 24)).toEqual([255, 255, 255]);
  for (const x of [right - 1, right - 64 - 4 - 1]) expect(pixel(picture, x, 24 + 64 + 4)).toEqual([255, 0, 0]);
  expect(hasWhiteFrame(picture)).toBe(true);
  const names = picture.pixels.filter((value, i) => (i / 3) % picture.width < right - 2 * 64 - 4 - 8 && value < 100);
  expect(names.length).toBeGreaterThan(300);
});

test("clean, noisy and denoised images are three rows", () => {
  const row = (value: number) => new Float32Array(3 * 784).fill(value);
  const picture = decodePng(drawPairs([row(0), row(0.2), row(0.4)], images(28, 28, 1)));
  const x = picture.width - 24 - 1;
  expect([0, 1, 2].map((k) => pixel(picture, x, 24 + k * 88)[0])).toEqual([0, 51, 102]);
  expect(hasWhiteFrame(picture)).toBe(true);
});

const series = (...shape: number[]): Field => ({ kind: "series", shape, store: "f32" });

test("a series is a line from the left to the right of its plot, on one scale with its neighbours", () => {
  const values = Float32Array.of(0, 1, 2, 3, 6, 6, 6, 6); // one that rises to the middle, one at the top
  const picture = decodePng(drawExamples(values, series(4), { columns: 1 }));
  expect([picture.width, picture.height]).toEqual([210 + 4, 2 * 86 + 2]);
  const lines = [...columnsWith(picture, LINE_COLORS[0], 0)].sort((a, b) => a - b);
  expect(lines[0]).toBeLessThan(14);
  expect(lines.at(-1)).toBeGreaterThan(picture.width - 14);
  const [left, right] = [12, picture.width - 13];
  const inkAt = (x: number, top: number) =>
    [...Array(80).keys()].filter((y) => pixel(picture, x, top + 2 + y)[0] < 150).map((y) => y + 2);
  expect(Math.abs(inkAt(left, 2)[0] - 75)).toBeLessThan(4); // 0 is the lowest of all
  expect(Math.abs(inkAt(right, 2)[0] - 42)).toBeLessThan(4); // 3 is half of the highest
  for (const x of [left, right]) expect(Math.abs(inkAt(x, 88)[0] - 8)).toBeLessThan(4);
});

test("each channel of a series has a colour, and what is not finite interrupts a line", () => {
  const values = Float32Array.from({ length: 400 }, (_, i) => (i >= 160 && i < 240 ? Number.NaN : i % 2));
  const picture = decodePng(drawExamples(values, series(200, 2)));
  for (const channel of [0, 1]) {
    const columns = [...columnsWith(picture, LINE_COLORS[channel], 0)].sort((a, b) => a - b);
    const gaps = columns.slice(1).flatMap((x, i) => (x - columns[i] > 3 ? [x - columns[i]] : []));
    expect(gaps).toHaveLength(1);
    expect(Math.abs(gaps[0] - 0.2 * 194)).toBeLessThan(6);
  }
});

test("a series with more points than pixels shows every peak", () => {
  const values = new Float32Array(100_000);
  for (const at of [12_345, 70_001]) values[at] = 1;
  const picture = decodePng(drawExamples(values, series(100_000)));
  const high = [...Array(picture.width).keys()].filter((x) => pixel(picture, x, 2 + 12)[0] < 150);
  const middles = [high[0], high.at(-1)!];
  [12_345, 70_001].forEach((at, k) => {
    expect(Math.abs(middles[k] - (2 + 8 + (at / 100_000) * 194))).toBeLessThan(3);
  });
});

test("a series and its reconstruction are two lines in one plot, under a legend", () => {
  const [original, result] = [new Float32Array(32).fill(1), new Float32Array(32).fill(-1)];
  const picture = decodePng(drawPairs([original, result], series(32)));
  expect(columnsWith(picture, LINE_COLORS[0], 70).size).toBeGreaterThan(200);
  const pale = LINE_COLORS[0].map((value) => Math.round(255 + (value - 255) * 0.4));
  expect(columnsWith(picture, pale, 70).size).toBeGreaterThan(200);
  expect(columnsWith(picture, pale, 70).size).toBeLessThan(300);
  expect(hasWhiteFrame(picture)).toBe(true);
  expect(hasWhiteFrame(decodePng(drawPairs([original, original, result], series(32))))).toBe(true);
});

test("a plane has no gaps, its first row on top, and marked axes that are not cut off", () => {
  const xs = [-2, -1, 0, 1, 2];
  const ys = [2, 0, -2];
  const values = new Float32Array(15 * 16).map((_, i) => Math.floor(i / 16) / 17);
  const tile = imageTile([4, 4, 1], UNIT, { side: 220, largest: 1000, stretch: 1 });
  const picture = decodePng(tilePlane(tile, values, xs, ys));
  const cell = 4 * 55;
  const [left, top] = [picture.width - 28 - 5 * cell, 28];
  for (let y = 0; y < 3 * cell; y += 7) {
    for (let x = 0; x < 5 * cell; x += 7) {
      const value = 15 * (Math.floor(y / cell) * 5 + Math.floor(x / cell));
      if (pixel(picture, left + x, top + y).join() !== grey(value).join()) throw new Error(`at ${x}, ${y}`);
    }
  }
  expect(hasWhiteFrame(picture)).toBe(true);
});

test("what cannot be drawn is refused in words", () => {
  const field = images(2, 2, 1);
  expect(() => drawExamples(new Float32Array(7), field)).toThrow(/7 values are no examples of shape \[2, 2, 1\]/);
  expect(() => drawExamples(new Float32Array(0), field)).toThrow(ReparamError);
  expect(() => drawExamples(new Float32Array(16), images(2, 2, 2))).toThrow(
    /of kind "image" and shape \[2, 2, 2\] cannot be drawn/,
  );
  expect(() => drawExamples(new Float32Array(4), { kind: "vector", shape: [4], store: "f32" })).toThrow(
    /of kind "vector"/,
  );
  expect(() => drawPairs([new Float32Array(8), new Float32Array(4)], field)).toThrow(/rows of 8, 4 values/);
  expect(() => latentScatter({ points: new Float32Array(3), count: 2, title: "", xLabel: "", yLabel: "" })).toThrow(
    /2 points .* 3 coordinates and no labels/,
  );
});

const chart = (...points: (readonly [number, number])[][]) =>
  decodePng(
    lineChart({
      title: "Loss",
      xLabel: "epoch",
      yLabel: "nats",
      series: points.map((points, i) => ({ name: `s${i}`, points })),
    }),
  );

/** The columns below the legend with a series' colour. */
const drawnColumns = (picture: Picture, series: number) =>
  [...columnsWith(picture, LINE_COLORS[series]!, 125)].sort((a, b) => a - b);

test("a line is interrupted where a value is not finite", () => {
  const values = [3, 2, 1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1, 2, 3];
  const line = (values: number[]) => drawnColumns(chart(values.map((y, x) => [x, y] as const)), 0);
  const gaps = (columns: number[]) => columns.filter((x, i) => i > 0 && x - columns[i - 1]! > 40).length;
  expect(gaps(line(values.map((y) => (Number.isFinite(y) ? y : 1))))).toBe(0);
  expect(gaps(line(values))).toBe(2);
});

test("one point is a dot", () => {
  const columns = drawnColumns(chart([[1, 164.25]]), 0);
  expect(columns.length).toBeGreaterThan(6);
  expect(columns.at(-1)! - columns[0]!).toBeLessThan(14);
});

test("a chart and a scatter without data say so in their middle, and draw no axes", () => {
  const scatter = (points: number[]) => {
    const count = points.length / 2;
    const options = { points: Float32Array.from(points), count, title: "t", xLabel: "x", yLabel: "y" };
    return decodePng(latentScatter(options));
  };
  for (const [empty, notFinite, drawn] of [
    [chart([], []), chart([[1, Number.NaN]], []), chart([[1, 1]], [])],
    [scatter([]), scatter([Number.NaN, 0]), scatter([0, 0])],
  ] as const) {
    expect(sameBytes(empty.pixels, notFinite.pixels)).toBe(true);
    const inked = [...Array(empty.width).keys()].filter((x) => {
      for (let y = 140; y < empty.height; y++)
        if (empty.pixels[(y * empty.width + x) * empty.channels] < 200) return true;
      return false;
    });
    // The words "no data" and nothing else: narrow, and well away from the sides.
    expect(inked.length).toBeGreaterThan(40);
    expect(inked.at(-1)! - inked[0]!).toBeLessThan(120);
    expect(Math.abs((inked.at(-1)! + inked[0]!) / 2 - empty.width / 2)).toBeLessThan(80);
    expect(sameBytes(empty.pixels, drawn.pixels)).toBe(false);
  }
});

test("nothing of a chart is cut off, whatever its texts and values", () => {
  const text = fc.string({ maxLength: 200 });
  const value = fc.oneof(fc.double(), fc.double({ min: 0, max: 1 }), fc.integer());
  const points = fc.array(fc.tuple(value, value), { maxLength: 60 });
  const series = fc.array(fc.record({ name: text, points }), { maxLength: 12 });
  fc.assert(
    fc.property(fc.record({ title: text, xLabel: text, yLabel: text, series }), (chart) =>
      hasWhiteFrame(decodePng(lineChart(chart))),
    ),
    { numRuns: long ? 100 : 6 },
  );
});

test("long numbers on an axis are not cut off", () => {
  const points = [0, 1, 2].map((step) => [1e9 + step, 1e15 + step] as const);
  expect(hasWhiteFrame(chart(points))).toBe(true);
  expect(hasWhiteFrame(chart(points.map(([x, y]) => [-x * 1e-12, -y])))).toBe(true);
});

test("nothing of a scatter is cut off, whatever its texts and points", () => {
  const text = fc.string({ maxLength: 100 });
  const value = fc.oneof(fc.float(), fc.float({ min: -3, max: 3 }));
  const points = fc.array(fc.tuple(value, value, fc.integer({ min: 0, max: 12 })), { maxLength: 60 });
  fc.assert(
    fc.property(points, text, text, text, (points, title, xLabel, yLabel) => {
      const labels = Uint8Array.from(points, ([, , label]) => label);
      const flat = Float32Array.from(points.flatMap((point) => point.slice(0, 2)));
      return hasWhiteFrame(
        decodePng(latentScatter({ points: flat, count: points.length, labels, title, xLabel, yLabel })),
      );
    }),
    { numRuns: long ? 100 : 6 },
  );
});

test("points of a scatter lie where they should, in their label's colour, on equal scales", () => {
  // The corners of a square, each with a label of its own.
  const points = Float32Array.of(-1, -1, 1, -1, -1, 1, 1, 1);
  const at = (labels: number[]) => {
    const options = { points, count: 4, title: "", xLabel: "", yLabel: "" };
    const picture = decodePng(latentScatter({ ...options, labels: Uint8Array.from(labels) }));
    // Points are a little transparent: find the disc by the pixels nearest to its colour on white.
    return labels.map((label) => {
      const color = CATEGORIES[label]!.map((value) => Math.round(255 + (value - 255) * 0.85));
      const found: [number, number][] = [];
      for (let i = 0; i < picture.pixels.length; i += 3) {
        if (color.every((value, c) => picture.pixels[i + c] === value)) {
          found.push([(i / 3) % picture.width, Math.floor(i / 3 / picture.width)]);
        }
      }
      return [0, 1].map((axis) => found.reduce((sum, place) => sum + place[axis]!, 0) / found.length);
    });
  };
  const [lowLeft, lowRight, highLeft, highRight] = at([0, 2, 6, 8]) as [number, number][];
  expect(lowRight[0] - lowLeft[0]).toBeGreaterThan(600);
  expect(highRight[0]).toBeCloseTo(lowRight[0], 0);
  expect(highRight[1]).toBeCloseTo(highLeft[1], 0);
  expect(lowLeft[1] - highLeft[1]).toBeCloseTo(lowRight[0] - lowLeft[0], 0);
});

test("of more than ten classes the ten largest have colours, and one grey is for the others", () => {
  // Class k, of 26, has 1 + (k mod 13) examples: 12 to 8 and 25 to 21 have the most.
  const labels = Array.from({ length: 26 }, (_, k) => new Array<number>(1 + (k % 13)).fill(k)).flat();
  const { legend, of } = classColors(
    labels,
    Array.from({ length: 26 }, (_, k) => String.fromCharCode(65 + k)),
  );
  const largest = [..."IJKLMVWXYZ"];
  expect(legend.map(({ name }) => name)).toEqual([...largest, "16 other classes"]);
  expect(legend.map(({ color }) => color)).toEqual([...CATEGORIES, FAINT_INK]);
  expect(of(8)).toEqual(CATEGORIES[0]);
  expect(of(25)).toEqual(CATEGORIES[9]);
  expect(of(0)).toBeUndefined();
});

test("classes 0 to 9 keep their colours where some are missing, and classes from 1 on are named as they are", () => {
  expect(classColors([7, 3, 3]).legend).toEqual([
    { name: "3", color: CATEGORIES[3] },
    { name: "7", color: CATEGORIES[7] },
  ]);
  const ten = Array.from({ length: 10 }, (_, k) => k + 1);
  expect(classColors(ten).legend.map(({ name, color }) => [name, color])).toEqual(
    ten.map((label, rank) => [`${label}`, CATEGORIES[rank]]),
  );
});

test("the same data give the same bytes", () => {
  const points = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i * 12.9898) * 3);
  const options = { points, count: 1000, title: "t", xLabel: "x", yLabel: "y" };
  expect(sameBytes(latentScatter(options), latentScatter(options))).toBe(true);
  const series = [{ name: "a", points: [0, 1, 2].map((x) => [x, x * x] as const) }];
  const line = () => lineChart({ title: "t", xLabel: "x", yLabel: "y", series });
  expect(sameBytes(line(), line())).toBe(true);
});
