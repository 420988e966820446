import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { multiplyHigh, philox4x32, uniform, uniform4, type Words2, type Words4 } from "../../src/random/philox.ts";
import { dawnDevice, drivers, runShader } from "../support/dawn.ts";
import { shaderText } from "../support/shader-text.ts";

/** Published with Random123: counter, key, output. */
const knownAnswers: readonly { counter: Words4; key: Words2; output: Words4 }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], output: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    output: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    output: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];
const word = fc.nat({ max: 0xffffffff });
const edges = [0, 1, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffff0000, 0xfffffffe, 0xffffffff, 0xd2511f53];

/** Philox of many (counter, key) on the GPU. */
async function philoxOnGpu(device: GPUDevice, inputs: readonly { counter: Words4; key: Words2 }[]): Promise<Words4[]> {
  const wgsl = `${shaderText("lib/philox.wgsl")}
@group(0) @binding(0) var<storage, read> counters: array<vec4u>;
@group(0) @binding(1) var<storage, read> keys: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> words: array<vec4u>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&counters)) { words[id.x] = philox(counters[id.x], keys[id.x]); }
}`;
  const counters = Uint32Array.from(inputs.flatMap(({ counter }) => counter));
  const keys = Uint32Array.from(inputs.flatMap(({ key }) => key));
  const output = new Uint32Array(counters.length);
  const [, , words] = await runShader(device, wgsl, [counters, keys, output], Math.ceil(inputs.length / 64));
  return inputs.map((_, i) => [...words.subarray(4 * i, 4 * i + 4)] as unknown as Words4);
}

test("Philox4x32-10 gives the published known answers", () => {
  for (const { counter, key, output } of knownAnswers) expect(philox4x32(counter, key)).toEqual(output);
});

test("the high word of a product is exact for any two words", () => {
  const exact = (a: number, b: number) => Number((BigInt(a) * BigInt(b)) >> 32n);
  for (const a of edges) for (const b of edges) expect(multiplyHigh(a, b)).toBe(exact(a, b));
  fc.assert(fc.property(word, word, (a, b) => multiplyHigh(a, b) === exact(a, b)));
});

test("a uniform number lies strictly between 0 and 1 and is an f32", () => {
  const inside = (bits: number) => {
    const u = uniform(bits);
    return u > 0 && u < 1 && Math.fround(u) === u;
  };
  expect(edges.every(inside)).toBe(true);
  expect(uniform(0xffffffff)).toBe(1 - 2 ** -24);
  expect(uniform(0)).toBe(2 ** -24);
  fc.assert(fc.property(word, inside));
});

test("neighbouring elements, streams, steps and seeds never give the same block", () => {
  const seen = new Set<string>();
  let blocks = 0;
  for (let block = 0; block < 8; block++)
    for (let stream = 0; stream < 8; stream++)
      for (let step = 0; step < 8; step++)
        for (let seed = 0; seed < 4; seed++) {
          seen.add(philox4x32([block, stream, step, 0], [seed, 0]).join());
          seen.add(philox4x32([block, stream, 0, step + 1], [0, seed + 1]).join());
          blocks += 2;
        }
  expect(seen.size).toBe(blocks);
});

for (const driver of drivers) {
  test.describe(`shaders/lib/philox.wgsl on ${driver ?? "the default adapter"}`, () => {
    test("Philox gives the published known answers", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      expect(await philoxOnGpu(device!, knownAnswers)).toEqual(knownAnswers.map(({ output }) => output));
    });

    test("Philox equals the reference on 1000 random counters and keys, bit for bit", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const inputs = fc.sample(
        fc.record({ counter: fc.tuple(word, word, word, word), key: fc.tuple(word, word) }),
        1000,
      );
      const expected = inputs.map(({ counter, key }) => philox4x32(counter, key));
      expect(await philoxOnGpu(device!, inputs)).toEqual(expected);
    });

    test("the wide product is exact at the edges, 0xffffffff squared among them", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const wgsl = `${shaderText("lib/philox.wgsl")}
@group(0) @binding(0) var<storage, read> pairs: array<vec2u>;
@group(0) @binding(1) var<storage, read_write> products: array<vec2u>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&pairs)) { products[id.x] = multiply_wide(pairs[id.x].x, pairs[id.x].y); }
}`;
      const pairs = edges.flatMap((a) => edges.map((b) => [a, b]));
      const [, products] = await runShader(
        device!,
        wgsl,
        [Uint32Array.from(pairs.flat()), new Uint32Array(2 * pairs.length)],
        Math.ceil(pairs.length / 64),
      );
      const exact = pairs.flatMap(([a, b]) => {
        const product = BigInt(a) * BigInt(b);
        return [Number(product >> 32n), Number(product & 0xffffffffn)];
      });
      expect([...products]).toEqual(exact);
    });

    test("uniform numbers equal the reference exactly", async () => {
      const device = await dawnDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const wgsl = `${shaderText("lib/philox.wgsl")}
@group(0) @binding(0) var<storage, read> words: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> numbers: array<vec4f>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&words)) { numbers[id.x] = uniform4(words[id.x]); }
}`;
      const blocks = [edges.slice(0, 4), edges.slice(4, 8), ...fc.sample(fc.tuple(word, word, word, word), 500)];
      const words = Uint32Array.from(blocks.flat());
      const [, numbers] = await runShader(
        device!,
        wgsl,
        [words, new Float32Array(words.length)],
        Math.ceil(blocks.length / 64),
      );
      expect([...numbers]).toEqual(blocks.flatMap((four) => uniform4(four as unknown as Words4)));
    });
  });
}
