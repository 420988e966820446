import { expect, test } from "@playwright/test";
import { pixels, type Split, vector } from "../../src/data/dataset.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { type Scaling, scalings } from "../../src/nn/scaling.ts";
import * as ops from "../../src/ops/public.ts";

/** What a scaling that was fitted to these examples makes of others. */
function scaled(
  scaling: Scaling,
  examples: Split,
  fields: { readonly x: ReturnType<typeof vector> },
  others: number[],
) {
  const x = ops.input("x", [others.length / 3, 3]);
  const y = scaling.apply(x);
  const fitted = scaling.parameters.map(({ name, fit }) => [name, fit!(examples, fields)] as const);
  const feeds = { x: others, ...Object.fromEntries(fitted) };
  const { y: there, back } = interpret(collect({ y, back: scaling.undo(y) }), { feeds });
  return { there: [...there], back: [...back] };
}

const fields = { x: vector(3) };
/** Columns 0, 2, 4 and 10, 10, 10 and −2, 0, 2. */
const examples: Split = { count: 3, values: { x: Float32Array.of(0, 10, -2, 2, 10, 0, 4, 10, 2) } };
const others = [4, 10, 0, 16, 11, -8];

test("a range becomes 0..1, one for all numbers, and what lies outside is not cut off", () => {
  const { there, back } = scaled(scalings.range(vector(3)), examples, fields, others);
  expect(there).toEqual([6 / 12, 12 / 12, 2 / 12, 18 / 12, 13 / 12, -6 / 12]);
  expect(back).toEqual(others);
});

test("standard numbers have mean 0 and variance 1 in each column; one that never varies is only shifted", () => {
  const standard = scalings.standard(vector(3));
  const deviation = Math.fround(Math.sqrt(8 / 3));
  const { there, back } = scaled(standard, examples, fields, others);
  expect(there).toEqual([2 / deviation, 0, 0, 14 / deviation, 1, -8 / deviation]);
  for (const [k, value] of back.entries()) expect(value).toBeCloseTo(others[k], 12);
  expect(standard.parameters.map(({ name, shape, trained }) => [name, [...shape], trained])).toEqual([
    ["scaling.shift", [3], false],
    ["scaling.scale", [3], false],
  ]);
});

test("bytes are fitted as the values that they stand for", () => {
  const x = pixels([3]);
  const [shift, scale] = scalings.range(x).parameters;
  const split: Split = { count: 1, values: { x: Uint8Array.of(0, 51, 102) } };
  expect([...shift.fit!(split, { x }), ...scale.fit!(split, { x })]).toEqual([0, Math.fround(102 / 255)]);
});
