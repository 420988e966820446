import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { permute } from "../../src/random/feistel.ts";
import type { Words2 } from "../../src/random/philox.ts";
import { dawnDevice, drivers, runShader } from "../support/dawn.ts";
import { shaderText } from "../support/shader-text.ts";

const order = (count: number, seed: Words2, epoch: number): number[] =>
  Array.from({ length: count }, (_, index) => permute(index, count, seed, epoch));

/** Pearson's statistic against equal shares, in standard deviations of its distribution about its mean. */
function unevenness(counts: readonly number[]): number {
  const share = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - share) ** 2 / share, 0);
  const freedom = counts.length - 1;
  return (chiSquare - freedom) / Math.sqrt(2 * freedom);
}

test("every count from 1 to 300 is permuted without repetition, in every epoch", () => {
  const wrong = Array.from({ length: 300 }, (_, k) => k + 1).filter((count) =>
    [0, 0xffffffff].some((epoch) => {
      const seen = new Set(order(count, [count, 5], epoch));
      return seen.size !== count || Math.max(...seen) !== count - 1;
    }),
  );
  expect(wrong).toEqual([]);
});

test("large counts are permuted without repetition, also just above a power of four", () => {
  for (const count of [4097, 60_000, 65_537, 262_145]) {
    const seen = new Uint8Array(count);
    for (let index = 0; index < count; index++) seen[permute(index, count, [1, 2], 3)]++;
    expect(seen.every((times) => times === 1)).toBe(true);
  }
});

test("the largest counts stay within range and do not collide", () => {
  for (const count of [2 ** 31, 2 ** 31 - 1, 2 ** 30 + 1]) {
    const values = Array.from({ length: 2000 }, (_, i) => permute(i * 500_000, count, [8, 9], 1));
    expect(new Set(values).size).toBe(values.length);
    expect(values.every((value) => value >= 0 && value < count)).toBe(true);
  }
});

test("an index beyond the count is taken as the last, and does not walk for ever", () => {
  for (const index of [50, 51, 2 ** 31]) expect(permute(index, 50, [9, 9], 4)).toBe(permute(49, 50, [9, 9], 4));
});

test("another epoch, seed word or count is another order", () => {
  const orders = [
    order(100, [1, 2], 0),
    order(100, [1, 2], 1),
    order(100, [2, 2], 0),
    order(100, [1, 3], 0),
    order(100, [2, 1], 0),
    order(101, [1, 2], 0),
  ];
  expect(new Set(orders.map((values) => values.join())).size).toBe(orders.length);
});

test("two and three elements take all their orders about equally often", () => {
  for (const [count, orders] of [
    [2, 2],
    [3, 6],
  ]) {
    const seen = new Map<string, number>();
    for (let epoch = 0; epoch < 6000; epoch++) {
      const key = order(count, [123, 456], epoch).join();
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(seen.size).toBe(orders);
    expect(unevenness([...seen.values()])).toBeLessThan(4);
  }
});

test("over the epochs the first element, the last and the step between neighbours are uniform", () => {
  for (const count of [50, 100, 1000, 60_000]) {
    const bins = { first: new Array(50).fill(0), last: new Array(50).fill(0), step: new Array(50).fill(0) };
    const binOf = (value: number) => Math.floor((value * 50) / count);
    for (let epoch = 0; epoch < 20_000; epoch++) {
      const first = permute(0, count, [9, 9], epoch);
      bins.first[binOf(first)]++;
      bins.last[binOf(permute(count - 1, count, [9, 9], epoch))]++;
      bins.step[binOf((permute(1, count, [9, 9], epoch) - first + count) % count)]++;
    }
    expect(unevenness(bins.first), `first of ${count}`).toBeLessThan(4);
    expect(unevenness(bins.last), `last of ${count}`).toBeLessThan(4);
    // A step of 0 cannot happen: with few elements its bin is short by that much.
    if (count >= 1000) expect(unevenness(bins.step), `step of ${count}`).toBeLessThan(4);
    else expect(unevenness(bins.step.slice(1)), `step of ${count}`).toBeLessThan(4);
  }
});

for (const driver of drivers) {
  test(`the shader equals the reference bit for bit on ${driver ?? "the default adapter"}`, async () => {
    const device = await dawnDevice(driver);
    test.skip(device === undefined, "no Dawn adapter");
    const wgsl = `${shaderText("lib/feistel.wgsl")}
struct Query { index: u32, count: u32, seed_low: u32, seed_high: u32, epoch: u32 }
@group(0) @binding(0) var<storage, read> queries: array<Query>;
@group(0) @binding(1) var<storage, read_write> values: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&queries)) {
    let q = queries[id.x];
    values[id.x] = permute(q.index, q.count, vec2u(q.seed_low, q.seed_high), q.epoch);
  }
}`;
    const word = fc.nat({ max: 0xffffffff });
    const sizes = fc.oneof(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.constant(2 ** 31),
    );
    const random = sizes.chain((count) => fc.tuple(fc.nat({ max: count - 1 }), fc.constant(count), word, word, word));
    const small = Array.from({ length: 40 }, (_, i) => i + 1).flatMap((count) =>
      Array.from({ length: count }, (_, index) => [index, count, 1, 2, 3]),
    );
    const beyond = [50, 51, 0xffffffff].map((index) => [index, 50, 9, 9, 4]);
    const queries = [...small, ...beyond, ...fc.sample(random, 2000)];
    const [, values] = await runShader(
      device!,
      wgsl,
      [Uint32Array.from(queries.flat()), new Uint32Array(queries.length)],
      Math.ceil(queries.length / 64),
    );
    expect([...values]).toEqual(
      queries.map(([index, count, low, high, epoch]) => permute(index, count, [low, high], epoch)),
    );
  });
}
