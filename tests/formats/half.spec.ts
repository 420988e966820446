import { expect, test } from "@playwright/test";
import { fromHalves, toHalves } from "../../src/formats/half.ts";

test("every 16-bit float comes back from its value to the bit, and NaN as NaN", () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
  const values = fromHalves(all);
  const back = toHalves(values);
  const again = fromHalves(back);
  const wrong = all.filter((bits) => (Number.isNaN(values[bits]) ? !Number.isNaN(again[bits]) : back[bits] !== bits));
  expect([...wrong]).toEqual([]);
});

test("other values become the nearest 16-bit float, halfway ones the even one", () => {
  const rounded = (...values: number[]) => [...fromHalves(toHalves(values))];
  const step = 2 ** -10;
  expect(rounded(1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step)).toEqual([1, 1 + 2 * step, 1 + step]);
  expect(rounded(2 ** -25, 1.5 * 2 ** -24, 2 ** -24 * 0.51)).toEqual([0, 2 ** -23, 2 ** -24]);
  expect(rounded(2 - 1e-9, -65_519, 65_520, -1e9)).toEqual([
    2,
    -65_504,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);
  expect([...toHalves([0, -0, 1, -2])]).toEqual([0, 0x8000, 0x3c00, 0xc000]);
});
