import { expect, test } from "@playwright/test";
import { benchmark } from "../../src/bench/benchmark.ts";
import { defineKernel, type KernelSpec } from "../../src/bench/kernel.ts";
import type { KernelResult } from "../../src/bench/report.ts";
import { drivers, engineDevice, quickDrivers } from "../support/dawn.ts";
import { hurried } from "../support/hurried.ts";
import { HANG_SECONDS } from "../support/long.ts";

const scale = (body: string, type = "array<f32>"): string => `
@group(0) @binding(0) var<storage, read> x: ${type};
@group(0) @binding(1) var<storage, read_write> y: ${type};
override FACTOR: f32 = 2.0;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { let i = id.x; ${body} }`;

const doubling: KernelSpec = {
  name: "doubling",
  code: scale("if (i < arrayLength(&y)) { y[i] = FACTOR * x[i]; }"),
  workgroups: [2, 1, 1],
  buffers: {
    x: { type: "f32", shape: 100, fill: "iota" },
    y: { type: "f32", shape: [10, 10], fill: "zeros" },
  },
  flops: 100,
  reference: ({ x }) => ({ y: Float64Array.from(x, (value) => 2 * value) }),
};

/** A sum of 64 numbers in workgroup memory; `barrier` stands between its rounds. */
const tree = (barrier: string): KernelSpec => ({
  name: "tree",
  code: `
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> sizes: vec4u;
var<workgroup> part: array<f32, 64>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32, @builtin(workgroup_id) group: vec3u) {
  part[i] = x[group.x * sizes.x + i];
  ${barrier}
  for (var k = 32u; k > 0u; k /= 2u) {
    if (i < k) { part[i] += part[i + k]; }
    ${barrier}
  }
  if (i == 0u) { y[group.x] = part[0]; }
}`,
  workgroups: [4, 1, 1],
  buffers: {
    x: { type: "f32", shape: 256, fill: "iota" },
    y: { type: "f32", shape: 4, fill: "zeros" },
    sizes: { type: "u32", shape: 4, fill: [64, 0, 0, 0] },
  },
  reference: ({ x }) => ({
    y: [0, 1, 2, 3].map((group) => [...x.slice(64 * group, 64 * group + 64)].reduce((sum, value) => sum + value, 0)),
  }),
});

const run: typeof benchmark = (...of) => hurried(() => benchmark(...of));

/** No launch is given up for being slow. */
const options = { rounds: 1, timeoutSeconds: HANG_SECONDS };

const beyond = (type: string): KernelSpec => ({ ...doubling, code: scale("y[i] = FACTOR * x[min(i, 99u)];", type) });
const barriers = tree("workgroupBarrier();");

const specs = {
  right: doubling,
  beyond: beyond("array<f32>"),
  "beyond a sized array": beyond("array<f32, 100>"),
  "far beyond": {
    ...doubling,
    code: scale("if (i < 99u) { y[i] = FACTOR * x[i]; } else { y[i + 1000000000u] = 1.0; }"),
    reference: undefined,
  },
  "reading beyond": { ...doubling, code: scale("if (i < 100u) { y[i] = x[i + 1u]; }"), reference: undefined },
  broken: { ...doubling, code: scale("y[i] = no_such_function(x[i]);") },
  large: { ...doubling, code: doubling.code.replace("(64)", "(4096)") },
  "after broken ones": doubling,
  other: { ...doubling, constants: { FACTOR: 2.01 } },
  barriers,
  "barriers and a function": {
    ...barriers,
    code: `fn place(k: u32) -> u32 { return k; }${barriers.code.replace("part[i] =", "let own = place(i); part[own] =")}`,
  },
  "no barrier": tree(""),
  "too many workgroups": { ...doubling, workgroups: [70_000, 1, 1] },
  race: {
    ...doubling,
    code: `${scale("atomicAdd(&count, 1u); y[0] = f32(i);")}\nvar<workgroup> count: atomic<u32>;`,
    reference: undefined,
  },
} satisfies Record<string, KernelSpec>;

