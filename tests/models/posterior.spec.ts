import { expect, test } from "@playwright/test";
import { drawNormalCode } from "../../src/codes/normal-code.ts";
import { posteriorKl } from "../../src/codes/posterior.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { penalty } from "../../src/models/divergence.ts";
import { logMeanExp } from "../../src/models/importance.ts";
import { logDensityOf, logStandardNormal, type PosteriorName, posteriors } from "../../src/models/posterior.ts";
import type { Node } from "../../src/node/node.ts";
import { add, mul, square, sub } from "../../src/ops/arithmetic.ts";
import { constant, input } from "../../src/ops/leaf.ts";
import { normal } from "../../src/ops/noise.ts";
import { mean, sum } from "../../src/ops/reduce.ts";

const value = (node: Node, feeds: Record<string, readonly number[]>, seed: readonly [number, number] = [1, 0]) => [
  ...interpret(collect({ y: node }), { feeds, seed }).y,
];

test("a full posterior has the KL divergence and the codes of its Cholesky factor", () => {
  const [latent, rows] = [3, 2];
  const chol = [
    [0.8, 0, 0],
    [0.3, 0.6, 0],
    [-0.2, 0.1, 1.1],
  ];
  const mu = [0.5, -1, 0.25];
  const encoded = [...mu, ...chol.map((row, k) => 2 * Math.log(row[k])), 0.3, -0.2, 0.1];
  expect(posteriors.full.outputs(latent)).toBe(encoded.length);
  const posterior = posteriors.full.of(input("encoded", [rows, encoded.length]), latent);
  const feeds = { encoded: [...encoded, ...encoded], epsilon: [1, -2, 0.5, 0, 0, 3] };
  const epsilon = input("epsilon", [rows, latent]);
  for (const kl of value(sum(posterior.kl, { axes: [1] }), feeds)) expect(kl).toBeCloseTo(0.9699089952758757, 9);
  const z = value(posterior.draw(epsilon), feeds);
  z.forEach((code, k) => {
    const [row, i] = [Math.floor(k / latent), k % latent];
    const exact = mu[i] + chol[i].reduce((total, factor, j) => total + factor * feeds.epsilon[row * latent + j], 0);
    expect(code).toBeCloseTo(exact, 9);
  });
});

test("a posterior says its mean and its factor as `posteriorCodes` and `posteriorKl` take them", () => {
  const [latent, rows] = [3, 2];
  const encoded = Array.from({ length: rows * posteriors.full.outputs(latent) }, (_, k) => Math.sin(3 * k));
  for (const name of ["logVariance", "logSigma", "softplus", "full"] as const) {
    const kind = posteriors[name];
    const numbers = encoded.slice(0, rows * kind.outputs(latent));
    const posterior = kind.of(input("encoded", [rows, kind.outputs(latent)]), latent);
    expect(posterior.factor.shape).toEqual([rows, kind.factorRows(latent), latent]);
    const feeds = { encoded: numbers, epsilon: [1, -2, 0.5, 0, 0, 3] };
    const z = value(posterior.draw(input("epsilon", [rows, latent])), feeds);
    const [mean, factor] = [value(posterior.mean, feeds), value(posterior.factor, feeds)];
    const size = factor.length / rows;
    const codes = new Float32Array(rows * latent);
    const said = Array.from({ length: rows }, (_, row) => ({
      mean: Float64Array.from(mean.slice(row * latent, (row + 1) * latent)),
      factor: Float64Array.from(factor.slice(row * size, (row + 1) * size)),
    }));
    said.forEach((row, k) => {
      drawNormalCode(codes, k * latent, row.mean, row.factor, (index) => feeds.epsilon[index]);
    });
    z.forEach((code, k) => {
      expect(codes[k], `${name}: code ${k}`).toBeCloseTo(code, 5);
    });
    const kl = posteriorKl(
      said.flatMap((row) => [...row.mean, ...row.factor]),
      { rows, latent },
    );
    value(mul(0.5, sum(posterior.kl, { axes: [0] })), feeds).forEach((part, k) => {
      expect(kl[k], `${name}: part ${k}`).toBeCloseTo(part, 5);
    });
  }
});

