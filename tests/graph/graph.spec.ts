import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect, fromJson, type Graph, type GraphJson, print, toJson } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import { sizeOf } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { check, randomFeeds } from "../support/numbers.ts";
import { randomGraph } from "../support/random-graph.ts";

/** The message of the ReparamError "config" that `action` has to throw. */
function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ReparamError);
    expect((error as ReparamError).code).toBe("config");
    return (error as ReparamError).message;
  }
  throw new Error("It was not refused.");
}

const copy = (graph: Graph): GraphJson => JSON.parse(JSON.stringify(toJson(graph)));

test("a graph prints one line a node, and then its outputs", () => {
  const x = ops.input("x", [4, 3]);
  const h = ops.leakyRelu(ops.matmul(x, ops.parameter("w", [3, 2])), 0.2);
  expect(print(collect({ h, total: ops.sum(h, { axes: [1] }) }))).toBe(
    [
      '%0 = input("x") : [4, 3]',
      '%1 = parameter("w") : [3, 2]',
      "%2 = matmul(%0, %1, transposeA=false, transposeB=false) : [4, 2]",
      "%3 = leakyRelu(%2, slope=0.2) : [4, 2]",
      "%4 = sum(%3, from=1, to=2) : [4]",
      "h -> %3",
      "total -> %4",
    ].join("\n"),
  );
});

test("a graph survives JSON: the same text, the same values", () => {
  check(
    fc.property(randomGraph({ gradient: true }), fc.nat(), (graph, seed) => {
      const again = fromJson(copy(graph));
      expect(print(again)).toBe(print(graph));
      const options = { feeds: randomFeeds(graph.nodes, seed), seed: [seed, 2] as const, step: 3 };
      expect(interpret(again, options)).toEqual(interpret(graph, options));
    }),
    100,
  );
});

test("a node comes once, after what it uses, however deep the graph is", () => {
  let y = ops.parameter("x", [2]);
  for (let k = 0; k < 20_000; k++) y = ops.add(y, y);
  const { nodes } = collect({ y });
  expect(nodes).toHaveLength(20_001);
  const place = new Map(nodes.map((node, k) => [node, k]));
  expect(nodes.every(({ inputs }, k) => inputs.every((input) => place.get(input)! < k))).toBe(true);
  expect(gradients(ops.sum(y), [nodes[0]])[0].shape).toEqual([2]);
});

test("damaged JSON is refused, or is another sound graph: never a crash, never a wrong shape", () => {
  const scalars = fc.oneof(
    fc.integer({ min: -3, max: 9 }),
    fc.double(),
    fc.string({ maxLength: 3 }),
    fc.boolean(),
    fc.constant(null),
  );
  const junk = fc.oneof(scalars, fc.array(scalars, { maxLength: 3 }), fc.constant({}), fc.constant(undefined));
  check(
    fc.property(randomGraph({ maxLength: 10 }), fc.nat(), fc.nat(), junk, (graph, which, where, value) => {
      const json = copy(graph);
      const places = placesIn(json);
      const { holder, key } = places[(which * 31 + where) % places.length];
      holder[key] = value;
      let read: Graph;
      try {
        read = fromJson(json);
      } catch (error) {
        if (error instanceof ReparamError && error.code === "config") return;
        throw error;
      }
      const values = interpret(read, { feeds: randomFeeds(read.nodes, 1) });
      for (const [name, node] of Object.entries(read.outputs)) {
        if (values[name].length !== sizeOf(node.shape)) throw new Error(`${name} has ${values[name].length} values.`);
      }
    }),
    2000,
  );
});

