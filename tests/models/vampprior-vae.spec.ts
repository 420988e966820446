import { expect, test } from "@playwright/test";
import { vector } from "../../src/data/dataset.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { vampPriorVae } from "../../src/models/index.ts";
import { posteriors } from "../../src/models/posterior.ts";
import { vampPrior } from "../../src/models/vampprior-vae.ts";
import type { Node } from "../../src/node/node.ts";
import { input } from "../../src/ops/leaf.ts";
import { usePass } from "../../src/train/batch.ts";
import { meanOf } from "../support/terms.ts";
import { patterns } from "../support/training.ts";

// Pseudo-inputs that are what an encoder would give of them: mean and log-variance of codes of two numbers.
const means = [
  [0, 0.5],
  [1, -1],
  [-0.7, 0.2],
];
const logVariances = [
  [0.1, -0.3],
  [-1, 0.4],
  [0, 0],
];
const given = (logVariance: readonly (readonly number[])[]) => means.flatMap((mean, k) => [...mean, ...logVariance[k]]);

const prior = vampPrior({
  x: vector(4),
  components: 3,
  start: "grey",
  posterior: (x) => posteriors.logVariance.of(x, 2),
});
const valuesOf = (y: Node, feeds: Record<string, readonly number[]>) =>
  interpret(collect({ y }), { feeds, seed: [2, 0] }).y;

test("the density of a code is that of the mixture of the posteriors", () => {
  const density = prior.logDensity(input("z", [2, 2]), usePass(2));
  const logs = valuesOf(density, { z: [0.3, 0.1, -2, 1], "prior.inputs": given(logVariances) });
  expect(logs[0]).toBeCloseTo(-2.2342462166699555, 9);
  expect(logs[1]).toBeCloseTo(-3.702728376211037, 9);
});

test("codes are drawn from every component alike, with its mean and its spread", () => {
  const rows = 6000;
  const narrow = logVariances.map((row) => row.map((value) => value - 8));
  const codes = valuesOf(prior.draw(usePass(rows)), { "prior.inputs": given(narrow) });
  const drawn: number[][][] = means.map(() => []);
  for (let row = 0; row < rows; row++) {
    const code = [codes[2 * row], codes[2 * row + 1]];
    const distances = means.map((mean) => Math.hypot(code[0] - mean[0], code[1] - mean[1]));
    drawn[distances.indexOf(Math.min(...distances))].push(code);
  }
  for (const [k, own] of drawn.entries()) {
    expect(Math.abs(own.length - rows / 3)).toBeLessThan(4 * Math.sqrt((rows * 2) / 9));
    for (const axis of [0, 1]) {
      const at = meanOf(own.map((code) => code[axis]));
      expect(Math.abs(at.mean - means[k][axis])).toBeLessThan(4 * at.error);
      const ratio = (at.error ** 2 * own.length) / Math.exp(narrow[k][axis]);
      expect(Math.abs(ratio - 1)).toBeLessThan(4 * Math.sqrt(2 / own.length));
    }
  }
});

test("pseudo-inputs are training examples at equal distances, or values around one half", () => {
  const data = patterns(20, 3, [2, 2, 1]);
  const made = (start: "examples" | "grey") =>
    vampPriorVae({ data, hidden: [4], latent: 2, components: 5, start }).parameters.find(
      ({ name }) => name === "prior.inputs",
    )!;
  const { x } = data.train.values;
  const fitted = made("examples").fit!(data.train, data.fields);
  expect([...fitted]).toEqual(
    [0, 4, 8, 12, 16].flatMap((row) => Array.from(x.subarray(4 * row, 4 * row + 4), (byte) => Math.fround(byte / 255))),
  );
  const more = vampPriorVae({ data, hidden: [4], latent: 2, components: 40 }).parameters.find(({ fit }) => fit)!;
  expect(more.fit!(data.train, data.fields)).toHaveLength(160);
  expect(made("grey").fit).toBeUndefined();
  const { mean } = meanOf(made("grey").initialize(1));
  expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
});
