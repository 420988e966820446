import { expect, test } from "@playwright/test";
import { retrievalPrecision } from "../../src/metrics/retrieval-precision.ts";
import { permute } from "../../src/random/feistel.ts";

test("the share of a class among the nearest codes, with those at one distance in part", () => {
  const bits = Uint8Array.of(0b0000, 0b0001, 0b0011, 0b0111, 0b1111);
  const labels = [0, 0, 1, 1, 0];
  // Distances from the first code: 1, 2, 3, 4. From the third: 2, 1, 1, 2, of which the second pair is in part.
  const of = (nearest: number) => retrievalPrecision(bits, labels, { rows: 5, nearest });
  // Nearest one of each: 0 of {1}: 1; of the second {0, 2}: 1/2; of the third {1, 3}: 1/2; of the fourth {2, 4}: 1/2; 0 of {3}.
  expect(of(1)).toBeCloseTo((1 + 1 / 2 + 1 / 2 + 1 / 2 + 0) / 5, 12);
  // Three of each: {1, 2, 3}; {0, 2} and 3; {1, 3} and half of {0, 4}; {2, 4} and 1; {3, 2, 1}.
  expect(of(3)).toBeCloseTo((1 / 3 + 1 / 3 + 1 / 3 + 1 / 3 + 1 / 3) / 5, 12);
  // All others, however many are asked for.
  expect(of(100)).toBeCloseTo((2 / 4 + 2 / 4 + 1 / 4 + 1 / 4 + 2 / 4) / 5, 12);
});

test("rows that are looked up are evenly spread, and the order of rows decides nothing", () => {
  const rows = 60;
  const bits = Uint8Array.from({ length: 2 * rows }, (_, k) => permute(k, 65_536, [3, 0], 0) & 0x3f);
  const labels = Array.from({ length: rows }, (_, row) => row % 3);
  const turned = Array.from({ length: rows }, (_, row) => permute(row, rows, [5, 0], 0));
  const moved = Uint8Array.from({ length: 2 * rows }, (_, k) => bits[2 * turned[k >> 1] + (k & 1)]);
  const options = { rows, nearest: 7 };
  const whole = retrievalPrecision(bits, labels, options);
  expect(
    retrievalPrecision(
      moved,
      turned.map((row) => labels[row]),
      options,
    ),
  ).toBeCloseTo(whole, 12);
  // Every third row is of one class.
  const alone = retrievalPrecision(
    bits,
    labels.map((label) => Number(label === 0)),
    { ...options, queries: 20 },
  );
  const ofOne = labels.map((label) => Number(label === 0));
  const each = Array.from({ length: 20 }, (_, k) => {
    const order = [3 * k, ...Array.from({ length: rows }, (_, row) => row).filter((row) => row !== 3 * k)];
    const first = Uint8Array.from({ length: 2 * rows }, (_, i) => bits[2 * order[i >> 1] + (i & 1)]);
    return retrievalPrecision(
      first,
      order.map((row) => ofOne[row]),
      { ...options, queries: 1 },
    );
  });
  expect(alone).toBeCloseTo(each.reduce((sum, value) => sum + value, 0) / 20, 12);
});

test("equal codes of a class are all found, and random ones as often as there are of them", () => {
  const rows = 200;
  const labels = Array.from({ length: rows }, (_, row) => row % 4);
  const own = Uint8Array.from(labels, (label) => 0b11 << (2 * label));
  expect(retrievalPrecision(own, labels, { rows, nearest: 49 })).toBe(1);
  expect(retrievalPrecision(new Uint8Array(rows), labels, { rows, nearest: 20 })).toBeCloseTo(49 / 199, 12);
});

test("what are no codes with their classes is refused", () => {
  expect(() => retrievalPrecision(new Uint8Array(5), [0, 1], { rows: 2 })).toThrow(
    "retrievalPrecision: 5 bytes and 2 labels are not 2 codes of equal length, two or more, with a class each.",
  );
  expect(() => retrievalPrecision(new Uint8Array(1), [0], { rows: 1 })).toThrow("two or more");
  expect(() => retrievalPrecision(new Uint8Array(2), [0, 1], { rows: 2, nearest: 0 })).toThrow(
    "retrievalPrecision: nearest must be a whole number of at least 1, but it is 0.",
  );
});
