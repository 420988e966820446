import { expect, test } from "@playwright/test";
import { type Histogram, histogram } from "../../src/report/histogram.ts";
import { CATEGORIES, FAINT_INK } from "../../src/report/palette.ts";
import { decodePng } from "../formats/decode-png.ts";

const [BLUE, , PINK] = CATEGORIES;
const chart = (groups: [number[], Histogram["groups"][number]["color"]][], marks: Histogram["marks"] = []) =>
  decodePng(
    histogram({
      title: "Scores",
      xLabel: "score",
      yLabel: "examples",
      groups: groups.map(([values, color], k) => ({ name: `group ${k}`, color, values })),
      marks,
    }),
  );

/** How many pixels of each column have a colour, below title and legend. */
function heights({ width, height, pixels }: ReturnType<typeof decodePng>, color: readonly number[]): number[] {
  const columns = new Array<number>(width).fill(0);
  for (let y = 130; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (color.every((value, c) => pixels[(y * width + x) * 3 + c] === value)) columns[x]++;
    }
  }
  return columns;
}

test("bars are as high as their counts, and groups stand on each other", () => {
  const png = chart([
    [[0, 0, 0, 0, 1], BLUE],
    [[0, 0, 1, 1], PINK],
  ]);
  const [blue, pink] = [heights(png, BLUE), heights(png, PINK)];
  const tall = Math.max(...blue);
  // Of 0: four blue and two pink; of 1: one blue and two pink.
  expect(Math.max(...pink) / tall).toBeCloseTo(2 / 4, 1);
  const last = blue.findLastIndex((height) => height > 0);
  expect(blue[last] / tall).toBeCloseTo(1 / 4, 1);
  expect(pink[last] / tall).toBeCloseTo(2 / 4, 1);
  expect(blue.filter((height) => height > 0).length).toBeLessThan(60);
});

test("a mark is a line from top to bottom", () => {
  const upright = (marks: Histogram["marks"]) =>
    heights(chart([[[0, 1, 2], BLUE]], marks), FAINT_INK).filter((height) => height > 400).length;
  expect(upright([{ x: 0.5, name: "threshold" }]) - upright([])).toBe(2);
});

test("what is not finite is left out, one value alone has a bar, and nothing says so", () => {
  const some = chart([[[1, Number.NaN, 2], BLUE]]);
  expect(heights(some, BLUE)).toEqual(heights(chart([[[1, 2], BLUE]]), BLUE));
  expect(Math.max(...heights(chart([[[3], BLUE]]), BLUE))).toBeGreaterThan(300);
  for (const nothing of [[], [Number.NaN]]) expect(Math.max(...heights(chart([[nothing, BLUE]]), BLUE))).toBe(0);
});