test("the three ways to say a diagonal spread are one distribution", () => {
  const [sigma, mu] = [0.7, -0.3];
  const said = { logVariance: 2 * Math.log(sigma), logSigma: Math.log(sigma), softplus: Math.log(Math.expm1(sigma)) };
  for (const [name, spread] of Object.entries(said) as [Exclude<PosteriorName, "full">, number][]) {
    const posterior = posteriors[name].of(input("encoded", [1, 2]), 1);
    const feeds = { encoded: [mu, spread], epsilon: [1.5] };
    const epsilon = input("epsilon", [1, 1]);
    expect(value(posterior.draw(epsilon), feeds)[0]).toBeCloseTo(mu + sigma * 1.5, 5);
    expect(value(posterior.kl, feeds)[0]).toBeCloseTo(0.5 * (mu ** 2 + sigma ** 2 - 1) - Math.log(sigma), 5);
    const density = -0.5 * Math.log(2 * Math.PI) - Math.log(sigma) - 0.5 * 1.5 ** 2;
    expect(value(logDensityOf(posterior, epsilon), feeds)[0]).toBeCloseTo(density, 5);
  }
});

test("free bits are a floor for each number's mean KL, and a capacity is aimed at from both sides", () => {
  const kl = [0.01, 0.3, 2];
  const parts = input("parts", [2, 3]);
  const whole = sum(parts, { axes: [1] });
  const weight = input("weight", [2]);
  // The second row lies past the end of a ragged batch.
  const feeds = { parts: [...kl, 50, 50, 50], weight: [1, 0], capacity: [3] };
  expect(value(penalty({ freeBits: 0.25 }, { kl: whole, parts, weight }), feeds)[0]).toBeCloseTo(2.55, 9);
  const aimed = penalty({ capacity: { name: "linear", to: 25, steps: 10 } }, { kl: whole, parts, weight });
  expect(value(aimed, feeds)[0]).toBeCloseTo(0.69, 9);
  const slope = gradients(aimed, [parts])[0];
  expect(value(slope, feeds).map((number) => number + 0)).toEqual([-1, -1, -1, 0, 0, 0]);
});

/** ln p(x | z) of x = w z + noise of variance s2. */
const logGaussian = (x: number, z: Node, w: number, s2: number): Node =>
  sub(-0.5 * Math.log(2 * Math.PI * s2), mul(1 / (2 * s2), square(sub(x, mul(w, z)))));

test("importance-weighted bounds of one, two and three codes from the prior are the exact ones", () => {
  const [w, s2, x, rows] = [1, 0.5, 1.5, 60_000];
  const exact = [-3.8223649429247004, -2.634749985539257, -2.29839830305604];
  for (const samples of [1, 2, 3]) {
    const z = normal("z", [rows * samples]);
    const bounds = logMeanExp(logGaussian(x, z, w, s2), samples);
    const [bound] = value(mean(bounds), {});
    const [spread] = value(mean(square(sub(bounds, mean(bounds)))), {});
    expect(Math.abs(bound - exact[samples - 1])).toBeLessThan(4 * Math.sqrt(spread / rows));
  }
});

test("with the exact posterior every importance weight is p(x)", () => {
  const [w, s2, x, rows] = [1, 0.5, 1.5, 50];
  const precision = 1 + w ** 2 / s2;
  const encoded = [(w * x) / s2 / precision, -Math.log(precision)];
  const posterior = posteriors.logVariance.of(add(input("encoded", [1, 2]), constant(0, [rows, 2])), 1);
  const epsilon = normal("epsilon", [rows, 1]);
  const z = posterior.draw(epsilon);
  const logWeight = sub(
    add(sum(logGaussian(x, z, w, s2), { axes: [1] }), logStandardNormal(z)),
    logDensityOf(posterior, epsilon),
  );
  const evidence = -0.5 * (Math.log(2 * Math.PI * (s2 + w ** 2)) + x ** 2 / (s2 + w ** 2));
  for (const weight of value(logWeight, { encoded })) expect(weight).toBeCloseTo(evidence, 9);
});
