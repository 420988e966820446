import { expect, test } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { readsTextures } from "../../src/kernels/choice.ts";
import { matmulProduct } from "../../src/kernels/matmul.ts";
import * as ops from "../../src/ops/public.ts";
import { isProduct, type Plan, rowBytes, slotBytes, textureBytes, texturesOf } from "../../src/plan/plan.ts";
import { execute } from "../../src/runtime/execute.ts";
import { needsOfStep } from "../../src/train/memory.ts";
import { drivers, engineDevice } from "../support/dawn.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";
import { always, convolution, hardware, products } from "../support/products.ts";

const lavapipe: DeviceProfile = { ...hardware, software: true, adapter: "llvmpipe", textures: true };

const operands = (name: string, a: readonly number[], b: readonly number[]) =>
  [ops.input(`${name} a`, a), ops.input(`${name} b`, b)] as const;

/** Every layout and kind of load; operands of several rows of a texture, of whole rows, and of fewer numbers than one row has. */
const outputs = {
  ...products(),
  ...convolution(),
  rows: ops.matmul(...operands("rows", [260, 68], [68, 16])),
  whole: ops.matmul(...operands("whole", [256, 64], [64, 4])),
  numbers: ops.matmul(...operands("numbers", [150, 37], [37, 5])),
  narrow: ops.matmul(...operands("narrow", [20, 40], [3, 40]), { transposeB: true }),
  last: ops.convTranspose2d(ops.input("last x", [4, 9, 9, 8]), ops.parameter("last w", [3, 3, 1, 8])),
  // An operand that lies somewhere in a buffer, after what was computed before.
  chain: ops.matmul(ops.tanh(ops.matmul(...operands("chain", [36, 40], [40, 68]))), ops.input("chain c", [68, 12])),
};

/** So many of these products; the others load little more than would be copied. */
const USED = 12;

for (const driver of drivers) {
  test(`products that read textures give the bytes of those that read buffers, on ${driver ?? "the default adapter"}`, async () => {
    const device = await engineDevice(driver);
    test.skip(!device?.profile.textures, "no Dawn adapter with readable storage textures");
    const graph = collect(outputs);
    const feeds = randomFeeds(graph.nodes, 7);
    const results = [];
    for (const textures of [true, false]) {
      const used: string[] = [];
      const profile = { ...device!.profile, software: true, adapter: "llvmpipe", textures };
      const plan = compile(graph, { profile, leaves: () => ({ buffer: { external: "" }, offset: 0 }) });
      for (const { kernel, bindings } of plan.dispatches.filter(isProduct)) {
        const read = bindings.map(({ texture }) => texture !== undefined);
        expect(read, kernel).toEqual(bindings.map((_, index) => read[0] && index < 2));
        if (read[0]) used.push(kernel);
      }
      expect(used.length).toBe(textures ? USED : 0);
      results.push(await execute({ ...device!, profile }, graph, { feeds }));
    }
    const want = interpret(graph, { feeds });
    for (const name of Object.keys(outputs)) {
      expect.soft(relativeError(results[0][name], want[name]), name).toBeLessThan(5e-6);
      expect.soft(results[0][name], name).toEqual(results[1][name]);
    }
  });
}

test("textures are for software adapters that name themselves, except SwiftShader, and not for 16-bit operands or very large ones", () => {
  const problem = { m: 64, n: 64, k: 64, transposeA: false, transposeB: false };
  const readsOn = (profile: DeviceProfile) =>
    readsTextures(matmulProduct({ ...problem, profile }), "subgroup", { a: true, b: true });
  expect(readsOn(lavapipe)).toBe(true);
  expect(readsOn({ ...lavapipe, adapter: "" })).toBe(true); // Firefox says no name
  expect(readsOn({ ...lavapipe, textures: false })).toBe(false);
  expect(readsOn({ ...lavapipe, adapter: "Google | SwiftShader Device (LLVM)" })).toBe(false);
  expect(readsOn({ ...hardware, textures: true })).toBe(false);
  const product = matmulProduct({ ...problem, profile: lavapipe });
  expect(readsTextures({ ...product, halves: { a: false, b: true } }, "subgroup", { a: true, b: true })).toBe(false);
  // Eight rows: what would be copied is loaded once.
  expect(
    readsTextures({ ...product, m: 8, elements: { ...product.elements, a: 512 } }, "subgroup", { a: true, b: true }),
  ).toBe(false);
  // 8192 rows of 4096 texels are the most that every device allows.
  const texels = 2 ** 25;
  const of = (a: number) => ({ ...product, m: a, elements: { ...product.elements, a } });
  expect(readsTextures(of(4 * texels), "subgroup", { a: true, b: true })).toBe(true);
  expect(readsTextures(of(4 * texels + 4), "subgroup", { a: true, b: true })).toBe(false);
  expect(readsTextures(of(texels + 1), "subgroup", { a: false, b: true })).toBe(false);
});

test("a plan has one texture of each format for each operand, as high as the largest, and they count as memory of a step", () => {
  const reading = (size: number, texture: "r32float" | "rgba32float") =>
    ({ buffer: { slot: 0 }, offset: 0, size, access: "read", texture }) as const;
  const dispatch = (bindings: Plan["dispatches"][number]["bindings"]) =>
    ({ bindings }) as unknown as Plan["dispatches"][number];
  const plan: Plan = {
    dispatches: [
      dispatch([reading(rowBytes("rgba32float") + 16, "rgba32float"), reading(32, "rgba32float")]),
      dispatch([reading(5 * rowBytes("rgba32float"), "rgba32float"), reading(32, "r32float")]),
      dispatch([{ buffer: { slot: 0 }, offset: 0, size: 64, access: "read" }]),
    ],
    slots: [1024],
    outputs: {},
  };
  expect(texturesOf(plan)).toEqual([
    { binding: 0, format: "rgba32float", height: 5 },
    { binding: 1, format: "rgba32float", height: 1 },
    { binding: 1, format: "r32float", height: 1 },
  ]);
  expect(textureBytes(plan)).toBe(6 * 65536 + 16384);
  expect(needsOfStep(plan).bytes).toBe(slotBytes(plan) + textureBytes(plan));
});

test("a tile reads textures as every variant of it reads buffers", async () => {
  const device = await engineDevice(drivers.at(-1));
  test.skip(!device?.profile.textures, "no Dawn adapter with readable storage textures");
  const graph = collect({ NN: outputs.NN, numbers: outputs.numbers, rows: outputs.rows, dx: outputs.dx });
  const feeds = randomFeeds(graph.nodes, 9);
  const want = interpret(graph, { feeds });
  for (const choice of ["register 4", "general 16"]) {
    const profile = { ...lavapipe, ...always(choice), software: true };
    const got = await execute({ ...device!, profile }, graph, { feeds });
    for (const name of Object.keys(want)) {
      expect.soft(relativeError(got[name], want[name]), `${choice} ${name}`).toBeLessThan(5e-6);
    }
  }
});
