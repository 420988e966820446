import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { jumpsOf, stripped } from "../../shaders/strip.mjs";
import { compile } from "../../src/compiler/compile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { link } from "../../src/kernels/link.ts";
import * as ops from "../../src/ops/public.ts";
import { allShaders } from "../../src/shaders/all.generated.ts";
import { originOf } from "../../src/shaders/origin.ts";
import { long } from "../support/long.ts";

const files = new Map<string, readonly string[]>();

function fileLines(path: string): readonly string[] {
  const url = new URL(`../../shaders/${path}`, import.meta.url);
  if (!files.has(path)) files.set(path, readFileSync(url, "utf8").split("\n"));
  return files.get(path)!;
}

test("a shipped text is the file without comments, blank lines and indentation; what stands behind //# stays", () => {
  const source =
    "// About\n//#import a.wgsl\n\nfn f() { // first\n  /* one\n  /* two */ */ let x = 1;\n//#begin b\n//#end b\n}\n";
  const lines = stripped(source);
  expect(lines.map(({ text }) => text)).toEqual([
    "//#import a.wgsl",
    "fn f() {",
    "let x = 1;",
    "//#begin b",
    "//#end b",
    "}",
  ]);
  expect(lines.map(({ line }) => line)).toEqual([2, 4, 6, 7, 8, 9]);
  expect(jumpsOf([2, 4, 6, 7, 8, 9])).toEqual([0, 2, 1, 4, 2, 6]);
  expect(allShaders.length).toBeGreaterThan(40);
  for (const { path, text } of allShaders) {
    expect(text, path).not.toMatch(/^\s|\/\/(?!#)|\/\*|[ \t]$|\n\n/m);
  }
});

test("every line of a linked kernel that a file has is found at its place there", () => {
  const kernels = allShaders.filter(({ text }) => text.includes("@compute"));
  for (const { path, text } of kernels.filter((_, k) => long || k % 8 === 0)) {
    const code = link(allShaders.find((shader) => shader.path === path)!);
    let own = 0;
    const lost: string[] = [];
    for (const [index, line] of code.split("\n").entries()) {
      if (line === "") continue;
      const origin = originOf(code, index + 1);
      if (!origin || !fileLines(origin.path)[origin.line - 1].includes(line)) lost.push(line);
      if (origin?.path === path) own++;
    }
    expect(lost, path).toEqual([]);
    // What is not imported is this file's: its own lines but for those that its hooks' marks and imports take.
    const unmarked = text.split("\n").filter((line) => line !== "" && !line.startsWith("//#"));
    expect(own / unmarked.length, path).toBeGreaterThan(0.9);
  }
});

test("in a step's kernels, the first line of main, which many files have, is told by what is around it", () => {
  const [x, w] = [ops.input("x", [64, 128]), ops.parameter("w", [128, 64])];
  const loss = ops.sum(ops.bceWithLogits(ops.gelu(ops.matmul(x, w)), ops.input("y", [64, 64])));
  const profile = { software: true, subgroups: false, reductionThreads: 64, reductionSteps: 64 };
  const leaves = ({ name }: { name?: string }) => ({ buffer: { external: name! }, offset: 0 });
  const [dw] = gradients(loss, [w]);
  let told = 0;
  for (const { code, kernel } of compile(collect({ loss, dw }), { profile, leaves }).dispatches) {
    const lines = code.split("\n");
    const main = lines.findIndex((line) => line.startsWith("fn main("));
    const file = { "matmul/register": "matmul/register.wgsl", "reduce/reduce": "reduce/reduce.wgsl" }[kernel];
    if (!file) continue;
    expect(originOf(code, main + 1)).toEqual({
      path: file,
      line: fileLines(file).findIndex((line) => line.startsWith("fn main(")) + 1,
    });
    told++;
  }
  expect(told).toBeGreaterThan(1);
  expect(originOf("let written = by_the_compiler;\n", 1)).toBeUndefined();
});

test("a line of a loop that shares its launch, whose names are numbered there, is found in the loop's own file", () => {
  const total = (name: string, rows: number) => ops.sum(ops.input(name, [rows, 12]), { axes: [0] });
  const graph = collect({ a: total("a", 6), b: total("b", 300), c: ops.exp(ops.input("c", [512, 64])) });
  const profile = { software: true, subgroups: false, reductionThreads: 64, reductionSteps: 64 };
  const leaves = ({ name }: { name?: string }) => ({ buffer: { external: name! }, offset: 0 });
  const [{ code, kernel }, ...others] = compile(graph, { profile, leaves }).dispatches;
  expect([kernel, others]).toEqual(["loops/together", []]);
  const found = (start: string) =>
    code.split("\n").flatMap((line, index) => {
      const origin = line.startsWith(start) && originOf(code, index + 1);
      return origin ? [`${origin.path}: ${fileLines(origin.path)[origin.line - 1].trim()}`] : [];
    });
  const step = "reduce/reduce.wgsl: for (var reduced = chunk; reduced < REDUCED; reduced += CHUNKS * turns) {";
  expect(found("for (var reduced = ")).toEqual([step, step, step]); // the longer sum is cut into chunks
  expect(found("for (var column = ")).toEqual([
    "elementwise/map.wgsl: for (var column = thread % SEGMENTS; column < WIDTH; column += SEGMENTS * turns) {",
  ]);
});
