import { expect } from "@playwright/test";
import { prepare } from "../../src/compiler/compile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { driverAdapters, test } from "../support/adapters.ts";
import { largestError, randomNumbers } from "../support/numbers.ts";

const smallest = 2 ** -24;

/** Ties to even of normal and subnormal numbers, the ends of the range, and random bits. */
const values = (() => {
  const next = randomNumbers(11);
  const chosen = [
    ...[0, 1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 2049, 2051, 0.1, 1 / 3],
    ...[smallest, smallest / 2, 0.6 * smallest, 1.5 * smallest, 2.5 * smallest, 2 ** -14, 2 ** -14 - smallest / 2],
    ...[65_504, 65_519.99, 1e-30],
  ];
  const random = Array.from({ length: 64 - chosen.length }, () => 2 ** (44 * next() - 28) * (1 + next()));
  return Float32Array.from([...chosen, ...random].flatMap((value) => [value, -value]));
})();

const x = ops.input("x", [128]);

test("half rounds as IEEE 754 does: known values", () => {
  const known = [
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [2049, 2048],
    [2051, 2052],
    [0.1, 0.0999755859375],
    [smallest / 2, 0],
    [1.5 * smallest, 2 * smallest],
    [2.5 * smallest, 2 * smallest],
    [2 ** -14 - smallest / 2, 2 ** -14],
    [-65_519.99, -65_504],
    [65_520, Number.NaN],
    [Number.NEGATIVE_INFINITY, Number.NaN],
  ];
  const y = ops.half(ops.input("x", [known.length]));
  const result = interpret(collect({ y }), { feeds: { x: known.map(([from]) => from) } });
  expect([...result.y]).toEqual(known.map(([, to]) => to));
});

test("a gradient passes through half unchanged", () => {
  const [dx] = gradients(ops.sum(ops.mul(3, ops.half(x))), [x]);
  expect([...interpret(collect({ dx }), { feeds: { x: values } }).dx]).toEqual(Array(128).fill(3));
});

for (const name of driverAdapters) {
  test(`half is the nearest 16-bit float to the bit, in registers and in memory: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const y = ops.half(x);
    // A product by the unit matrix reads what was stored.
    const stored = ops.matmul(ops.half(ops.reshape(x, [8, 16])), ops.input("unit", [16, 16]));
    const unit = Float32Array.from({ length: 256 }, (_, k) => Number(k % 17 === 0));
    const graph = collect({ y, stored });
    const got = await run(graph, { feeds: { x: values, unit } });
    const want = interpret(graph, { feeds: { x: values, unit } });
    expect(largestError(got.y, want.y)).toBe(0);
    // Where subnormals are flushed in conversions, as WGSL allows, they are off by themselves.
    expect(largestError(got.stored, want.stored)).toBeLessThan(2 ** -14);
    const normal = got.stored.map((value, i) => (Math.abs(want.stored[i]) < 2 ** -14 ? 0 : value - want.stored[i]));
    expect([...normal].every((error) => error === 0)).toBe(true);
  });

  test(`what does not fit 16 bits is NaN, and no activation hides it: ${name}`, async ({ adapters }) => {
    const run = await adapters.open(name);
    const large = ops.input("large", [4, 4]);
    const product = ops.matmul(ops.half(large), ops.input("unit", [4, 4]));
    const feeds = { large: Array(16).fill(-65_520), unit: Array.from({ length: 16 }, (_, k) => Number(k % 5 === 0)) };
    const got = await run(collect({ y: ops.relu(product), z: ops.half(large) }), { feeds });
    expect([...got.y, ...got.z].every(Number.isNaN)).toBe(true);
  });
}

test("16-bit precision is refused in words where the device has none", () => {
  const profile = { software: true, subgroups: false, reductionThreads: 64, reductionSteps: 64 };
  expect(() => prepare(collect({ x }), { profile, precision: "f16" })).toThrow(
    "The precision is f16, and this adapter has no 16-bit floats (WebGPU's feature shader-f16): use f32.",
  );
});