/** Every property of plain data, at any depth, that could be damaged. */
function placesIn(data: unknown): { holder: Record<string, unknown>; key: string }[] {
  if (typeof data !== "object" || data === null) return [];
  const holder = data as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

test("JSON that is no graph is refused in a sentence", () => {
  const graph = copy(collect({ y: ops.relu(ops.parameter("x", [2])) }));
  expect(refusal(() => fromJson(null as unknown as GraphJson))).toContain("no graph");
  expect(refusal(() => fromJson({ ...graph, nodes: [{ op: "softmax", inputs: [] }] }))).toContain(
    'no op named "softmax"',
  );
  expect(refusal(() => fromJson({ ...graph, outputs: { y: 7 } }))).toContain('Output "y" refers to node 7');
  expect(refusal(() => fromJson({ nodes: [graph.nodes[1], graph.nodes[0]], outputs: {} }))).toContain(
    "does not come before it",
  );
  expect(refusal(() => fromJson({ ...graph, nodes: [graph.nodes[0], { op: "add", inputs: [0] }] }))).toContain(
    "add takes 2 inputs",
  );
});

test("shapes that do not fit are refused with both shapes", () => {
  const [a, b] = [ops.parameter("a", [4, 3]), ops.parameter("b", [5, 2])];
  expect(refusal(() => ops.add(a, b))).toBe("add: shapes [4,3] and [5,2] do not broadcast.");
  expect(refusal(() => ops.matmul(a, b))).toBe("matmul: shapes [4,3] and [5,2] do not chain: 3 columns meet 5 rows.");
  expect(refusal(() => ops.matmul(a, ops.parameter("c", [3])))).toContain("[4,3] and [3] are not two matrices");
  expect(refusal(() => ops.reshape(a, [5, 2]))).toContain("[4,3] and [5,2] hold different numbers of elements");
  expect(refusal(() => ops.concat([a, b], 0))).toContain("[4,3] and [5,2] differ beside axis 0");
  expect(refusal(() => ops.broadcastTo(a, [4, 4]))).toContain("[4,3] and [4,4] do not broadcast");
  expect(refusal(() => ops.slice(a, [1, 0], [4, 3]))).toContain(
    "[4,3] from [1,0] is not inside a tensor of shape [4,3]",
  );
  expect(refusal(() => ops.pad(a, [1, 0], [4, 3]))).not.toBe("");
  expect(refusal(() => ops.sum(a, { axes: [2] }))).toContain("Axis 2 does not exist in a tensor of shape [4,3]");
  expect(refusal(() => ops.transpose(a, [0, 0]))).toContain("is not an order of the axes of a tensor of shape [4,3]");
  expect(refusal(() => ops.parameter("d", [2, 0]))).toContain("[2,0]");
});

test("only a scalar has a gradient", () => {
  const x = ops.parameter("x", [2, 3]);
  expect(refusal(() => gradients(ops.square(x), [x]))).toContain("[2,3]");
});

test("what the scalar does not depend on has the gradient zero", () => {
  const [x, y] = [ops.parameter("x", [2]), ops.parameter("y", [2, 2])];
  const [dy] = gradients(ops.sum(x), [y]);
  expect([...interpret(collect({ dy }), { feeds: {} }).dy]).toEqual([0, 0, 0, 0]);
});

test("noise that would share a random stream is refused", () => {
  // FNV-1a in 32 bits gives these two names the same hash.
  const both = collect.bind(null, { a: ops.normal("costarring", [2]), b: ops.normal("liquid", [2]) });
  expect(refusal(both)).toBe('Noise "costarring" and "liquid" fall on one random stream: rename one.');
  expect(refusal(() => collect({ a: ops.normal("n", [2]), b: ops.uniform("n", [2]) }))).toContain("one random stream");
  expect(refusal(() => collect({ a: ops.normal("", [2]) }))).toContain("needs a name");
});

test("a name stands for one shape", () => {
  expect(refusal(() => collect({ a: ops.parameter("w", [2]), b: ops.parameter("w", [3, 1]) }))).toBe(
    'The parameter "w" has the shape [2] in one place and [3,1] in another.',
  );
  expect(refusal(() => collect({ a: ops.normal("n", [2]), b: ops.normal("n", [4]) }))).toContain("[2] in one place");
  const total = ops.sum(ops.parameter("w", [2]));
  expect(refusal(() => gradients(total, [ops.parameter("w", [3])]))).toContain("[2] in one place and [3] in another");
  expect(() => collect({ a: ops.parameter("w", [2]), b: ops.input("w", [3]) })).not.toThrow();
});

test("the interpreter refuses missing values and values of another size", () => {
  const graph = collect({ y: ops.relu(ops.parameter("x", [2, 2])) });
  expect(refusal(() => interpret(graph))).toContain('No value was given for parameter "x"');
  expect(refusal(() => interpret(graph, { feeds: { x: [1, 2, 3] } }))).toBe(
    '"x" was fed 3 numbers, and its shape [2,2] holds 4.',
  );
});
