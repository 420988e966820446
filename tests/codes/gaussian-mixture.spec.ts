import { expect, test } from "@playwright/test";
import { gaussianMixture, mixtureCodes } from "../../src/codes/gaussian-mixture.ts";
import { expectationMaximisation, type GaussianMixture } from "../../src/codes/mixture-rounds.ts";
import { createStream } from "../../src/random/stream.ts";
import { expectClose, momentsOf } from "./support.ts";

const { normal } = createStream(3, 5);

/** So many codes around each centre, one of each in turn. */
const clouds = (centres: readonly (readonly number[])[], each: number, sigma = 0.1): Float32Array =>
  Float32Array.from(new Array(each).fill(centres.flat()).flat(), (value, at) => value + sigma * normal(at));

for (const covariance of ["diagonal", "full"] as const) {
  test(`five rounds are those of the reference, ${covariance}`, () => {
    const data = Float64Array.of(-2.1, -1.9, -2.4, -1.7, 0.9, 1.1, 1.4, 0.7, 1.0, 0.2);
    let mixture: GaussianMixture = {
      weights: [0.5, 0.5],
      means: [Float64Array.of(-1), Float64Array.of(1)],
      covariances: [Float64Array.of(1), Float64Array.of(1)],
    };
    const logLikelihoods: number[] = [];
    for (let round = 0; round < 5; round++) {
      const next = expectationMaximisation(data, mixture, { covariance, floor: 0 });
      logLikelihoods.push(next.logLikelihood);
      mixture = next.mixture;
    }
    expectClose(
      logLikelihoods,
      [-17.555369698812132, -14.056664061351958, -12.565012451026833, -10.821115068278042, -9.56939052864793],
      1e-12,
    );
    expectClose(mixture.weights, [0.39999999999265157, 0.6000000000073484], 1e-12);
    expectClose([mixture.means[0][0], mixture.means[1][0]], [-2.0250000000059307, 0.8833333333016679], 1e-12);
    expectClose(
      [mixture.covariances[0][0], mixture.covariances[1][0]],
      [0.06687499999930627, 0.1380555556357407],
      1e-12,
    );
  });

  test(`one component is the codes' own normal distribution, ${covariance}`, () => {
    const codes = Float32Array.from({ length: 300 }, (_, k) => (k % 3) + normal(k) + 0.5 * normal(k - (k % 3)));
    const { weights, means, covariances } = gaussianMixture(codes, { rows: 100, components: 1, covariance });
    const exact = momentsOf(codes, 3);
    expect(weights).toEqual([1]);
    expectClose(means[0], exact.mean);
    const expected = covariance === "full" ? exact.covariance.flat() : exact.covariance.map((row, k) => row[k]);
    // Beside rounding there is the floor, a millionth of the mean variance.
    expectClose(covariances[0], expected, 3e-6);
  });

  test(`clouds that lie apart are found, whatever the seed, ${covariance}`, () => {
    const centres = [
      [0, 0],
      [5, 0],
      [0, 5],
      [-5, -5],
    ];
    const codes = clouds(centres, 50);
    for (const seed of [0, 1, 2, 3, 4]) {
      const mixture = gaussianMixture(codes, { rows: 200, components: 4, covariance, seed });
      for (const centre of centres) {
        const near = mixture.means.findIndex((mean) => Math.hypot(mean[0] - centre[0], mean[1] - centre[1]) < 0.1);
        expect(near, `a component at ${centre}`).toBeGreaterThanOrEqual(0);
        expect(mixture.weights[near]).toBeCloseTo(0.25, 6);
      }
    }
  });

  test(`no round makes the codes less likely, ${covariance}`, () => {
    const codes = Float32Array.from({ length: 600 }, (_, k) => normal(k) ** 2 + (k % 4) * normal(k + 7));
    const { logLikelihoods } = gaussianMixture(codes, {
      rows: 150,
      components: 5,
      covariance,
      tolerance: 0,
      rounds: 40,
    });
    expect(logLikelihoods.length).toBeGreaterThan(10);
    for (let k = 1; k < logLikelihoods.length; k++)
      expect(logLikelihoods[k]).toBeGreaterThanOrEqual(logLikelihoods[k - 1] - 1e-6);
  });
}

test("what is drawn from a mixture has its weights, means and covariances", () => {
  const mixture: GaussianMixture = {
    weights: [0.3, 0.7],
    means: [Float64Array.of(-20, 0), Float64Array.of(20, 1)],
    covariances: [Float64Array.of(0.64, 0.24, 0.24, 0.45), Float64Array.of(1, -0.5, -0.5, 2)],
  };
  const count = 40_000;
  const codes = mixtureCodes(mixture, count, { seed: 4 });
  const rows = Array.from({ length: count }, (_, k) => [codes[2 * k], codes[2 * k + 1]]);
  const groups = [rows.filter(([x]) => x < 0), rows.filter(([x]) => x > 0)];
  groups.forEach((group, k) => {
    expect(Math.abs(group.length / count - mixture.weights[k])).toBeLessThan(4 * Math.sqrt(0.21 / count));
    const { mean, covariance } = momentsOf(group.flat(), 2);
    expectClose(mean, mixture.means[k], (4 * 2) / Math.sqrt(group.length));
    expectClose(covariance.flat(), mixture.covariances[k], (4 * 2 * 2) / Math.sqrt(group.length));
  });
  expect(mixtureCodes(mixture, count, { seed: 4 })).toEqual(codes);
  expect(mixtureCodes(mixture, count, { seed: 5 })).not.toEqual(codes);
});

test("codes that fill fewer dimensions than they have, or are all one, have a mixture and can be drawn", () => {
  const line = Float32Array.from({ length: 300 }, (_, k) => (k % 3 === 2 ? 7 : normal(k - (k % 3))));
  const same = new Float32Array(300).fill(3);
  for (const codes of [line, same]) {
    for (const covariance of ["diagonal", "full"] as const) {
      const mixture = gaussianMixture(codes, { rows: 100, components: 4, covariance });
      const drawn = mixtureCodes(mixture, 50);
      expect(drawn.every(Number.isFinite)).toBe(true);
      for (let k = 2; k < drawn.length; k += 3) expect(Math.abs(drawn[k] - codes[2])).toBeLessThan(0.01);
    }
  }
});

test("a seed gives the same mixture to the bit", () => {
  const codes = clouds([[0], [1], [4]], 40, 0.4);
  const made = (seed: number) => gaussianMixture(codes, { rows: 120, components: 3, seed });
  expect(made(1)).toEqual(made(1));
});

test("fewer codes than components, and codes that are not finite, are refused", () => {
  expect(() => gaussianMixture([1, 2], { rows: 2, components: 3 })).toThrow(
    "gaussianMixture: 2 codes are fewer than the 3 components: lower components.",
  );
  expect(() => gaussianMixture([1, Number.NaN], { rows: 2, components: 1 })).toThrow("gaussianMixture: row 1 has NaN");
  expect(() => gaussianMixture([1], { rows: 1, components: 1, covariance: "round" as "full" })).toThrow(
    "covariance must be one of diagonal, full",
  );
});
