import { expect, test } from "@playwright/test";
import { guardedCode } from "../../src/bench/guard.ts";
import { contentsOf, defineKernel, type KernelSpec } from "../../src/bench/kernel.ts";
import { ReparamError } from "../../src/errors.ts";

const code = `
override FACTOR: f32;
override COUNT: u32 = 64; // override HIDDEN: u32;
struct Pair { left: f32, right: u32 }
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<f32, 64>;
@group(0) @binding(2) var<uniform> sizes: vec4u;
@group(0) @binding(3) var<storage, read> pairs: array<Pair>;
@compute @workgroup_size(COUNT) fn main(@builtin(local_invocation_index) i: u32) { y[i] = x[i / 4u].x * FACTOR; }
fn helper() {}`;

const good: KernelSpec = {
  name: "scale",
  code,
  constants: { FACTOR: 2 },
  workgroups: [1, 1, 1],
  buffers: {
    x: { type: "f32", shape: [16, 4], fill: "random" },
    y: { type: "f32", shape: 64, fill: "zeros" },
    sizes: { type: "u32", shape: 4, fill: [1, 2, 3, 4] },
    pairs: { type: "u32", shape: [5, 2], fill: "iota" },
  },
};

const withBuffer = (name: string, change: Partial<KernelSpec["buffers"][string]>): KernelSpec => ({
  ...good,
  buffers: { ...good.buffers, [name]: { ...good.buffers[name], ...change } },
});
const withBinding = (declaration: string): KernelSpec => ({
  ...good,
  code: `@group(0) @binding(7) var${declaration};\n${code}`,
});

test("bindings, types, sizes and access are read from the WGSL", async () => {
  const { reflected } = await defineKernel(good);
  expect(reflected.workgroupMemory).toBe(false);
  expect(
    reflected.bindings.map(({ name, binding, access, bytes, elements }) => [name, binding, access, bytes, elements]),
  ).toEqual([
    ["x", 0, "read", 256, 16],
    ["y", 1, "read_write", 256, 64],
    ["sizes", 2, "uniform", 16, undefined],
    ["pairs", 3, "read", 40, 5],
  ]);
});

const { y: _, ...withoutY } = good.buffers;
const mistakes: [string, KernelSpec, RegExp][] = [
  [
    "a binding without a buffer",
    { ...good, buffers: withoutY },
    /@group\(0\) @binding\(1\) y has no buffer: give one for y/,
  ],
  [
    "a buffer without a binding",
    { ...good, buffers: { ...good.buffers, yy: good.buffers.y } },
    /the buffer yy has no binding.*did you mean y\?/,
  ],
  [
    "a size that is not the array's",
    withBuffer("y", { shape: 65 }),
    /y \(array<f32, 64>\) takes 256 bytes, and the buffer has 260/,
  ],
  [
    "a size that is no whole number of elements",
    withBuffer("x", { shape: 62 }),
    /x has elements of 16 bytes, and the buffer's 248 bytes are no whole number/,
  ],
  [
    "a uniform of another size",
    withBuffer("sizes", { shape: 2, fill: "zeros" }),
    /sizes \(vec4u\) takes 16 bytes, and the buffer has 8/,
  ],
  ["another type", withBuffer("x", { type: "u32" }), /x holds f32 .*and the buffer was given as u32/],
  [
    "a bool in a buffer",
    withBinding("<storage, read_write> flags: array<bool>"),
    /flags holds bool, a type that is not host-shareable.*Use u32/,
  ],
  ["a texture", withBinding(" picture: texture_2d<f32>"), /picture is a texture_2d.*: only buffers/],
  [
    "an unknown constant",
    { ...good, constants: { FACTOR: 2, COUMT: 3 } },
    /no override constant COUMT; did you mean COUNT\?/,
  ],
  ["a constant without a value", { ...good, constants: {} }, /FACTOR has no value and no default/],
  ["a fraction for an integer", { ...good, constants: { FACTOR: 2, COUNT: 1.5 } }, /COUNT is u32 and cannot be 1\.5/],
  ["a missing entry point", { ...good, entryPoint: "helper" }, /no compute entry point helper; there is main/],
  [
    "no entry point at all",
    { ...good, code: "fn f() {}", buffers: {} },
    /no compute entry point \(a function marked @compute\)/,
  ],
  [
    "WGSL that cannot be read",
    { ...good, code: "@compute @workgroup_size(1) fn main( {" },
    /the WGSL cannot be read\. .*Line: 1\.$/,
  ],
  ["a workgroup count of 0", { ...good, workgroups: [1, 0, 1] }, /three whole numbers above 0, not \[1,0,1\]/],
  ["an empty shape", withBuffer("y", { shape: [] }), /y cannot have the shape \[\]/],
  [
    "an odd number of 16-bit floats",
    withBuffer("y", { type: "f16", shape: 63 }),
    /63 16-bit floats: make them an even/,
  ],
  ["too few numbers", withBuffer("sizes", { fill: [1, 2] }), /2 numbers for the 4 of its shape \[4\]/],
];

for (const [mistake, spec, message] of mistakes) {
  test(`${mistake} is answered in words`, async () => {
    const error = await defineKernel(spec).then(
      () => expect(undefined, "it was accepted").toBeDefined(),
      (error) => error,
    );
    expect(error).toBeInstanceOf(ReparamError);
    expect(error).toMatchObject({ code: "usage", message: expect.stringMatching(message) });
    expect(error.message).toMatch(/^scale: .*[.?]$/s);
  });
}

test("fills are the same at every run, and random buffers differ from each other", () => {
  const random = { type: "f32", shape: [1000], fill: "random" } as const;
  const values = contentsOf(random, 0);
  expect(contentsOf(random, 0)).toEqual(values);
  expect(contentsOf(random, 1)).not.toEqual(values);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...values)).toBeLessThan(1);
  expect(Math.abs([...values].reduce((sum, value) => sum + value, 0) / 1000)).toBeLessThan(0.1);
  expect(contentsOf({ type: "i32", shape: 4, fill: "iota" }, 0)).toEqual(Int32Array.of(0, 1, 2, 3));
  expect(contentsOf({ type: "u32", shape: 2, fill: [7, 8] }, 0)).toEqual(Uint32Array.of(7, 8));
});

test("guarded text lets every array be as long as its binding, and keeps the length that the kernel sees", async () => {
  const { reflected } = await defineKernel({
    ...good,
    code: code.replace("y[i] =", "let n = arrayLength(&x) + arrayLength( & pairs ); y[i] ="),
  });
  const guarded = guardedCode(`${code} fn g() { let n = arrayLength(&x); } // arrayLength(&y)`, reflected.bindings);
  expect(guarded.code).toContain("var<storage, read_write> y: array<f32>;");
  expect(guarded.code).toContain("let n = 16u;");
  expect(guarded.code).not.toContain("arrayLength");
  expect([...guarded.watched]).toEqual(["x", "y", "pairs"]);
});
