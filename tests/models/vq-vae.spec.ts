import { expect, test } from "@playwright/test";
import { type Dataset, vector } from "../../src/data/dataset.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { averagedCodes, codebooks } from "../../src/models/codebook.ts";
import { vqVae } from "../../src/models/index.ts";
import { countsOf, perplexity, quantised } from "../../src/models/vector-quantiser.ts";
import type { Parameter } from "../../src/nn/parameter.ts";
import type { Pass } from "../../src/nn/pass.ts";
import type { Node } from "../../src/node/node.ts";
import { square, sub } from "../../src/ops/arithmetic.ts";
import { input, parameter } from "../../src/ops/leaf.ts";
import { mean, sum } from "../../src/ops/reduce.ts";
import { stopGradient } from "../../src/ops/shape.ts";
import { usePass } from "../../src/train/batch.ts";
import { fit } from "../../src/train/fit.ts";
import { long, onlyLong } from "../support/long.ts";
import { onBoth } from "../support/on-both.ts";
import { patterns, relativeError, sharedDevice } from "../support/training.ts";

const Z = [0.2, -0.4, 1.1, 0.9, -0.7, 0.3, 0.9, 1.2, 0.1, -0.1];
const CODES = [0, 0, 1, 1, -1, 0.5, 3, 3];
const feeds = { z: Z, codes: CODES };
const z = input("z", [5, 2]);
const codes = parameter("codes", [4, 2]);

const near = (actual: ArrayLike<number>, expected: readonly number[]) =>
  expect(relativeError(actual, expected)).toBeLessThan(1e-12);

test("each place takes the nearest code; losses, gradients and perplexity are exact, on the GPU as in float64", async () => {
  const { ids, codes: own, through } = quantised(z, codes);
  const distance = (a: Node, b: Node) => mean(sum(square(sub(a, b)), { axes: [1] }));
  const codebook = distance(stopGradient(z), own);
  const commitment = distance(z, stopGradient(own));
  const [ofCodes] = gradients(codebook, [codes]);
  const [ofZ] = gradients(commitment, [z]);
  const counts = countsOf(ids, input("weight", [5]), 4);
  const outputs = { ids, through, codebook, commitment, ofCodes, ofZ, counts, perplexity: perplexity(counts) };
  const exact = await onBoth(outputs, { ...feeds, weight: [1, 1, 1, 1, 1] });
  expect([...exact.ids]).toEqual([0, 1, 2, 1, 0]);
  near(exact.through, [0, 0, 1, 1, -1, 0.5, 1, 1, 0, 0]);
  expect(exact.codebook[0]).toBeCloseTo(0.084, 12);
  expect(exact.commitment[0]).toBeCloseTo(0.084, 12);
  near(exact.ofCodes, [-0.12, 0.2, 0, -0.04, -0.12, 0.08, 0, 0]);
  near(exact.ofZ, [0.08, -0.16, 0.04, -0.04, 0.12, -0.08, -0.04, 0.08, 0.04, -0.04]);
  expect([...exact.counts]).toEqual([2, 2, 1, 0]);
  expect(exact.perplexity[0]).toBeCloseTo(2.8717458874925876, 12);
});

test("the gradient goes past the rounding as it comes, and from what is redrawn none reaches the codes", () => {
  const { through } = quantised(z, codes);
  const error = sum(square(sub(through, input("target", [5, 2]))));
  const [ofZ, ofCodes] = gradients(error, [z, codes]);
  const target = Z.map((value) => value + 1);
  const exact = interpret(collect({ through, ofZ, ofCodes }), { feeds: { ...feeds, target } });
  near(
    exact.ofZ,
    [...exact.through].map((value, k) => 2 * (value - target[k])),
  );
  expect(exact.ofCodes.every((value) => value === 0)).toBe(true);
});

/** What a codebook's statistics become with a batch whose last place does not count, in float64; and its codes then. */
function followed(kind: keyof typeof codebooks, usage: readonly number[], weight: readonly number[]) {
  const book = codebooks[kind]({ count: 4, width: 2 });
  const next = new Map<Parameter, Node>();
  const pass: Pass = {
    ...usePass(weight.length),
    training: true,
    update: (statistic, of) => void next.set(statistic, of(statistic.node)),
  };
  const places = input("z", [weight.length, 2]);
  const counted = input("weight", [weight.length]);
  const { ids } = quantised(places, codes);
  const choices = { z: places, ids, weight: counted, counts: countsOf(ids, counted, 4) };
  book.follow(choices, pass);
  const statistics = Object.fromEntries([...next].map(([{ name }, node]) => [name, node]));
  const total = CODES.map((value, k) => value * usage[Math.floor(k / 2)]);
  const values = { "codebook.usage": usage, "codebook.total": total };
  return { statistics, values, given: { z: Z.slice(0, 2 * weight.length), codes: CODES, weight } };
}

/** The codes that follow from new statistics. */
function codesAfter(after: Record<string, ArrayLike<number>>): Float64Array {
  const [total, usage] = [input("total", [4, 2]), input("usage", [4])];
  const graph = collect({ codes: averagedCodes(total, usage) });
  return interpret(graph, { feeds: { total: after["codebook.total"], usage: after["codebook.usage"] } }).codes;
}