for (const driver of quickDrivers) {
  test.describe(`a user's kernel on ${driver ?? "the default adapter"}`, () => {
    let results: Record<keyof typeof specs, KernelResult>;
    test.beforeAll(async () => {
      const device = await engineDevice(driver);
      test.skip(device === undefined, "no Dawn adapter");
      const kernels = await Promise.all(Object.values<KernelSpec>(specs).map((spec) => defineKernel(spec)));
      const report = await run(device!, kernels, options);
      expect(report.adapterName.endsWith("(software, no GPU)")).toBe(report.adapter.fallback);
      results = Object.fromEntries(Object.keys(specs).map((name, k) => [name, report.kernels[k]])) as typeof results;
    });
    const said = ({ status, problem, notes }: KernelResult) => `${status}: ${problem} ${notes}`;

    test("that is right is checked against its reference and timed against the ceilings", () => {
      const { right } = results;
      expect(right).toMatchObject({
        kernel: "doubling",
        status: "ok",
        maxRelativeError: 0,
        flops: 100,
        bytes: 800,
        notes: [],
      });
      expect(right.time!.median).toBeGreaterThan(0);
      expect(right.time!.roofline).toBeGreaterThan(0);
      expect(right.time!.bound).toBe("copy");
    });

    test("that writes just beyond a buffer's end is caught in runtime-sized and in sized arrays", () => {
      for (const name of ["beyond", "beyond a sized array"] as const) {
        expect(said(results[name])).toMatch(
          /^wrong: It writes outside its buffers: 0 bytes beyond the end of y, which has 100 elements/,
        );
      }
    });

    test("that writes far beyond a buffer's end is caught where the adapter moves such writes inside", () => {
      test.skip(driver !== "swiftshader", "other adapters drop them");
      expect(said(results["far beyond"])).toMatch(/^wrong: It writes outside its buffers: far beyond the end of y/);
    });

    test("that reads beyond a buffer's end is told so", () => {
      const { status, notes } = results["reading beyond"];
      expect(status).toBe("ok");
      expect(notes.join("\n")).toMatch(/No reference function[\s\S]*it reads outside them/);
    });

    test("that does not compile fails with the line of WGSL, and the device goes on", () => {
      const { broken, large } = results;
      expect(broken.status).toBe("failed");
      expect(broken.problem).toMatch(/line 5: .*no_such_function[\s\S]*> +5 \|/);
      expect(large.status).toBe("failed");
      expect(results["after broken ones"].status).toBe("ok");
    });

    test("that computes something else than its reference is wrong, and not timed", () => {
      expect(results.other).toMatchObject({
        status: "wrong",
        problem: expect.stringMatching(/differs by 5\.0e-3.*reference allows 1e-4/),
      });
      expect(results.other.time).toBeUndefined();
    });

    test("that lacks a barrier, or has one that not all reach, is wrong; with barriers it is right", () => {
      expect(results.barriers).toMatchObject({ status: "ok", maxRelativeError: 0, notes: [] });
      expect(results["barriers and a function"]).toMatchObject({ status: "ok" });
      expect(results["no barrier"]).toMatchObject({
        status: "wrong",
        problem: expect.stringMatching(/A workgroupBarrier\(\) is missing: invocation \d+ .* meet at byte \d+ of part/),
      });
    });

    test("is refused where the adapter cannot launch it, in words", () => {
      const { status, problem } = results["too many workgroups"];
      expect(`${status}: ${problem}`).toBe(
        "failed: doubling: 70000 x 1 x 1 workgroups are too many: this adapter takes 65535 in each dimension.",
      );
    });

    test("whose invocations race for a buffer is told so", () => {
      const { status, notes } = results.race;
      expect(status).toBe("ok");
      expect(notes.join("\n")).toMatch(/A race within a workgroup: .* of y/);
    });
  });
}

test("16-bit floats are read, written, checked and timed where the adapter has them, and else refused in words", async () => {
  const device = await engineDevice(drivers[0]);
  test.skip(!device?.profile.f16, "no Dawn adapter with shader-f16");
  const body = "if (i < arrayLength(&y)) { y[i] = f16(FACTOR) * x[i]; }";
  const halves: KernelSpec = {
    ...doubling,
    code: `enable f16;${scale(body, "array<f16>")}`,
    buffers: {
      x: { type: "f16", shape: 100, fill: "random" },
      y: { type: "f16", shape: [10, 10], fill: "zeros" },
    },
  };
  const kernels = await Promise.all([
    defineKernel(halves),
    defineKernel({ ...halves, constants: { FACTOR: 2.01 } }),
    defineKernel({ ...halves, code: halves.code.replace("if (i < arrayLength(&y))", "") }),
  ]);
  const [right, other, beyond] = (await run(device!, kernels, options)).kernels;
  // A product by two is exact.
  expect(right).toMatchObject({ status: "ok", maxRelativeError: 0, bytes: 400, notes: [] });
  expect(other).toMatchObject({ status: "wrong", problem: expect.stringMatching(/differs by 5\..e-3.*allows 1e-3/) });
  expect(beyond).toMatchObject({ status: "wrong", problem: expect.stringMatching(/writes outside its buffers/) });
  const without = { ...device!, profile: { ...device!.profile, f16: false } };
  const [refused] = (await run(without, kernels.slice(0, 1), options)).kernels;
  expect(refused).toMatchObject({
    status: "failed",
    problem: "doubling: the buffer x holds 16-bit floats, and this adapter has none (shader-f16).",
  });
});

test("uniforms, integers, structs and several groups are bound by what the WGSL says", async () => {
  const device = await engineDevice(drivers[drivers.length - 1]);
  test.skip(device === undefined, "no Dawn adapter");
  const kernel = await defineKernel({
    name: "sizes",
    code: `struct Sizes { count: u32, step: u32, rest: vec2u }
@group(0) @binding(3) var<uniform> sizes: Sizes;
@group(1) @binding(0) var<storage, read_write> values: array<vec2u>;
@id(4) override OFFSET: u32;
@compute @workgroup_size(8) fn fill(@builtin(local_invocation_index) i: u32) {
  if (i < sizes.count) { values[i] = vec2u(i * sizes.step + OFFSET, sizes.rest.y); }
}`,
    entryPoint: "fill",
    constants: { "4": 100 },
    workgroups: [1, 1, 1],
    buffers: {
      sizes: { type: "u32", shape: 4, fill: [4, 3, 0, 9] },
      values: { type: "u32", shape: [4, 2], fill: "zeros" },
    },
    reference: () => ({ values: [100, 9, 103, 9, 106, 9, 109, 9] }),
  });
  const { kernels } = await run(device!, [kernel], options);
  expect(kernels[0]).toMatchObject({ status: "ok", maxRelativeError: 0, notes: [] });
});
