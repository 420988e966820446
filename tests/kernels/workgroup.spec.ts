import { expect, test } from "@playwright/test";
import { loadReflect } from "../../src/bench/reflect.ts";
import { compile } from "../../src/compiler/compile.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { defaultChoice, printChoice, productVariants } from "../../src/kernels/choice.ts";
import { matmulProduct } from "../../src/kernels/matmul.ts";
import { productKernel } from "../../src/kernels/product-kernel.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { execute } from "../../src/runtime/execute.ts";
import { engineDevice, quickDrivers } from "../support/dawn.ts";
import { long } from "../support/long.ts";
import { randomFeeds, randomNumbers, relativeError } from "../support/numbers.ts";
import { always, convolution, hardware, products } from "../support/products.ts";

const [{ NN, TN, NT }, { y, dx, dw, long: sliced }] = [products(), convolution()];
// Of three layouts the quick suite has two with tiles of 64, and that of a filter's gradient, which is the third, with tiles of 32.
const cases: Readonly<Record<string, readonly [choice: string, outputs: Readonly<Record<string, Node>>]>> = {
  "products with tiles of 64": ["workgroup64 64", { NN, NT, ...(long && { TN }) }],
  "a convolution with tiles of 32, and a sum in slices": ["workgroup32 64 / 2", { y, dw, sliced, ...(long && { dx }) }],
};
// lavapipe takes seven seconds to compile a kernel with tiles of 64, SwiftShader one.
for (const driver of quickDrivers) {
  for (const [what, [choice, outputs]] of Object.entries(cases)) {
    test(`tiles in workgroup memory, ${what}, agree with float64 on ${driver ?? "the default adapter"}`, async () => {
      const device = await engineDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const graph = collect(outputs);
      const feeds = randomFeeds(graph.nodes, 3);
      const profile = always(choice);
      const leaves = () => ({ buffer: { external: "" }, offset: 0 });
      const kernels = compile(graph, { profile, leaves }).dispatches.map(({ kernel }) => kernel);
      expect(kernels.filter((kernel) => kernel.endsWith(choice.split(" ")[0]))).toHaveLength(
        Object.keys(outputs).length,
      );
      const got = await execute({ ...device!, profile }, graph, { feeds });
      const want = interpret(graph, { feeds });
      for (const name of Object.keys(outputs)) {
        expect.soft(relativeError(got[name], want[name]), name).toBeLessThan(5e-6);
      }
    });
  }
}

/** The text with its overrides as constants: wgsl_reflect computes overrides before their values are set. */
const specialised = (code: string, constants: Readonly<Record<string, number>>) =>
  code.replace(/^override (\w+): (\w+)(?: = (.*))?;/gm, (_, name: string, type: string, value: string) => {
    const given = name in constants ? (type === "bool" ? `${constants[name] !== 0}` : `${constants[name]}u`) : value;
    return `const ${name}: ${type} = ${given};`;
  });

/** One workgroup's product in wgsl_reflect's interpreter, which watches every access to workgroup memory. */
async function races(variant: "workgroup64" | "workgroup32", edit = (code: string) => code) {
  // So many k that the walk takes two turns, the second of them shorter.
  const [m, k, n] = [32, variant === "workgroup64" ? 24 : 40, 32];
  const product = matmulProduct({ m, k, n, transposeA: false, transposeB: false, profile: hardware });
  const { code, launches } = productKernel(product, { choice: { variant, workgroup: 64, slices: 1 } });
  const [{ constants }] = launches;
  const next = randomNumbers(1);
  const a = Float32Array.from({ length: m * k }, () => next());
  const b = Float32Array.from({ length: k * n }, () => next());
  const c = new Float32Array(m * n);
  const { detectRaces } = await loadReflect();
  const found = detectRaces(edit(specialised(code, constants)), "main", [1, 1, 1], { 0: { 0: a, 1: b, 2: c } });
  const want = interpret(collect({ c: ops.matmul(ops.input("a", [m, k]), ops.input("b", [k, n])) }), {
    feeds: { a, b },
  });
  return { ...found, error: relativeError(c, want.c) };
}

// They are one shader with other constants.
for (const variant of long ? (["workgroup64", "workgroup32"] as const) : (["workgroup32"] as const)) {
  test(`no access of ${variant} to workgroup memory races; with either barrier left out, one does`, async () => {
    const found = await races(variant);
    expect([found.races, found.errors]).toEqual([[], []]);
    expect(found.error).toBeLessThan(1e-5);
    for (const which of [0, 1]) {
      let seen = 0;
      const without = (code: string) =>
        code.replace(/workgroupBarrier\(\);/g, (text) => (seen++ === which ? "" : text));
      expect((await races(variant, without)).races.length, `barrier ${which}`).toBeGreaterThan(0);
    }
  });
}

const choiceOf = (m: number, k: number, n: number, profile = hardware) => {
  const product = matmulProduct({ m, k, n, transposeA: false, transposeB: false, profile, sliceable: true });
  return printChoice(defaultChoice(product, productVariants(product)[0]));
};

test("hardware gets tiles in workgroup memory where a product is large, and small ones where there would be few", () => {
  expect(choiceOf(1024, 1024, 1024)).toBe("workgroup64 64");
  expect(choiceOf(128, 784, 400)).toBe("workgroup32 64 / 3");
  expect(choiceOf(128, 20, 400)).toBe("workgroup32 64");
  expect(choiceOf(128, 400, 40)).toBe("subgroup 64");
  expect(choiceOf(128, 400, 41)).toBe("general 64");
});

test("a software adapter is never offered workgroup memory", () => {
  const profile = { ...hardware, software: true, choices: always("workgroup64 64").choices };
  const product = matmulProduct({ m: 2048, k: 64, n: 2048, transposeA: false, transposeB: false, profile });
  expect(productVariants(product)).toEqual(["subgroup", "register", "general"]);
  expect(productKernel(product).kernel).toBe("matmul/subgroup");
});
