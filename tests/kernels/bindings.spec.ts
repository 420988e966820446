import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { detectRaces, ResourceType, WgslReflect } from "wgsl_reflect/wgsl_reflect.module.js";
import { compile } from "../../src/compiler/compile.ts";
import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { defaultChoice, type ProductVariant } from "../../src/kernels/choice.ts";
import { linearGrid, MAX_WORKGROUPS } from "../../src/kernels/geometry.ts";
import { link } from "../../src/kernels/link.ts";
import { matmulProduct } from "../../src/kernels/matmul.ts";
import { pickField, pickRows } from "../../src/kernels/pick.ts";
import { productKernel } from "../../src/kernels/product-kernel.ts";
import { renderPoses } from "../../src/kernels/shapes.ts";
import { advanceState, updateRanges } from "../../src/kernels/update.ts";
import { DEFAULT_OPTIMIZER, optimizerConstants } from "../../src/nn/optimizers.ts";
import * as ops from "../../src/ops/public.ts";
import { externalBinding } from "../../src/plan/binding.ts";
import type { Binding, Dispatch } from "../../src/plan/plan.ts";
import { elementwiseMap } from "../../src/shaders/elementwise/map.generated.ts";
import { check } from "../support/numbers.ts";
import { shaderSources } from "../support/shaders.ts";

const profile: DeviceProfile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 };
const end = {
  metrics: externalBinding("metrics", 16, "read"),
  metricCount: 3,
  batchSize: 4,
  schedules: 2,
  tableRows: 5,
} as const;

/**
 * A training step's worth of generated kernels: maps and reductions, with and without noise, matmuls and convolutions
 * with epilogues, and every shader that is an op of its own.
 */
function generated(features: number, fuse = true): readonly Dispatch[] {
  const x = ops.input("x", [6, features]);
  const w = ops.parameter("w", [features, 8]);
  const h = ops.tanh(ops.add(ops.matmul(x, w), ops.parameter("b", [8])));
  const z = ops.reparameterise(h, ops.square(h), ops.normal("epsilon", [6, 8]));
  const y = ops.matmul(z, w, { transposeB: true });
  const loss = ops.mul(ops.mean(ops.bceWithLogits(y, x)), ops.schedule("klWeight"));
  const image = ops.relu(ops.add(ops.parameter("image", [2, 5, 6, features]), 1));
  const kernel = ops.parameter("kernel", [3, 3, features, 8]);
  const narrow = ops.parameter("narrow", [3, 3, features, 3]);
  const conv = ops.tanh(ops.conv2d(image, kernel, { stride: 2, padding: "same" }));
  const colours = ops.add(
    ops.conv2d(image, narrow, { stride: 2, padding: "same" }),
    ops.convTranspose2d(conv, ops.parameter("last", [3, 3, 1, 8]), { padding: "same" }),
  );
  const [dw, dimage, dkernel, dnarrow] = gradients(ops.add(loss, ops.sum(ops.square(colours))), [
    w,
    image,
    kernel,
    narrow,
  ]);
  const pooling = { kernel: 2, stride: 1, padding: "same" } as const;
  const resampled = ops.resizeBilinear(
    ops.add(ops.maxPool2d(image, pooling), ops.averagePool2d(image, pooling)),
    [7, 9],
  );
  const [dpooled] = gradients(ops.sum(ops.square(resampled)), [image]);
  const rows = ops.gather(w, ops.mul(2, ops.iota([5])));
  return compile(
    collect({
      dpooled,
      // The gradient of a gradient takes the shader that no gradient needs.
      ddpooled: gradients(ops.sum(ops.square(dpooled)), [image])[0],
      drows: gradients(ops.sum(ops.square(rows)), [w])[0],
      loss,
      dw,
      dimage,
      dkernel,
      dnarrow,
      top: ops.max(ops.exp(y), { axes: [0] }),
      turned: ops.tanh(ops.transpose(x)),
      largest: ops.topK(x, 3),
    }),
    {
      profile,
      fuse,
      schedules: ["klWeight"],
      leaves: (node) => ({ buffer: { external: node.name! }, offset: 0 }),
    },
  ).dispatches;
}

const faces: readonly Dispatch[] = [
  ...generated(12),
  ...generated(7),
  ...generated(12, false),
  renderPoses({ count: 3, size: 32, poseNumbers: 6 }),
  pickField({
    field: { size: 8, store: "u8", unit: 255 },
    shard: { buffer: "shard", bytes: 64, first: 0, count: 8 },
    into: "picked",
    batchSize: 4,
    shuffle: true,
    profile,
  }),
  pickRows({ batchSize: 4, shuffle: true }),
  ...updateRanges({
    arenaBytes: 2048,
    trained: [
      { from: 0, to: 512 },
      { from: 1024, to: 1280 },
    ],
    statistics: [{ from: 1536, to: 1792 }],
    loss: 0,
    rates: 1,
    end,
    last: true,
    optimizer: { rule: "adam", constants: optimizerConstants(DEFAULT_OPTIMIZER), clipNorm: 0 },
    profile,
  }),
  advanceState(end),
];

const read = new Map<string, WgslReflect>();

/** What a kernel declares, read once. */
function reflected(code: string): WgslReflect {
  let found = read.get(code);
  if (!found) read.set(code, (found = new WgslReflect(code)));
  return found;
}