test("codes by moving average follow what chose them, exactly, on the GPU as in float64", async () => {
  const { statistics, values, given } = followed("movingAverage", [1, 1, 1, 1], [1, 1, 1, 1, 1]);
  const after = await onBoth(statistics, { ...values, ...given });
  expect(relativeError(after["codebook.usage"], [1.01, 1.01, 1, 0.99])).toBeLessThan(1e-12);
  near(
    codesAfter(after),
    [
      0.0029702972497173646, -0.004950495416195607, 1.0000000740715118, 1.000990173154751, -0.9969999751374056,
      0.4979999875811715, 2.999999622160546, 2.999999622160546,
    ],
  );
});

test("before the first step the codes are what they began as, and a place that does not count moves nothing", () => {
  const { parameters } = codebooks.movingAverage({ count: 4, width: 2 });
  const first = Object.fromEntries(parameters.map(({ name, initialize }) => [name, initialize(3)]));
  expect(relativeError(codesAfter(first), first["codebook.total"])).toBeLessThan(1e-12);
  const of = (weight: number[]) => {
    const { statistics, values, given } = followed("movingAverage", [1, 1, 1, 1], weight);
    return interpret(collect(statistics), { feeds: { ...values, ...given } });
  };
  expect(of([1, 1, 1, 0, 0])).toEqual(of([1, 1, 1]));
});

test("a dead code becomes a place of the batch that counts, and the others go on as they would", () => {
  const usage = [10, 10, 10, 0.01];
  const of = (kind: keyof typeof codebooks, step: number) => {
    const { statistics, values, given } = followed(kind, usage, [1, 1, 1, 0, 0]);
    return interpret(collect(statistics), { feeds: { ...values, ...given }, step });
  };
  const became = new Set<string>();
  for (let step = 0; step < 40; step++) {
    const [restarted, plain] = [of("restarted", step), of("movingAverage", step)];
    for (const name of Object.keys(plain)) {
      const own = restarted[name].length / 4;
      expect([...restarted[name].slice(0, 3 * own)], name).toEqual([...plain[name].slice(0, 3 * own)]);
    }
    const share = plain["codebook.usage"].reduce((sum, value) => sum + value / 4, 0);
    expect(restarted["codebook.usage"][3]).toBeCloseTo(share, 12);
    became.add([...restarted["codebook.total"].slice(6)].map((value) => (value / share).toFixed(6)).join(" "));
  }
  const places = [0, 1, 2].map((k) => [Z[2 * k], Z[2 * k + 1]].map((value) => value.toFixed(6)).join(" "));
  expect([...became].sort()).toEqual(places.sort());
});

test("dead codes are counted: those chosen less than a hundredth as often as the mean", () => {
  for (const kind of Object.keys(codebooks) as (keyof typeof codebooks)[]) {
    const { dead } = codebooks[kind]({ count: 4, width: 2 });
    const count = (usage: number[]) => interpret(collect({ dead }), { feeds: { "codebook.usage": usage } }).dead[0];
    expect(count([1, 1, 1, 1])).toBe(0);
    expect(count([4, 4, 0.02, 0.01])).toBe(2);
    expect(count([4, 4, 0.03, 0.02])).toBe(1);
  }
});

for (const network of ["dense", "conv"] as const) {
  test(`tokens are whole numbers that decode to the reconstruction, ${network}`, async () => {
    test.skip(network === "conv" && !long, onlyLong);
    const data = patterns(32, 6, [6, 6, 1]);
    const model = vqVae({ data, network, widths: [8], places: 3, codes: 5, width: 4 });
    const run = fit(await sharedDevice(), model, data, { epochs: 1, batchSize: 8 });
    await run.finished;
    const { to } = model.uses.encode;
    expect(to).toEqual({ kind: "tokens", shape: network === "dense" ? [3] : [3, 3], store: "u16", classes: 5 });
    const x = data.test.values.x;
    const tokens = await run.use("encode", 6, { x });
    expect(tokens.every((token) => Number.isInteger(token) && token >= 0 && token < 5)).toBe(true);
    expect(await run.use("decode", 6, { code: tokens })).toEqual(await run.use("reconstruct", 6, { x }));
    await expect(run.use("decode", 1, { code: tokens.slice(0, tokens.length / 6).fill(5) })).rejects.toThrow(
      "number 0 is 5, and there are classes 0 to 4",
    );
    await run.dispose();
  });
}

test("data of four clusters get a code for each, however codes learn", async () => {
  // Four corners with a little noise: an encoder that gives the place itself needs a code for each.
  const count = 64;
  const noise = (k: number) => 0.02 * Math.sin(37 * k);
  const x = Float32Array.from({ length: 2 * count }, (_, k) => {
    const corner = Math.floor(k / 2) % 4;
    return (k % 2 === 0 ? corner % 2 : Math.floor(corner / 2)) * 2 - 1 + noise(k);
  });
  const split = { count, values: { x } };
  const data: Dataset = { name: "corners", fields: { x: vector(2) }, train: split, test: split };
  const kinds = Object.keys(codebooks) as (keyof typeof codebooks)[];
  for (const codebook of kinds.slice(long ? 0 : -1)) {
    const model = vqVae({ data, widths: [16], places: 1, codes: 8, width: 2, codebook, loss: "squared" });
    const run = fit(await sharedDevice(), model, data, { epochs: 80, batchSize: 32, learningRate: 5e-3, seed: 1 });
    await run.finished;
    const { reconstruction, perplexity: used } = run.history.at(-1)!.test;
    expect(reconstruction, codebook).toBeLessThan(0.05);
    expect(used, codebook).toBeGreaterThan(3.9);
    await run.dispose();
  }
});
