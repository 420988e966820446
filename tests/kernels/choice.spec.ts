import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { type DeviceProfile, keepsLoops } from "../../src/gpu/profile.ts";
import { productChoices } from "../../src/kernels/candidates.ts";
import {
  chooseProduct,
  defaultChoice,
  parseChoice,
  printChoice,
  productClass,
  productName,
  productVariants,
  TILES,
} from "../../src/kernels/choice.ts";
import { matmulProduct } from "../../src/kernels/matmul.ts";
import { shippedChoices } from "../../src/kernels/tuned.ts";
import { long } from "../support/long.ts";

const software: DeviceProfile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 };
const gpu: DeviceProfile = { software: false, subgroups: true, reductionThreads: 8192, reductionSteps: 8 };

const product = (profile: DeviceProfile, extents: Partial<Parameters<typeof matmulProduct>[0]> = {}) =>
  matmulProduct({ m: 784, k: 1000, n: 400, transposeA: true, transposeB: false, sliceable: true, profile, ...extents });

test("a class counts extents to the nearest power of two, a name counts them exactly", () => {
  expect(productName(product(software))).toBe("matmul TN 784x1000x400 in slices");
  expect(productClass(product(software))).toBe("matmul TN 1024x1024x512 in slices");
  expect(productName(product(software, { transposeA: false, k: 7, sliceable: false }))).toBe(
    "matmul NN 784x7x400 A by element",
  );
});

test("tables are asked in their order, each by name before class, and the default comes last", () => {
  const [name, kind] = [productName(product(software)), productClass(product(software))];
  const choose = (...choices: NonNullable<DeviceProfile["choices"]>) =>
    chooseProduct(product({ ...software, choices }));
  const [pinned, tuned] = (["pinned", "tuned"] as const).map((source) => ({
    source,
    entries: {} as Record<string, string>,
  }));
  expect(choose(pinned, tuned)).toEqual(defaultChoice(product(software), "subgroup"));
  expect(choose(pinned, { ...tuned, entries: { [kind]: "general 16" } })).toMatchObject({
    variant: "general",
    source: "tuned",
  });
  expect(
    choose(
      { ...pinned, entries: { [name]: "register 4 / 2", [kind]: "general 8" } },
      { ...tuned, entries: { [kind]: "general 16" } },
    ),
  ).toEqual({ variant: "register", workgroup: 4, slices: 2, source: "pinned" });
});

test("a choice that does not fit a product of the class passes to the next table, and slices are kept within bounds", () => {
  const choices = [
    { source: "pinned", entries: { "matmul TN 1024x1024x512 in slices": "subgroup 8" } },
    { source: "tuned", entries: { "matmul TN 1024x1024x512 in slices": "register 4 / 64" } },
  ] as const;
  const without = product({ ...software, subgroups: false, choices });
  expect(chooseProduct(without)).toEqual({ variant: "register", workgroup: 4, slices: 3, source: "tuned" });
});

test("candidates are few, can all compute the product, and begin with what is chosen now", () => {
  const extent = fc.integer({ min: 1, max: 3000 });
  fc.assert(
    fc.property(
      extent,
      extent,
      extent,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(software, gpu),
      (m, k, n, transposeA, sliceable, profile) => {
        const some = product(profile, { m, k, n, transposeA, sliceable });
        const choices = productChoices(some);
        expect(printChoice(choices[0])).toBe(printChoice(chooseProduct(some)));
        // Five variants, two other numbers of slices, three other workgroups.
        expect(choices.length).toBeLessThanOrEqual(10);
        const texts = choices.map(printChoice);
        expect(new Set(texts).size).toBe(texts.length);
        for (const variant of productVariants(some)) expect(choices.map((choice) => choice.variant)).toContain(variant);
        const all = productChoices(some, { exhaustive: true }).map(printChoice);
        for (const choice of choices) {
          expect(productVariants(some)).toContain(choice.variant);
          expect(choice.workgroup % TILES[choice.variant].team).toBe(0);
          expect(sliceable || choice.slices === 1).toBe(true);
          expect(parseChoice(printChoice(choice))).toMatchObject({
            variant: choice.variant,
            workgroup: choice.workgroup,
            slices: choice.slices,
          });
          if (choice.slices <= 4) expect(all).toContain(printChoice(choice));
        }
      },
    ),
    { numRuns: long ? 100 : 20 },
  );
});

test("the first candidate says whose choice it is, though it is a candidate anyway", () => {
  const entries = { [productClass(product(software))]: printChoice(defaultChoice(product(software), "register")) };
  const [first, ...others] = productChoices(product({ ...software, choices: [{ source: "tuned", entries }] }));
  expect(first).toMatchObject({ variant: "register", source: "tuned" });
  expect(others.map(({ source }) => source)).toEqual(others.map(() => undefined));
});

test("every shipped choice is one, and is for an adapter of its own", () => {
  for (const adapter of [
    "google | swiftshader |  | ",
    "mesa | software | llvmpipe-llvm-15-0-6-256-bits- | llvmpipe: Mesa 25",
    "mesa | software | llvmpipe-llvm-15-0-6-128-bits- | llvmpipe: Mesa 25",
  ]) {
    expect(shippedChoices(adapter)).not.toEqual({});
    for (const [name, text] of Object.entries(shippedChoices(adapter))) {
      expect(name).toMatch(/^(matmul (NN|TN|NT)|conv\/\w+) \d+x\d+x\d+/);
      expect(printChoice(parseChoice(text))).toBe(text);
    }
  }
  expect(shippedChoices("")).toEqual({});
});

test("software adapters keep their loops, but for SwiftShader and those that nothing is known of", () => {
  const lavapipe = { ...software, adapter: "mesa llvmpipe (LLVM 19.1.7, 256 bits)" };
  const swiftShader = { ...software, adapter: "google SwiftShader Device" };
  const inFirefox = { ...software, adapter: " |  |  | " };
  const adapters = [lavapipe, inFirefox, swiftShader, software, { ...gpu, adapter: "llvmpipe" }];
  expect(adapters.map(keepsLoops)).toEqual([true, true, false, false, false]);
});
