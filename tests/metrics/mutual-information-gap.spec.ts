import { expect, test } from "@playwright/test";
import { shapes } from "../../src/data/shapes.ts";
import { type MutualInformationGap, mutualInformationGap } from "../../src/metrics/mutual-information-gap.ts";

/** 24 codes of three numbers: the first is the factor of three classes, the second that of two, the third a bit of both. */
const codes = Array.from({ length: 24 }, (_, row) => {
  const [three, two] = [Math.floor(row / 8), Math.floor(row / 4) % 2];
  return [three, two, three === 1 ? 1 - two : two];
});
const factors = codes.map(([three, two]) => [three, two]);

function near(found: MutualInformationGap, expected: { gap: number; mutualInformation: number[][] }) {
  expect(found.gap).toBeCloseTo(expected.gap, 12);
  expect(found.mutualInformation.length).toBe(expected.mutualInformation.length);
  for (const [factor, row] of expected.mutualInformation.entries()) {
    expect(found.mutualInformation[factor].length).toBe(row.length);
    for (const [k, nats] of row.entries()) expect(found.mutualInformation[factor][k]).toBeCloseTo(nats, 12);
  }
}

test("mutual informations and their gap are those of counting", () => {
  const expected = {
    gap: 0.9591479170272448,
    mutualInformation: [
      [Math.log(3), 0, 0],
      [0, Math.log(2), 0.0566330122651324],
    ],
  };
  near(mutualInformationGap(codes.flat(), factors.flat(), { rows: 24 }), expected);
  // What a class is called does not count, nor where a code lies and how wide.
  const moved = codes.flatMap((code) => code.map((value) => -7 * value + 1e4));
  const renamed = factors.flatMap(([three, two]) => [9 - 4 * three, two + 200]);
  near(mutualInformationGap(moved, renamed, { rows: 24 }), expected);
});

test("codes that follow factors more finely than the bins say as much as the bins can", () => {
  // A code that counts to 80 tells a factor of 40 classes by its bin of 20: ln 20 of ln 40 nats.
  const rows = 80;
  const code = Array.from({ length: rows }, (_, row) => row);
  const factor = code.map((row) => Math.floor(row / 2));
  const { gap, mutualInformation } = mutualInformationGap(code, factor, { rows });
  expect(mutualInformation[0][0]).toBeCloseTo(Math.log(20), 12);
  expect(gap).toBeCloseTo(Math.log(20) / Math.log(40), 12);
  expect(mutualInformationGap(code, factor, { rows, bins: 40 }).gap).toBeCloseTo(1, 12);
});

test("codes that are the factors of shapes have nearly the gap that their bins allow, each factor a number to itself", () => {
  const { count: rows, values } = shapes({ trainCount: 1, testCount: 3000, size: 32 }).test;
  const { gaps, mutualInformation } = mutualInformationGap(values.factors, values.factors, { rows });
  // 20 bins have two of 40 rotations each; and of 32 places twelve have two, which leaves ln 32 − ¾ ln 2 of ln 32 nats.
  const allowed = [1, 1, Math.log(20) / Math.log(40), 0.85, 0.85];
  for (const [factor, gap] of gaps.entries()) {
    expect(Math.abs(gap - allowed[factor])).toBeLessThan(0.06);
    expect(mutualInformation[factor].indexOf(Math.max(...mutualInformation[factor]))).toBe(factor);
  }
});

test("a factor in two numbers of a code has no gap, and a number that never changes says nothing", () => {
  const rows = 6;
  const twice = [0, 1, 2, 0, 1, 2].flatMap((factor) => [factor, 5, 2 - factor]);
  const { gap, mutualInformation } = mutualInformationGap(twice, [0, 1, 2, 0, 1, 2], { rows });
  expect(gap).toBe(0);
  expect(mutualInformation[0][1]).toBe(0);
});

test("what cannot be measured is refused in words", () => {
  const refused: [number[], number[], string][] = [
    [[1, 2, 3], [0, 1], "mutualInformationGap: codes: 3 numbers are not 2 rows of equal length."],
    [[1, 2], [0, 1, 2], "mutualInformationGap: factors: 3 numbers are not 2 rows of equal length."],
    [[], [0, 1], "mutualInformationGap: codes: 0 numbers are not 2 rows of equal length."],
    [[1, 2, 3, Number.NaN], [0, 1], "mutualInformationGap: codes: row 1 has NaN, and has to be finite."],
    [
      [1, 2],
      [0, 4, 1, 4],
      "mutualInformationGap: factor 1 is 4 in all 2 rows, and has no entropy to divide by: leave it out.",
    ],
  ];
  for (const [codes, factors, sentence] of refused) {
    expect(() => mutualInformationGap(codes, factors, { rows: 2 })).toThrow(sentence);
  }
  expect(() => mutualInformationGap([1, 2], [0, 1], { rows: 2, bins: 1 })).toThrow(
    "mutualInformationGap: bins must be a whole number of at least 2, but it is 1.",
  );
});