/** Bindings as the WGSL declares them, in the order of their numbers. */
function declared(code: string): { number: number; name: string; access: Binding["access"] }[] {
  const [group = []] = reflected(code).getBindGroups();
  return group.map(({ binding, name, resourceType, access }) => ({
    number: binding,
    name,
    access: resourceType === ResourceType.Uniform ? "uniform" : (access as Binding["access"]),
  }));
}

test("the bindings of every kernel are those of its WGSL: count, order, access", () => {
  expect(new Set(faces.map(({ kernel }) => kernel))).toEqual(
    new Set([
      "matmul/subgroup",
      "matmul/general",
      "conv/forward/subgroup",
      "conv/forward/general",
      "conv/input_gradient/subgroup",
      "conv/input_gradient/general",
      "conv/input_gradient/narrow",
      "conv/filter_gradient/subgroup",
      "conv/filter_gradient/general",
      "pool/max",
      "pool/select",
      "pool/select_adjoint",
      "pool/average",
      "pool/average_adjoint",
      "resample/bilinear",
      "resample/bilinear_adjoint",
      "gather/gather",
      "gather/scatter_add",
      "select/rank",
      "elementwise/map",
      "reduce/reduce",
      "loops/together",
      "data/pick",
      "data/rows",
      "data/shapes",
      "optimizer/gradient_norm",
      "optimizer/update",
      "state/check",
      "state/advance",
    ]),
  );
  for (const { kernel, code, bindings } of faces) {
    expect(
      declared(code).map(({ number }) => number),
      kernel,
    ).toEqual(bindings.map((_, k) => k));
    expect(
      declared(code).map(({ access }) => access),
      kernel,
    ).toEqual(bindings.map(({ access }) => access));
  }
});

test("the buffers that the hand-written kernels name are bound in the order of their WGSL", () => {
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const others: Readonly<Record<string, string>> = { normPartials: "partials", schedules: "table" };
  for (const { kernel, code, bindings } of faces.slice(-7)) {
    const names = bindings.map(({ buffer }) => ("external" in buffer ? buffer.external : ""));
    expect(
      declared(code).map(({ name }) => name),
      kernel,
    ).toEqual(names.map((name) => others[name] ?? snake(name)));
  }
});

test("every constant that a kernel sets is an override of its WGSL, and none is left without a value", () => {
  for (const { kernel, code, constants } of faces) {
    const { overrides } = reflected(code);
    const names = overrides.map(({ name }) => name);
    expect(
      Object.keys(constants).filter((name) => !names.includes(name)),
      kernel,
    ).toEqual([]);
    const unset = [...code.matchAll(/^override (\w+)(?:: \w+)?;/gm)]
      .map(([, name]) => name)
      .filter((name) => !(name in constants));
    expect(unset, kernel).toEqual([]);
  }
});

test("every style of matmul binds A, B and C alike", () => {
  for (const variant of ["workgroup64", "subgroup", "register", "general"] satisfies ProductVariant[]) {
    const product = matmulProduct({ m: 8, n: 8, k: 8, transposeA: false, transposeB: false, profile });
    const { code } = productKernel(product, { choice: defaultChoice(product, variant) });
    expect(declared(code)).toEqual([
      { number: 0, name: "A", access: "read" },
      { number: 1, name: "B", access: "read" },
      { number: 2, name: "C", access: "read_write" },
    ]);
  }
});

test("a grid covers its items, stays within the limit, and wastes less than a row", () => {
  check(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.constantFrom(1, 4, 16, 64), (items, size) => {
      const [x, y, z] = linearGrid(items, size);
      const groups = Math.max(1, Math.ceil(items / size));
      const kept = (x <= MAX_WORKGROUPS && y <= MAX_WORKGROUPS) || groups > MAX_WORKGROUPS ** 2;
      return x * y >= groups && x * (y - 1) < groups && kept && z === 1;
    }),
    500,
  );
});

test("linking refuses a hook that does not exist", () => {
  expect(() => link(elementwiseMap, { prologue: "" })).toThrow('Shader elementwise/map.wgsl has no hook "prologue".');
});

const barrier = /\b(workgroupBarrier|storageBarrier|textureBarrier|workgroupUniformLoad)\b/;

/** Sums eight numbers in a workgroup's memory, as a tree. */
const tree = (afterStore: string) => `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
var<workgroup> part: array<f32, 8>;
@compute @workgroup_size(8) fn main(@builtin(local_invocation_index) i: u32) {
  part[i] = x[i];
  ${afterStore}
  for (var half = 4u; half > 0u; half = half / 2u) {
    if (i < half) { part[i] = part[i] + part[i + half]; }
    workgroupBarrier();
  }
  if (i == 0u) { y[0] = part[0]; }
}`;
const races = (code: string) =>
  detectRaces(code, "main", [1, 1, 1], { 0: { 0: new Float32Array(8), 1: new Float32Array(1) } });

test("only one kernel, whose races are looked for, has a barrier or workgroup memory, and none an atomic", () => {
  const shared = Object.entries(shaderSources).filter(
    ([, text]) => barrier.test(text) || /var<workgroup>|\batomic/.test(text),
  );
  expect(shared.map(([name]) => name)).toEqual(["matmul/workgroup.wgsl"]);
  expect(shared.filter(([, text]) => /\batomic/.test(text))).toEqual([]);
});

test("a missing barrier would be found", () => {
  expect(races(tree("workgroupBarrier();"))).toEqual({ races: [], errors: [] });
  expect(races(tree("")).races.length).toBeGreaterThan(0);
});
