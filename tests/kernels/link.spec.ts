import { expect, test } from "@playwright/test";
import { compile } from "../../src/compiler/compile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { declarationsOf, maskComments, namesIn, reachable } from "../../src/kernels/declarations.ts";
import { link } from "../../src/kernels/link.ts";
import * as ops from "../../src/ops/public.ts";
import { elementwiseMap } from "../../src/shaders/elementwise/map.generated.ts";
import { imagesFrame } from "../../src/shaders/images/frame.generated.ts";
import { matmulRegister } from "../../src/shaders/matmul/register.generated.ts";
import { matmulSubgroup } from "../../src/shaders/matmul/subgroup.generated.ts";
import { drivers, engineDevice, settle } from "../support/dawn.ts";
import { shaderNamed, shaderSources } from "../support/shaders.ts";

const module = `// What the file is about: fn in_a_comment() {}

/* A block with ; and } and /* one inside */ in it. */
enable f16;

// About A; and a second line
const A = vec2f(1.0, 2.0); // behind A: B
const B = A.x;

/* About S

   over two paragraphs */
struct S {
  a: f32, // ; }
  b: array<vec4f, 2>,
}
override N: u32 = u32(C);
const C = 3;
const_assert C == 3;
var<private> counter: u32;
alias Row = array<S, 4>;

@must_use
fn first(x: f32) -> f32 { if (x > B) { return x; } return helper(x); }
fn helper(s: f32) -> f32 {
  let text = S(s, array<vec4f, 2>()); /* unused() */
  return text.a;
}
fn unused() -> Row { counter++; return Row(); }
`;

test("comments end where WGSL says, blocks inside blocks too", () => {
  expect(maskComments("a // b\nc /* d /* e */ f */ g", "#")).toBe(`a ####\nc ${"#".repeat(17)} g`);
  expect(maskComments("a /* open", "#")).toBe("a #######");
  expect(maskComments("a // open", "#")).toBe("a #######");
  expect([...namesIn("fn f(x: f32) { g(x); } // h")]).toEqual(["fn", "f", "x", "f32", "g"]);
});

test("a module is read as its declarations, with the comments at them", () => {
  const declarations = declarationsOf(module);
  expect(declarations.map(({ name }) => name)).toEqual([
    undefined, // enable
    "A",
    "B",
    "S",
    undefined, // override
    "C",
    undefined, // const_assert
    "counter",
    "Row",
    "first",
    "helper",
    "unused",
  ]);
  const textOf = (name: string) => declarations.find((declaration) => declaration.name === name)?.text.trim();
  expect(textOf("A")).toBe("// About A; and a second line\nconst A = vec2f(1.0, 2.0); // behind A: B");
  expect(textOf("S")).toMatch(/^\/\* About S\n\n {3}over two paragraphs \*\/\nstruct S \{\n[\s\S]*\}$/);
  expect(textOf("first")).toMatch(/^@must_use\nfn first[\s\S]*helper\(x\); \}$/);
});

test("what is reached stays as it is written: functions, constants and structs by name, directives and overrides always", () => {
  const kept = (...names: string[]) =>
    declarationsOf(reachable(declarationsOf(module), new Set(names))).map(({ text, name }) => name ?? text.trim());
  const always = ["enable f16;", "override N: u32 = u32(C);", "C", "const_assert C == 3;"];
  expect(kept().map((name) => name.replace(/[\s\S]*enable/, "enable"))).toEqual(always);
  expect(kept("first").slice(1)).toEqual(["A", "B", "S", ...always.slice(1), "first", "helper"]);
  expect(kept("unused").slice(1)).toEqual(["S", ...always.slice(1), "counter", "Row", "unused"]);
  expect(kept("helper", "nothing").slice(1)).toEqual(["S", ...always.slice(1), "helper"]);
});

test("a kernel carries what its body calls, and no other function of a library", () => {
  const map = (line: string) => link(elementwiseMap, { body: `    out0[i >> 2u] = ${line};\n` });
  const functions = (code: string) => [...code.matchAll(/^fn (\w+)/gm)].map(([, name]) => name);
  expect(functions(map("in0[i >> 2u]"))).toEqual(["main"]);
  expect(functions(map("safe_relu4(in0[i >> 2u])"))).toEqual(["safe_relu4", "main"]);
  expect(functions(map("squared_error4(in0[i >> 2u], vec4f(1.0)) // safe_exp4"))).toEqual(["squared_error4", "main"]);
  expect(map("safe_exp4(in0[i >> 2u])")).toMatch(/^const LOG2_E = /);
  expect(map("safe_exp4(in0[i >> 2u])")).not.toContain("State");
});

test("in a step's kernels every function of a library has a caller", () => {
  const [x, w] = [ops.input("x", [6, 12]), ops.parameter("w", [12, 8])];
  const h = ops.gelu(ops.matmul(x, w));
  const z = ops.reparameterise(h, h, ops.normal("epsilon", [6, 8]));
  const loss = ops.sum(ops.bceWithLogits(ops.matmul(z, w, { transposeB: true }), x));
  const [dw] = gradients(loss, [w]);
  const profile = { software: true, subgroups: true, reductionThreads: 64, reductionSteps: 64 };
  const leaves = ({ name }: { name?: string }) => ({ buffer: { external: name! }, offset: 0 });
  const libraries = Object.entries(shaderSources).filter(([name]) => /^(lib|loss)\//.test(name));
  const known = new Set(libraries.flatMap(([, text]) => [...text.matchAll(/^fn (\w+)/gm)].map(([, name]) => name)));
  let seen = 0;
  for (const { code } of compile(collect({ loss, dw }), { profile, leaves }).dispatches) {
    const declarations = declarationsOf(code);
    for (const { name } of declarations) {
      if (!name || !known.has(name)) continue;
      seen++;
      expect(
        declarations.some((other) => other.name !== name && other.uses.has(name)),
        name,
      ).toBe(true);
    }
  }
  expect(seen).toBeGreaterThan(20);
});

test("directives come first, whatever is in front of them in the files", () => {
  const text = "fn epilogue(a: vec4f, row: u32, column: u32) -> vec4f { return safe_exp4(a); }\n";
  const epilogue = { imports: [shaderNamed("lib/math.wgsl")], text };
  expect(link(matmulSubgroup, { epilogue })).toMatch(/^enable subgroups;\n[\s\S]*fn safe_exp4/);
  expect(link(matmulRegister, { epilogue })).not.toContain("enable");
});

test("every kernel compiles as its file stands", async () => {
  const device = await engineDevice(drivers[drivers.length - 1]);
  test.skip(device === undefined, "no Dawn adapter");
  const having = (text: string) => Object.keys(shaderSources).filter((name) => shaderSources[name].includes(text));
  const kernels = [
    ...having("@compute").map((name) => [name, link(shaderNamed(name))]),
    ...having("fn a_row(").map((name) => [name, link(matmulRegister, { operands: { imports: [shaderNamed(name)] } })]),
    ...having("fn value_of(")
      .filter((name) => name !== "images/frame.wgsl")
      .map((name) => [name, link(imagesFrame, { operation: { imports: [shaderNamed(name)] } })]),
  ];
  expect(kernels.length).toBeGreaterThan(20);
  for (const [name, code] of kernels) {
    if (code.includes("enable subgroups") && !device!.profile.subgroups) continue;
    const { messages } = await settle(device!.gpu.createShaderModule({ code }).getCompilationInfo());
    expect(
      messages.filter(({ type }) => type === "error").map(({ message }) => message),
      name,
    ).toEqual([]);
  }
});
