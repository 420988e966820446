import { expect, test } from "@playwright/test";
import { createRandom } from "../../src/data/digits/random.ts";
import { negativeBinomial, poisson } from "../../src/data/expression/counts.ts";
import { expression } from "../../src/data/expression.ts";

const DRAWS = 40_000;

/** Mean and variance of draws, and the share that is 0. */
function momentsOf(draw: () => number) {
  const values = Array.from({ length: DRAWS }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS;
  return { values, mean, variance, zeros: values.filter((value) => value === 0).length / DRAWS };
}

for (const mean of [0.3, 4, 30, 200]) {
  test(`counts of mean ${mean} have the variance of a Poisson, and of a negative binomial, distribution`, () => {
    const random = createRandom();
    random.restart([1, Math.round(10 * mean)]);
    for (const [draw, variance] of [
      [() => poisson(mean, random), mean],
      [() => negativeBinomial(mean, 4, random), mean + mean ** 2 / 4],
    ] as const) {
      const found = momentsOf(draw);
      expect(found.values.every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
      // Five standard errors of the mean; the variance within a twentieth, many of its own.
      expect(Math.abs(found.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / DRAWS));
      expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.06);
    }
  });
}

test("zeros come as often as they should", () => {
  const random = createRandom();
  random.restart([2]);
  const error = (share: number) => 5 * Math.sqrt((share * (1 - share)) / DRAWS);
  const [single, mixed] = [Math.exp(-1.5), (4 / 5.5) ** 4];
  expect(Math.abs(momentsOf(() => poisson(1.5, random)).zeros - single)).toBeLessThan(error(single));
  expect(Math.abs(momentsOf(() => negativeBinomial(1.5, 4, random)).zeros - mixed)).toBeLessThan(error(mixed));
});

test("a table is of the logarithms of counts, with groups and factors; a seed makes it again, and another one another", () => {
  const data = expression({ trainCount: 12, testCount: 4, genes: 30, factors: 3, groups: 5, seed: 3 });
  const { fields, train, test: held } = data;
  expect(fields).toMatchObject({
    x: { kind: "vector", shape: [30], store: "f32" },
    label: { kind: "label", classes: 5 },
    factors: { kind: "vector", shape: [3], store: "f32" },
  });
  expect(fields.x.names?.[29]).toBe("gene 30");
  expect([train.count, held.count, train.values.x.length, held.values.factors.length]).toEqual([12, 4, 360, 12]);
  expect([...train.values.label]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]);
  for (const value of train.values.x)
    expect(Math.abs(Math.expm1(value) - Math.round(Math.expm1(value)))).toBeLessThan(0.02);
  expect(expression({ trainCount: 12, testCount: 4, genes: 30, factors: 3, groups: 5, seed: 3 })).toEqual(data);
  const other = expression({ trainCount: 12, testCount: 4, genes: 30, factors: 3, groups: 5, seed: 4 });
  expect(other.train.values.x).not.toEqual(train.values.x);
  expect(held.values.x.subarray(0, 30)).not.toEqual(train.values.x.subarray(0, 30));
});

test("a smaller table has the first rows of a larger one", () => {
  const [small, large] = [3, 9].map((trainCount) => expression({ trainCount, testCount: 1, genes: 20 }));
  for (const name of ["x", "factors", "label"]) {
    const values = small.train.values[name];
    expect(large.train.values[name].subarray(0, values.length)).toEqual(values);
  }
});

test("what is no option's value is refused by its name", () => {
  expect(() => expression({ genes: 0 })).toThrow("expression: genes must be a whole number");
  expect(() => expression({ seed: -1 })).toThrow("expression: seed must be a whole number");
});
