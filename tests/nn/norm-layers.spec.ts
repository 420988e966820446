import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { activation, type Layer, sequence } from "../../src/nn/layers.ts";
import { batchNorm, dropout, groupNorm, layerNorm } from "../../src/nn/norm-layers.ts";
import type { Pass } from "../../src/nn/pass.ts";
import type { Node, Shape } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { usePass } from "../../src/train/batch.ts";
import { check, largestError, randomNumbers } from "../support/numbers.ts";

// Float64 in plain Node; the kernels are held to this in tests/golden, tests/ops and tests/train.

interface Applied {
  readonly y: Float64Array;
  /** Next values of the running statistics, by the last part of their names. */
  readonly next: Record<string, Float64Array>;
}

const training = (weight: Node, next: Record<string, Node> = {}): Pass => ({
  ...usePass(weight.shape[0]),
  training: true,
  weight,
  update: ({ name, node }, value) => {
    next[name.split(".").pop()!] = value(node);
  },
});

/** `given`: values of parameters, by their names, that are not those of the beginning. */
function applied(
  layer: Layer,
  x: readonly number[],
  shape: Shape,
  weights = new Array(shape[0]).fill(1),
  given: Readonly<Record<string, readonly number[]>> = {},
): Applied {
  const next: Record<string, Node> = {};
  const y = layer.apply(ops.input("x", shape), training(ops.input("weights", [shape[0]]), next));
  const feeds = {
    x,
    weights,
    ...Object.fromEntries(layer.parameters.map((parameter) => [parameter.name, parameter.initialize(0)])),
    ...given,
  };
  const { y: values, ...rest } = interpret(collect({ y, ...next }), { feeds, seed: [3, 0], step: 2 });
  return { y: values, next: rest };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

const images = fc.record({
  shape: fc.tuple(
    fc.integer({ min: 2, max: 5 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
    fc.constantFrom(2, 4, 6),
  ),
  seed: fc.nat(1e6),
  centre: fc.constantFrom(0, 5, -300),
});
const numbersOf = (shape: Shape, seed: number, centre: number) => {
  const next = randomNumbers(seed);
  return Array.from({ length: shape.reduce((a, b) => a * b) }, () => centre + 4 * next());
};

test("batch norm gives the examples that count mean 0 and variance 1 a channel, and moves its statistics by a tenth", async () => {
  await check(
    fc.property(images, fc.integer({ min: 1, max: 5 }), ({ shape, seed, centre }, real) => {
      const [batch, height, width, channels] = shape;
      const x = numbersOf(shape, seed, centre);
      const valid = Math.min(real, batch);
      const weights = Array.from({ length: batch }, (_, row) => Number(row < valid));
      const { y, next } = applied(batchNorm("norm", channels, { epsilon: 1e-12 }), x, shape, weights);
      const count = valid * height * width;
      for (let c = 0; c < channels; c++) {
        const column = (values: ArrayLike<number>) =>
          Array.from({ length: count }, (_, position) => values[position * channels + c]);
        const [m, v] = [mean(column(x)), variance(column(x))];
        expect(Math.abs(mean(column(y)))).toBeLessThan(1e-9);
        if (count > 1) expect(Math.abs(variance(column(y)) - 1)).toBeLessThan(1e-6);
        expect(Math.abs(next.runningMean[c] - 0.1 * m)).toBeLessThan(1e-9);
        // One value alone says nothing of a variance: it stays what it was, 1.
        const unbiased = count > 1 ? (v * count) / (count - 1) : 1;
        expect(Math.abs(next.runningVariance[c] - (0.9 + 0.1 * unbiased))).toBeLessThan(1e-9);
      }
    }),
    40,
  );
});

test("batch norm over one value is refused, and a ragged batch of one leaves the running variance as it is", () => {
  const one = batchNorm("norm", 2);
  const refusal = /^batchNorm "norm" has one value of each channel in a batch of 1/;
  for (const shape of [
    [1, 2],
    [1, 1, 1, 2],
  ]) {
    const x = ops.input("x", shape);
    expect(() => one.apply(x, training(ops.input("weights", [1])))).toThrow(refusal);
    expect(one.apply(x, usePass(1)).shape).toEqual(shape);
  }
  const two = ops.input("x", [1, 1, 2, 2]);
  expect(one.apply(two, training(ops.input("weights", [1]))).shape).toEqual([1, 1, 2, 2]);
  // Steps of one example each, a hundred of them: the variance is that of before, however many there were.
  let kept = 0.25;
  for (let step = 0; step < 100; step++) {
    const given = { "norm.runningVariance": [kept] };
    const { y, next } = applied(batchNorm("norm", 1), [step, 0], [2, 1, 1, 1], [1, 0], given);
    expect(y[0]).toBe(0);
    [kept] = next.runningVariance;
  }
  expect(kept).toBeCloseTo(0.25, 12);
});

test("layer norm works on the channels of a position, group norm on positions and channels of a group", async () => {
  await check(
    fc.property(images, ({ shape, seed, centre }) => {
      const [batch, height, width, channels] = shape;
      const x = numbersOf(shape, seed, centre);
      const positions = height * width;
      const normalised = (values: number[], epsilon = 1e-5) =>
        values.map((value) => (value - mean(values)) / Math.sqrt(variance(values) + epsilon));
      const layer = applied(layerNorm("norm", channels), x, shape).y;
      for (let k = 0; k < batch * positions; k++) {
        const row = (values: ArrayLike<number>) => Array.from({ length: channels }, (_, c) => values[k * channels + c]);
        expect(largestError(row(layer), normalised(row(x)))).toBeLessThan(1e-9);
      }
      const group = applied(groupNorm("norm", channels, 2), x, shape).y;
      for (let b = 0; b < batch; b++) {
        for (const first of [0, channels / 2]) {
          const part = (values: ArrayLike<number>) =>
            Array.from({ length: (positions * channels) / 2 }, (_, k) => {
              const [position, c] = [Math.floor(k / (channels / 2)), first + (k % (channels / 2))];
              return values[(b * positions + position) * channels + c];
            });
          expect(largestError(part(group), normalised(part(x)))).toBeLessThan(1e-9);
        }
      }
    }),
    25,
  );
});

test("dropout keeps its share of the numbers and their mean, in training alone", () => {
  const layer = dropout("drop", 0.3);
  const shape = [100, 200];
  const { y } = applied(layer, new Array(20_000).fill(1), shape);
  expect([...new Set(y)].sort()).toEqual([0, 1 / 0.7]);
  // Five standard deviations of the mean of 20,000 such numbers.
  expect(Math.abs(mean([...y]) - 1)).toBeLessThan(5 * Math.sqrt(0.3 / 0.7 / 20_000));
  const other = applied(dropout("another", 0.3), new Array(20_000).fill(1), shape).y;
  expect(other).not.toEqual(y);

  const x = ops.input("x", [4, 4]);
  expect(layer.apply(x, usePass(4))).toBe(x);
  expect(dropout("none", 0).apply(x, training(ops.constant(1, [4])))).toBe(x);
});

test("what dropout drops gets no gradient", () => {
  const x = ops.parameter("x", [8, 8]);
  const y = dropout("drop", 0.5).apply(x, training(ops.constant(1, [8])));
  const [dx] = gradients(ops.sum(y), [x]);
  const values = interpret(collect({ y, dx }), { feeds: { x: new Array(64).fill(3) }, seed: [1, 0] });
  expect([...values.dx]).toEqual([...values.y].map((value) => value / 3));
});

test("a sequence applies its layers in order, in one pass, and has the parameters of all", () => {
  const norms = [batchNorm("a", 3), layerNorm("b", 3)];
  const layer = sequence([norms[0], activation("relu"), norms[1]]);
  expect(layer.parameters).toEqual(norms.flatMap(({ parameters }) => parameters));
  const x = numbersOf([4, 3], 1, 0);
  const inner = [...applied(norms[0], x, [4, 3]).y].map((value) => Math.max(value, 0));
  expect(largestError(applied(layer, x, [4, 3]).y, applied(norms[1], inner, [4, 3]).y)).toBeLessThan(1e-12);
});

test("what cannot be is refused in a sentence", () => {
  expect(() => groupNorm("norm", 6, 4)).toThrow('groupNorm "norm": 6 channels do not make 4 equal groups.');
  for (const groups of [0, -2, 0.5]) expect(() => groupNorm("norm", 6, groups)).toThrow(`not make ${groups} equal`);
  expect(() => dropout("drop", 1)).toThrow('dropout "drop": the rate is 1, and has to be at least 0 and below 1.');
  for (const layer of [batchNorm("norm", 6), layerNorm("norm", 6), groupNorm("norm", 6, 2)]) {
    expect(() => layer.apply(ops.input("x", [2, 5, 5, 3]), usePass(2))).toThrow(
      '"norm" normalises 6 channels, and was given the shape [2,5,5,3].',
    );
  }
});
