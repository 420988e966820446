import assert from "node:assert/strict";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { type Axis, niceAxis, position } from "../../src/report/ticks.ts";

const texts = ({ ticks }: Axis) => ticks.map(({ text }) => text);

test("ticks fall on 1, 2 or 5 times a power of ten", () => {
  expect(texts(niceAxis([105.6, 164], 6, "whole steps"))).toEqual([
    "100",
    "110",
    "120",
    "130",
    "140",
    "150",
    "160",
    "170",
  ]);
  expect(texts(niceAxis([0, 1], 5, "room"))).toEqual(["0", "1"]);
  expect(texts(niceAxis([0, 0.97], 5, "room"))).toEqual(
    ["0.0", "0.2", "0.4", "0.6", "0.8"].map((t) => t.replace("0.0", "0")),
  );
  expect(texts(niceAxis([-0.013, 0.021], 4, "whole steps"))).toEqual(["−0.02", "−0.01", "0", "0.01", "0.02", "0.03"]);
  expect(texts(niceAxis([2e6, 5.5e6], 4, "room"))).toEqual(["2e6", "3e6", "4e6", "5e6"]);
});

test("epochs get whole ticks", () => {
  expect(texts(niceAxis([1, 2, 3], 10, "room"))).toEqual(["1", "2", "3"]);
  expect(texts(niceAxis([1], 10, "room"))).toEqual(["0", "1", "2"]);
});

test("one value lies in the middle of its axis, and no value gives 0 to 1", () => {
  expect(position(niceAxis([7.25], 6, "room"), 7.25)).toBeCloseTo(0.5, 12);
  expect(niceAxis([], 6, "whole steps")).toMatchObject({ min: 0, max: 1 });
});

test("any finite values get few ascending ticks on the axis, with distinct texts that say their values", () => {
  const value = fc.double({ noNaN: true, noDefaultInfinity: true });
  const near = fc.tuple(value, fc.double({ min: 0.5, max: 2, noNaN: true })).map(([a, f]) => [a, a * f]);
  const values = fc.oneof(
    fc.array(value, { minLength: 1, maxLength: 5 }),
    near,
    fc.array(fc.integer(), { minLength: 1 }),
  );
  fc.assert(
    fc.property(
      values,
      fc.integer({ min: 1, max: 10 }),
      fc.constantFrom("whole steps", "room"),
      (values, target, ends) => {
        const finite = values.filter(Number.isFinite);
        const axis = niceAxis(finite, target, ends);
        const { min, max, ticks } = axis;
        assert(Number.isFinite(max - min) && min < max);
        assert(ticks.length <= 2 * target + 5 && ticks.length >= (ends === "whole steps" ? 2 : 0));
        const onAxis = (value: number) => position(axis, value) >= -1e-6 && position(axis, value) <= 1 + 1e-6;
        assert(finite.every(onAxis) && ticks.every(({ value }) => onAxis(value)));
        assert(new Set(texts(axis)).size === ticks.length);
        ticks.forEach(({ value, text }, i) => {
          assert(text.length < 20);
          const step = i > 0 ? value - ticks[i - 1]!.value : max - min;
          assert(step > 0);
          assert(Math.abs(Number(text.replaceAll("−", "-")) - value) <= 0.1 * step);
        });
      },
    ),
    { numRuns: 500 },
  );
});
