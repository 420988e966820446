import { expect, test } from "@playwright/test";
import { toPlane, toScreen } from "../../demo/drawing/map.ts";
import { moved } from "../../demo/lab/hold.ts";
import { latest } from "../../demo/lab/latest.ts";
import { classMeans, crowding, dataRank, majority, nearestRows } from "../../demo/lab/nearness.ts";
import { codeAt, placesOf, principalPlane } from "../../demo/lab/plane.ts";
import { pinched } from "../../demo/panels/map-gestures.ts";

/** Codes on a tilted plane of five dimensions, with a little beside it. */
function tilted(count: number): Float32Array {
  return Float32Array.from({ length: 5 * count }, (_, k) => {
    const [row, i] = [Math.floor(k / 5), k % 5];
    const [a, b] = [3 * Math.sin(row * 1.7), 2 * Math.cos(row * 2.9)];
    const axes = [
      [0.6, 0.8, 0, 0, 0],
      [0, 0, 1, 0, 0],
    ];
    return 0.5 + a * axes[0][i] + b * axes[1][i] + 0.01 * Math.sin(k * 5.3);
  });
}

test("the plane of wide codes is that of their principal components, and a place is lifted exactly", () => {
  const codes = tilted(200);
  const plane = principalPlane(codes, 5);
  expect(plane.share).toBeGreaterThan(0.999);
  const [first, second] = [plane.axes.slice(0, 5), plane.axes.slice(5)];
  expect(Math.abs(first[0] * 0.6 + first[1] * 0.8)).toBeCloseTo(1, 3);
  expect(Math.abs(second[2])).toBeCloseTo(1, 3);
  const places = placesOf(codeAt(1.25, -0.5, plane), plane);
  expect(places[0]).toBeCloseTo(1.25, 5);
  expect(places[1]).toBeCloseTo(-0.5, 5);
  // A held example keeps what it has beside the plane: lifted at its own place, it is itself.
  const own = codes.slice(5, 10);
  const [x, y] = placesOf(own, plane);
  codeAt(x, y, plane, own).forEach((value, k) => {
    expect(value).toBeCloseTo(own[k], 5);
  });
  // While a model learns the map does not flip.
  const again = principalPlane(tilted(199), 5, plane);
  expect(again.axes[0] * plane.axes[0] + again.axes[1] * plane.axes[1]).toBeGreaterThan(0.9);
});

test("two fingers: what lay under their middle lies under it still, and distances grow as theirs", () => {
  const [width, height, zoom] = [400, 300, 2];
  const view = { x: 1, y: -0.5, scale: 100 };
  const before = [
    [150, 140],
    [250, 140],
  ] as const;
  const now = [
    [130, 190],
    [280, 190],
  ] as const;
  const place = toPlane(view, width, height, 200, 140);
  const next = pinched({ view, width, height, zoom }, before, now);
  expect(next.zoom).toBeCloseTo(3, 10);
  const after = { x: next.middle[0], y: next.middle[1], scale: 150 };
  toScreen(after, width, height, ...place).forEach((value, k) => {
    expect(value).toBeCloseTo([205, 190][k], 10);
  });
  // As far as a map goes, and no farther.
  expect(pinched({ view, width, height, zoom: 20 }, before, now).zoom).toBe(20);
});

test("a picture is moved by whole pixels, and what leaves it is gone", () => {
  const shape = { height: 2, width: 3, channels: 1 };
  const pixels = Float32Array.of(1, 2, 3, 4, 5, 6);
  expect([...moved(pixels, shape, 1, 0)]).toEqual([0, 1, 2, 0, 4, 5]);
  expect([...moved(pixels, shape, -1, 0)]).toEqual([2, 3, 0, 5, 6, 0]);
  expect([...moved(pixels, shape, 0, 1)]).toEqual([0, 0, 0, 1, 2, 3]);
  expect([...moved(pixels, shape, 0, -1)]).toEqual([4, 5, 6, 0, 0, 0]);
  expect([...moved(pixels, shape, 3, 0)]).toEqual([0, 0, 0, 0, 0, 0]);
});

test("neighbours, their majority, and the rank of a place among held-out codes", () => {
  const codes = Float32Array.from({ length: 100 }, (_, k) => k); // one number each: a line
  expect(nearestRows(Float32Array.of(10.2), codes, 3)).toEqual([10, 11, 9]);
  expect(nearestRows(Float32Array.of(10), codes, 2, 10)).toEqual([9, 11]);
  expect(majority([0, 1, 2], [4, 7, 7])).toBe(7);
  const distances = crowding(codes, 1, 100);
  expect(dataRank(Float32Array.of(50), codes, distances)).toBeGreaterThan(0.9);
  expect(dataRank(Float32Array.of(500), codes, distances)).toBe(0);
  expect(
    classMeans(
      codes,
      Array.from({ length: 100 }, (_, k) => k % 2),
      1,
      3,
    ),
  ).toEqual([Float32Array.of(49), Float32Array.of(50), undefined]);
});

test("of questions that come faster than answers, the first and the last are asked", async () => {
  const asked: number[] = [];
  const answers: number[] = [];
  const gates: (() => void)[] = [];
  const ask = latest(
    (question: number) =>
      new Promise<number>((resolve) => {
        asked.push(question);
        gates.push(() => resolve(2 * question));
      }),
    (answer) => answers.push(answer),
  );
  for (const question of [1, 2, 3]) ask(question);
  gates[0]();
  await expect.poll(() => asked).toEqual([1, 3]);
  gates[1]();
  await expect.poll(() => answers).toEqual([2, 6]);
});
