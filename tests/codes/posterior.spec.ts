import { expect, test } from "@playwright/test";
import { posteriorCodes, posteriorKl } from "../../src/codes/posterior.ts";
import { expectClose, momentsOf } from "./support.ts";

const COUNT = 40_000;
const ROOT = Math.sqrt(COUNT);

test("codes of a diagonal posterior have its mean and its standard deviations", () => {
  const posterior = [0.5, -1, 2, 0.7, 0.1, 0];
  const codes = posteriorCodes(posterior, { latent: 3, count: COUNT });
  expect(codes).toHaveLength(3 * COUNT);
  const { mean, covariance } = momentsOf(codes, 3);
  for (const k of [0, 1, 2]) {
    const sigma = posterior[3 + k];
    expect(Math.abs(mean[k] - posterior[k])).toBeLessThanOrEqual((4 * sigma) / ROOT + 1e-6);
    expect(Math.abs(covariance[k][k] - sigma ** 2)).toBeLessThanOrEqual((4 * Math.SQRT2 * sigma ** 2) / ROOT + 1e-9);
  }
  expect(Math.abs(covariance[0][1])).toBeLessThan((4 * 0.7 * 0.1) / ROOT);
});

test("codes of a full posterior have the covariance L Lᵀ of its Cholesky factor", () => {
  const factor = [0.8, 0, 0.3, 0.6];
  const { mean, covariance } = momentsOf(posteriorCodes([1, 2, ...factor], { latent: 2, count: COUNT }), 2);
  const exact = [0.64, 0.24, 0.24, 0.45];
  expectClose(mean, [1, 2], 4 / ROOT);
  expectClose(covariance.flat(), exact, 4 / ROOT);
});

test("each row has codes of its own; a seed gives the same ones, and another seed others", () => {
  const posteriors = [0, 0, 1, 1, 10, 10, 1, 1];
  const drawn = (seed: number) => posteriorCodes(posteriors, { rows: 2, latent: 2, count: 3, seed });
  const codes = drawn(1);
  expect(codes).toHaveLength(12);
  expect(codes.subarray(0, 6).every((value) => Math.abs(value) < 6)).toBe(true);
  expect(codes.subarray(6).every((value) => Math.abs(value - 10) < 6)).toBe(true);
  expect(codes[6] - 10).not.toBeCloseTo(codes[0], 3);
  expect(drawn(1)).toEqual(codes);
  expect(drawn(2)).not.toEqual(codes);
});

test("the KL divergence of each number is that of its normal distribution from the prior, a mean over the rows", () => {
  const kl = (mean: number, sigma: number) => 0.5 * (mean ** 2 + sigma ** 2 - 1) - Math.log(sigma);
  const posteriors = [0.5, -1, 0.7, 0.1, 0, 2, 1, 1.3];
  const exact = [(kl(0.5, 0.7) + kl(0, 1)) / 2, (kl(-1, 0.1) + kl(2, 1.3)) / 2];
  expectClose(posteriorKl(posteriors, { rows: 2, latent: 2 }), exact, 1e-12);
});

test("the parts of a full posterior's divergence add up to it", () => {
  const full = [0.5, -1, 0.25, 0.8, 0, 0, 0.3, 0.6, 0, -0.2, 0.1, 1.1];
  const parts = posteriorKl(full, { rows: 1, latent: 3 });
  expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(0.9699089952758757, 12);
});

test("numbers that are no posteriors are refused", () => {
  expect(() => posteriorCodes([1, 2, 3, 4, 5, 6], { rows: 2, latent: 3 })).toThrow(
    "posteriorCodes: a row of 3 numbers is no posterior of a code of 3: it has 6 numbers, or 12 with a full covariance.",
  );
  expect(() => posteriorKl([1, Number.NaN], { rows: 1, latent: 1 })).toThrow("posteriorKl: row 0 has NaN");
  expect(() => posteriorCodes([1, 2], { latent: 1, count: 0 })).toThrow("count must be a whole number of at least 1");
});
