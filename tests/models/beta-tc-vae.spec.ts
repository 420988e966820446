import { expect, test } from "@playwright/test";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { klInThree } from "../../src/models/beta-tc-vae.ts";
import { betaTcVae } from "../../src/models/index.ts";
import { input } from "../../src/ops/leaf.ts";
import { termsOf } from "../support/terms.ts";
import { patterns } from "../support/training.ts";

const CODES = {
  z: [0.2, -0.1, 1, 0.4, -0.6, 0.9],
  mean: [0, 0.5, 1, -1, -0.7, 0.2],
  logVariance: [0.1, -0.3, -1, 0.4, 0, 0],
};

/** Means over the first three rows, with others behind that do not count. */
function parts(others: number) {
  const rows = 3 + others;
  const matrix = (name: string) => input(name, [rows, 2]);
  const posterior = { mean: matrix("mean"), logVariance: matrix("logVariance") };
  const inThree = klInThree({ z: matrix("z"), posterior, weight: input("weight", [rows]), count: 1000 });
  const behind = Array.from({ length: 2 * others }, (_, k) => 5 - k);
  const feeds = Object.fromEntries(Object.entries(CODES).map(([name, values]) => [name, [...values, ...behind]]));
  const weight = Array.from({ length: rows }, (_, row) => Number(row < 3));
  const values = interpret(collect(inThree), { feeds: { ...feeds, weight } });
  return Object.fromEntries(
    Object.entries(values).map(([name, each]) => [name, (each[0] + each[1] + each[2]) / 3]),
  ) as Record<keyof typeof inThree, number>;
}

test("the three parts of a KL divergence are the exact ones, also of the real rows of a ragged batch", () => {
  for (const others of [0, 2]) {
    const { mutualInformation, totalCorrelation, dimensionWiseKl } = parts(others);
    expect(mutualInformation).toBeCloseTo(7.20653410216256, 9);
    expect(totalCorrelation).toBeCloseTo(6.9039910007621765, 9);
    expect(dimensionWiseKl).toBeCloseTo(-13.96985342920451, 9);
  }
});

test("the loss has each part by its weight, and no KL term beside", () => {
  const data = patterns(30, 5, [6]);
  const rows = 4;
  const weights = { mutualInformationWeight: 0.5, totalCorrelationWeight: 7, dimensionWiseKlWeight: 2 };
  const model = betaTcVae({ data, hidden: [5], latent: 3, ...weights });
  expect(Object.keys(model.schedules)).toEqual(Object.keys(weights));
  const x = Array.from(data.train.values.x.subarray(0, 6 * rows), (byte) => byte / 255);
  const initial = Object.fromEntries(model.parameters.map(({ name, initialize }) => [name, [...initialize(4)]]));
  const terms = termsOf(model, { x, rows, weights: initial });
  for (let row = 0; row < rows; row++) {
    const { reconstruction, mutualInformation, totalCorrelation, dimensionWiseKl, loss } = terms;
    const weighed = 0.5 * mutualInformation[row] + 7 * totalCorrelation[row] + 2 * dimensionWiseKl[row];
    expect(loss[row]).toBeCloseTo(reconstruction[row] + weighed, 9);
  }
});

test("how many training examples there are has to be known to train it, and not to build it", () => {
  const model = betaTcVae({ input: [6], hidden: [5], latent: 3 });
  expect(Object.keys(model.uses)).toContain("sample");
  expect(() => termsOf(model, { x: new Array(6).fill(0), rows: 1 })).toThrow(
    "beta-tc-vae asks how many training examples there are: give `data` instead of `input`.",
  );
});
