import { expect } from "@playwright/test";
import { compile, type Precision, prepare } from "../../src/compiler/compile.ts";
import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, type Graph } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import * as ops from "../../src/ops/public.ts";
import { slotBytes } from "../../src/plan/plan.ts";
import { execute } from "../../src/runtime/execute.ts";
import { test } from "../support/adapters.ts";
import { drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { randomFeeds, relativeError } from "../support/numbers.ts";
import { patterns, sharedDevice, tinyOptions, tinyVae, withTrainer } from "../support/training.ts";

const profile: DeviceProfile = {
  software: true,
  subgroups: true,
  f16: true,
  reductionThreads: 64,
  reductionSteps: 64,
};
const planOf = (graph: Graph, precision: Precision, on = profile) =>
  compile(graph, { profile: on, precision, leaves: ({ name }) => ({ buffer: { external: name! }, offset: 0 }) });

/** Two dense layers of the given widths with bias and relu, and their gradients. */
function network([inputs, hidden, outputs]: readonly number[], batch = 12): Graph {
  const x = ops.input("x", [batch, inputs]);
  const [w, v] = [ops.parameter("w", [inputs, hidden]), ops.parameter("v", [hidden, outputs])];
  const bias = ops.parameter("bias", [hidden]);
  const y = ops.matmul(ops.relu(ops.add(ops.matmul(x, w), bias)), v);
  const [dw, dv, dbias] = gradients(ops.mean(ops.square(ops.sub(y, 0.3))), [w, v, bias]);
  return collect({ y, dw, dv, dbias });
}

/** A convolution with padding; a transposed one to three channels and its kernel's gradient; products of a batch. */
function images(): Graph {
  const x = ops.input("x", [2, 6, 5, 8]);
  const [w, v] = [ops.parameter("w", [3, 3, 8, 12]), ops.parameter("v", [3, 3, 3, 12])];
  const h = ops.tanh(ops.conv2d(x, w, { stride: 2, padding: "same" }));
  const y = ops.convTranspose2d(h, v, { stride: 2, padding: "same" });
  const [dv] = gradients(ops.mean(ops.square(ops.sub(y, 0.3))), [v]);
  const scores = ops.matmul(ops.exp(ops.input("q", [2, 7, 8])), ops.input("k", [2, 12, 8]), { transposeB: true });
  return collect({ y, dv, scores: ops.exp(ops.mul(scores, 0.1)) });
}

for (const driver of drivers) {
  const cases = { "single numbers": network([7, 9, 5]), "vec4f, images": images() };
  for (const [what, graph] of Object.entries(cases)) {
    test(`sums of 16-bit operands are f32: ${what} on ${driver ?? "the default adapter"}`, async () => {
      const device = await sharedDevice(driver);
      test.skip(!device.profile.f16, "the adapter has no shader-f16");
      test.skip(what === "single numbers" && !long, onlyLong);
      const feeds = randomFeeds(graph.nodes, 4);
      const rounded = interpret(prepare(graph, { profile, precision: "f16" }), { feeds });
      const exact = interpret(graph, { feeds });
      const got = await execute(device, graph, { feeds, precision: "f16" });
      for (const name of Object.keys(graph.outputs)) {
        // A sum that rounds the other way on its way to memory moves by 2⁻¹¹ of itself.
        expect.soft(relativeError(got[name], rounded[name]), name).toBeLessThan(2e-5);
        expect.soft(relativeError(got[name], exact[name]), name).toBeLessThan(4e-3);
        expect.soft(relativeError(got[name], exact[name]), name).toBeGreaterThan(1e-6);
      }
    });
  }

  test(`an overflow of 16 bits ends a run in words, and the weights survive: ${driver ?? "default"} adapter`, async () => {
    test.skip(!long, onlyLong);
    const device = await sharedDevice(driver);
    test.skip(!device.profile.f16, "the adapter has no shader-f16");
    const options = tinyOptions(patterns(37, 11, [4, 4, 1]), { precision: "f16" });
    await withTrainer(device, tinyVae(), options, async (trainer) => {
      await trainer.train(3, () => {});
      const { parameters, ...rest } = await trainer.snapshot();
      expect(parameters.every(Number.isFinite)).toBe(true);
      // Codes of some 1e5: f32 would go on.
      const large = parameters.map((value, k) => (k < 60 ? -1e5 * Math.abs(value) - 1e4 : value));
      trainer.restore({ parameters: large, ...rest });
      const error = await trainer.train(5, () => {}).catch((thrown: unknown) => thrown);
      expect((error as Error).message).toMatch(
        /not finite at step 4; the first bad value was half \[8, 2\].*computed from reparam.*or precision f32: 16-bit floats end at 65504\.$/,
      );
      expect((await trainer.snapshot()).parameters).toEqual(large);
    });
  });
}

test("activations are stored in 16 bits by the products that compute them: no kernel is added for them", () => {
  const graph = network([64, 128, 32], 64);
  const [full, halved] = [planOf(graph, "f32"), planOf(graph, "f16")];
  // w, v and x are rounded, each once and all in one launch; x's rounding and its product's operand are one loop.
  const added = halved.dispatches.length - full.dispatches.length;
  expect(added).toBe(1);
  const bytes = (plan: typeof full) =>
    plan.dispatches.filter(({ kernel }) => kernel.startsWith("matmul/")).reduce((sum, d) => sum + d.bytes, 0);
  expect(bytes(halved)).toBeLessThan(0.75 * bytes(full));
  const [first] = halved.dispatches.filter(({ kernel }) => kernel.startsWith("matmul/"));
  expect(first.label).toBe("half[64,128]");
  expect(first.code).toContain("alias MatrixC = array<vec4<f16>, 2048>;");
});

test("padded images are stored in 16 bits, and what several convolutions read is padded once", () => {
  const plan = planOf(images(), "f16");
  const padded = plan.dispatches.filter(({ label }) => label.split("; ").includes("half[2,7,7,8]"));
  expect(padded).toHaveLength(1);
  expect(padded[0].code).toMatch(/out0(_\d)?: array<vec4<f16>, 196>/);
  expect(slotBytes(plan)).toBeLessThan(slotBytes(planOf(images(), "f32")) * 1.2);
});

test("in f32 no graph changes, and a rounding of one's own is stored in full where there is nothing else", () => {
  const graph = network([16, 20, 8]);
  expect(planOf(graph, "f32")).toEqual(planOf(graph, "f32", { ...profile, f16: false }));
  const own = collect({ y: ops.matmul(ops.half(ops.input("a", [4, 8])), ops.input("b", [8, 4])) });
  const codes = (f16: boolean) => planOf(own, "f32", { ...profile, f16 }).dispatches.map(({ code }) => code);
  expect(codes(true).every((code) => code.startsWith("enable f16;\n"))).toBe(true);
  expect(codes(false).some((code) => code.includes("f16>") || code.includes("enable f16"))).toBe(false);
});
