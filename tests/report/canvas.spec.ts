import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { type Canvas, createCanvas, fillDisc, fillRect, type Point, strokePaths } from "../../src/report/canvas.ts";

const WHITE = [255, 255, 255] as const;
const BLACK = [0, 0, 0] as const;

/** How much of the white canvas is covered with black, in pixels. */
const ink = ({ pixels }: Canvas): number => pixels.reduce((sum, value) => sum + (255 - value) / 255 / 3, 0);

test("a rectangle fills exactly its pixels", () => {
  const canvas = createCanvas(4, 3, WHITE);
  fillRect(canvas, { x: 1, y: 1, width: 2, height: 1 }, [10, 20, 30]);
  const row = (...colors: (readonly number[])[]) => colors.flat();
  expect([...canvas.pixels]).toEqual([
    ...row(WHITE, WHITE, WHITE, WHITE),
    ...row(WHITE, [10, 20, 30], [10, 20, 30], WHITE),
    ...row(WHITE, WHITE, WHITE, WHITE),
  ]);
});

test("a disc covers πr² pixels wherever its centre lies", () => {
  const position = fc.double({ min: 20, max: 30, noNaN: true });
  fc.assert(
    fc.property(position, position, fc.double({ min: 2, max: 15, noNaN: true }), (x, y, radius) => {
      const canvas = createCanvas(50, 50, WHITE);
      fillDisc(canvas, [x, y], radius, BLACK);
      return Math.abs(ink(canvas) - Math.PI * radius * radius) < 1.5;
    }),
  );
});

test("a line covers length x width pixels and its round caps, at every angle", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }),
      fc.integer({ min: 2, max: 8 }),
      (angle, width) => {
        const canvas = createCanvas(100, 100, WHITE);
        const to: Point = [50 + 30 * Math.cos(angle), 50 + 30 * Math.sin(angle)];
        strokePaths(canvas, [[[50, 50], to]], width, BLACK);
        return Math.abs(ink(canvas) / (30 * width + (Math.PI * width * width) / 4) - 1) < 0.03;
      },
    ),
  );
});

test("a path drawn twice in one stroke looks like the path drawn once", () => {
  const path: Point[] = [
    [3.2, 4.1],
    [15.7, 12.3],
    [4.4, 17.9],
  ];
  const [once, twice] = [createCanvas(20, 20, WHITE), createCanvas(20, 20, WHITE)];
  strokePaths(once, [path], 2.5, [40, 80, 120]);
  strokePaths(twice, [path, [...path].reverse()], 2.5, [40, 80, 120]);
  expect(twice.pixels).toEqual(once.pixels);
  expect(ink(once)).toBeGreaterThan(30);
});

test("half opacity mixes half of the colour in", () => {
  const canvas = createCanvas(9, 9, WHITE);
  fillDisc(canvas, [4.5, 4.5], 3, [55, 155, 255], 0.5);
  expect([...canvas.pixels.subarray((4 * 9 + 4) * 3, (4 * 9 + 4) * 3 + 3)]).toEqual([155, 205, 255]);
});

test("what lies outside the canvas is cut off", () => {
  const coordinate = fc.double({ min: -60, max: 60, noNaN: true });
  fc.assert(
    fc.property(coordinate, coordinate, coordinate, coordinate, (x, y, toX, toY) => {
      const [small, large] = [createCanvas(10, 10, WHITE), createCanvas(140, 140, WHITE)];
      for (const [canvas, shift] of [
        [small, 0],
        [large, 65],
      ] as const) {
        fillDisc(canvas, [x + shift, y + shift], 4, BLACK);
        fillRect(canvas, { x: x + shift, y: toY + shift, width: 5, height: 7 }, BLACK);
        strokePaths(
          canvas,
          [
            [
              [x + shift, y + shift],
              [toX + shift, toY + shift],
            ],
          ],
          3,
          BLACK,
        );
      }
      for (let row = 0; row < 10; row++) {
        const start = ((row + 65) * 140 + 65) * 3;
        const cut = large.pixels.subarray(start, start + 30);
        // The shift changes the last bits of the distances.
        if (small.pixels.subarray(row * 30, row * 30 + 30).some((value, i) => Math.abs(value - cut[i]!) > 1))
          return false;
      }
      return true;
    }),
  );
});
