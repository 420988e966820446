import { expect, test } from "@playwright/test";
import { vector } from "../../src/data/dataset.ts";
import { iwae } from "../../src/models/index.ts";
import { meanOf, termsOf } from "../support/terms.ts";

// x = w z + noise of variance s2, z standard normal: p(x) is known, and with q the prior the bounds of one to three codes.
const [w, s2, x] = [1, 0.5, 1.5];
const EXACT = [-3.8223649429247004, -2.634749985539257, -2.29839830305604];
const EVIDENCE = -1.871671087258755;

const field = vector(1);
const split = { count: 1, values: { x: Float32Array.of(x) } };
const data = { fields: { x: field }, train: split };
const linear = (samples: number) =>
  iwae({ data, hidden: [], latent: 1, samples, likelihood: "gaussian", sigma: Math.sqrt(s2) });

/** −loss of rows that are all the one example, when the encoder gives this mean and log-variance. */
const bounds = (samples: number, rows: number, [mean, logVariance]: readonly [number, number]) =>
  termsOf(linear(samples), {
    x: new Array<number>(rows).fill(x),
    rows,
    weights: { "encoder.out.bias": [mean, logVariance], "decoder.out.weight": [w] },
  }).loss.map((loss) => -loss);

test("with the prior for a posterior, the bounds of one, two and three codes are the exact ones", () => {
  for (const samples of [1, 2, 3]) {
    const { mean, error } = meanOf(bounds(samples, 40_000, [0, 0]));
    expect(error).toBeLessThan(0.02);
    expect(Math.abs(mean - EXACT[samples - 1])).toBeLessThan(4 * error);
  }
});

test("with the exact posterior every bound is ln p(x), whatever is drawn", () => {
  const precision = 1 + w ** 2 / s2;
  const posterior = [(w * x) / s2 / precision, -Math.log(precision)] as const;
  // By one code the KL divergence is exact, and what is drawn makes noise of the reconstruction alone.
  for (const samples of [2, 5, 50]) {
    for (const bound of bounds(samples, 20, posterior)) expect(bound).toBeCloseTo(EVIDENCE, 9);
  }
});

test("the bound rises with the number of codes, and never above ln p(x)", () => {
  const rising = [1, 2, 5, 20, 100].map((samples) => meanOf(bounds(samples, Math.ceil(8000 / samples), [0.4, 0.5])));
  for (const [k, { mean, error }] of rising.entries()) {
    expect(mean).toBeLessThan(EVIDENCE + 4 * error);
    if (k > 0) expect(mean).toBeGreaterThan(rising[k - 1].mean);
  }
});

test("binarised dynamically, a pixel is 1 as often as its grey value says, and encoder and likelihood see the same", () => {
  const rows = 4000;
  const grey = [0, 0.25, 0.5, 1];
  const model = iwae({ input: [4], hidden: [], latent: 1, samples: 1, binarisation: "dynamic" });
  // The decoder gives these logits whatever the code, and the encoder 4 x₀ + x₁ + 2 x₂ + 4 x₃ as the mean, 0 as the log-variance.
  const logits = [-1, -2, -3, -4];
  const { reconstruction, kl } = termsOf(model, {
    x: Array.from({ length: rows * 4 }, (_, k) => grey[k % 4]),
    rows,
    weights: { "decoder.out.bias": logits, "encoder.out.weight": [4, 0, 1, 0, 2, 0, 4, 0] },
  });
  const softplus = logits.reduce((sum, logit) => sum + Math.log1p(Math.exp(logit)), 0);
  const counts = [0, 0, 0, 0];
  let apart = 0;
  for (let row = 0; row < rows; row++) {
    // The first pixel is never on, the last one always.
    const code = Math.sqrt(2 * kl[row]) - 4;
    const seen = Math.round(code);
    const asked = 2 * (seen % 2) + 3 * Math.floor(seen / 2) + 4;
    apart = Math.max(apart, Math.abs(code - seen), Math.abs(reconstruction[row] - softplus - asked));
    counts[seen]++;
  }
  expect(apart).toBeLessThan(1e-9);
  // Binomial counts of 1/4 and 1/2, within four standard deviations.
  for (const [k, p] of [0.375, 0.125, 0.375, 0.125].entries()) {
    expect(Math.abs(counts[k] - rows * p)).toBeLessThan(4 * Math.sqrt(rows * p * (1 - p)));
  }
});
