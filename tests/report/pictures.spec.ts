import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import { imageGrid, manifoldGrid, reconstructionGrid } from "../../src/report/image-grid.ts";
import { latentScatter } from "../../src/report/latent-scatter.ts";
import { lineChart } from "../../src/report/line-chart.ts";
import { CATEGORIES, LINE_COLORS } from "../../src/report/palette.ts";
import { decodePng } from "../formats/decode-png.ts";

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

test("an image grid shows every pixel as a sharp square, with gaps around every image", () => {
  const images = Float32Array.of(0, 1, 0.5, 2, Number.NaN, -1, 1, 0.2);
  const grid = decodePng(
    imageGrid(images, { count: 2, height: 2, width: 2, channels: 1, columns: 2, scale: 2, gap: 1 }),
  );
  expect(grid).toMatchObject({ width: 11, height: 6, channels: 1 });
  const gap = pixel(grid, 0, 0)[0]!;
  const rows = [
    new Array(11).fill(gap),
    [gap, 0, 0, 255, 255, gap, 0, 0, 0, 0, gap],
    [gap, 0, 0, 255, 255, gap, 0, 0, 0, 0, gap],
    [gap, 128, 128, 255, 255, gap, 255, 255, 51, 51, gap],
    [gap, 128, 128, 255, 255, gap, 255, 255, 51, 51, gap],
    new Array(11).fill(gap),
  ];
  expect([...grid.pixels]).toEqual(rows.flat());
});

test("28x28 images are shown at three times their size, large ones as they are, in a square", () => {
  const size = (side: number, count: number) => {
    const { width, height } = decodePng(
      imageGrid(new Float32Array(count * side * side * 3), { count, height: side, width: side, channels: 3, gap: 0 }),
    );
    return [width, height];
  };
  expect(size(28, 64)).toEqual([8 * 84, 8 * 84]);
  expect(size(128, 5)).toEqual([3 * 128, 2 * 128]);
});

test("reconstructions stand below their originals, both in their own colours", () => {
  const shape = { count: 2, height: 64, width: 64, channels: 3 };
  const [originals, reconstructions] = [new Float32Array(2 * 64 * 64 * 3), new Float32Array(2 * 64 * 64 * 3)];
  originals.fill(1, 64 * 64 * 3); // the second image is white
  reconstructions.forEach((_, i) => {
    reconstructions[i] = i % 3 === 0 ? 1 : 0;
  });
  const picture = decodePng(reconstructionGrid(originals, reconstructions, shape));
  const right = picture.width - 24;
  expect(pixel(picture, right - 64 - 4 - 1, 24)).toEqual([0, 0, 0]);
  expect(pixel(picture, right - 1, 24)).toEqual([255, 255, 255]);
  for (const x of [right - 1, right - 64 - 4 - 1]) expect(pixel(picture, x, 24 + 64 + 4)).toEqual([255, 0, 0]);
  expect(hasWhiteFrame(picture)).toBe(true);
  const captions = picture.pixels.filter((value, i) => (i / 3) % picture.width < right - 2 * 64 - 4 - 8 && value < 100);
  expect(captions.length).toBeGreaterThan(300);
});

test("a manifold has no gaps, its first row on top, and marked axes that are not cut off", () => {
  const xs = [-2, -1, 0, 1, 2];
  const ys = [2, 0, -2];
  const images = new Float32Array(15 * 16).map((_, i) => Math.floor(i / 16) / 17);
  const picture = decodePng(manifoldGrid(images, { height: 4, width: 4, channels: 1, xs, ys }));
  const cell = 4 * 55;
  const [left, top] = [picture.width - 28 - 5 * cell, 28];
  for (let y = 0; y < 3 * cell; y += 7) {
    for (let x = 0; x < 5 * cell; x += 7) {
      const grey = 15 * (Math.floor(y / cell) * 5 + Math.floor(x / cell));
      if (pixel(picture, left + x, top + y).join() !== [grey, grey, grey].join()) throw new Error(`at ${x}, ${y}`);
    }
  }
  expect(hasWhiteFrame(picture)).toBe(true);
});

test("images that do not have the sizes they should have are refused", () => {
  const shape = { count: 2, height: 2, width: 2, channels: 1 };
  expect(() => imageGrid(new Float32Array(7), shape)).toThrow(/\[2, 2, 2, 1\] .* from 7 values/);
  expect(() => imageGrid(new Float32Array(16), { ...shape, channels: 2 })).toThrow(ReparamError);
  expect(() => imageGrid(new Float32Array(0), { ...shape, count: 0 })).toThrow(ReparamError);
  expect(() => reconstructionGrid(new Float32Array(8), new Float32Array(4), shape)).toThrow(ReparamError);
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
      for (let y = 140; y < empty.height; y++) if (pixel(empty, x, y)[0]! < 200) return true;
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
    { numRuns: 40 },
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
    { numRuns: 40 },
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

test("the same data give the same bytes", () => {
  const points = Float32Array.from({ length: 2000 }, (_, i) => Math.sin(i * 12.9898) * 3);
  const options = { points, count: 1000, title: "t", xLabel: "x", yLabel: "y" };
  expect(sameBytes(latentScatter(options), latentScatter(options))).toBe(true);
  const series = [{ name: "a", points: [0, 1, 2].map((x) => [x, x * x] as const) }];
  const line = () => lineChart({ title: "t", xLabel: "x", yLabel: "y", series });
  expect(sameBytes(line(), line())).toBe(true);
});
