import { expect, test } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import { ops as allOps } from "../../src/ops/index.ts";
import * as ops from "../../src/ops/public.ts";
import { largest, largestError } from "../support/numbers.ts";
import { mapCases, operandsOf, STOPPED, tensorCases } from "../support/op-cases.ts";

// Everything here is float64 in plain Node: the interpreter's slopes against its own gradients.

type Feeds = Readonly<Record<string, ArrayLike<number>>>;

/** d scalar / d node by central differences: an error of h² from the curvature, of 1e-16 / h from rounding. */
function centralDifferences(scalar: Node, node: Node, feeds: Feeds, h = 1e-5): Float64Array {
  const graph = collect({ scalar });
  const at = Float64Array.from(feeds[node.name!]);
  return at.map((value, i) => {
    const moved = (by: number) => {
      const shifted = Float64Array.from(at);
      shifted[i] = value + by;
      return interpret(graph, { feeds: { ...feeds, [node.name!]: shifted }, seed: [1, 2], step: 3 }).scalar[0];
    };
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

let weightings = 0;

/** A scalar in which every element of y counts differently. */
const weighted = (y: Node): Node => ops.sum(ops.mul(y, ops.sigmoid(ops.normal(`weights ${weightings++}`, y.shape))));

function expectGradients(scalar: Node, wrt: readonly Node[], feeds: Feeds, tolerance = 1e-7): void {
  const slopes = gradients(scalar, wrt);
  const graph = collect(Object.fromEntries(slopes.map((slope, k) => [String(k), slope])));
  const values = interpret(graph, { feeds, seed: [1, 2], step: 3 });
  wrt.forEach((node, k) => {
    const want = centralDifferences(scalar, node, feeds);
    expect(slopes[k].shape).toEqual(node.shape);
    expect(largestError(values[k], want) / Math.max(1, largest(want)), `d / d ${node.name}`).toBeLessThan(tolerance);
  });
}

for (const [k, op] of mapCases.entries()) {
  test(`the gradient of ${op.name} is its slope`, () => {
    const { nodes, feeds } = operandsOf(op, [[3, 5]], k);
    expectGradients(weighted(op.build(...nodes)), nodes, feeds);
  });

  test(`the gradient of ${op.name}'s gradient is its curvature`, () => {
    const { nodes, feeds } = operandsOf(op, [[7]], 100 + k);
    const first = gradients(weighted(op.build(...nodes)), nodes);
    expectGradients(
      first.map((slope) => weighted(ops.square(slope))).reduce((a, b) => ops.add(a, b)),
      nodes,
      feeds,
      1e-6,
    );
  });
}

for (const [name, op] of Object.entries(tensorCases).filter(([name]) => name !== STOPPED)) {
  test(`the gradient of "${name}" is its slope, and can be differentiated`, () => {
    const { nodes, feeds } = operandsOf(op, [op.shape], name.length);
    expectGradients(weighted(op.build(...nodes)), nodes, feeds);
    const [first] = gradients(weighted(ops.square(op.build(...nodes))), nodes);
    expectGradients(weighted(ops.square(first)), nodes, feeds, 1e-6);
  });
}

test("no gradient flows through stopGradient, a mask or a Bernoulli draw", () => {
  const x = ops.parameter("x", [4]);
  const p = ops.parameter("p", [4]);
  const y = ops.add(ops.mul(ops.stopGradient(ops.exp(x)), x), ops.mul(ops.greater(x, 0), ops.bernoulli("coin", p)));
  const [dx, dp] = gradients(ops.sum(y), [x, p]);
  const feeds = { x: [-1, 0.5, 2, 0], p: [0.1, 0.5, 0.9, 0.3] };
  const values = interpret(collect({ dx, dp }), { feeds });
  expect(largestError(values.dx, feeds.x.map(Math.exp))).toBe(0);
  expect([...values.dp]).toEqual([0, 0, 0, 0]);
});

test("equal maxima share the gradient", () => {
  const x = ops.parameter("x", [2, 4]);
  const [dx] = gradients(ops.sum(ops.max(x, { axes: [1] })), [x]);
  const feeds = { x: [1, 3, 3, 0, 2, 2, 2, 2] };
  expect([...interpret(collect({ dx }), { feeds }).dx]).toEqual([0, 0.5, 0.5, 0, 0.25, 0.25, 0.25, 0.25]);
});

const patterns: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [5, 1],
    [1, 7],
  ],
  [[7], [3, 7]],
  [[], [2, 3]],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [[1], [4]],
  [
    [2, 3],
    [2, 3],
  ],
  [[1, 1], [3]],
  [
    [2, 1, 4],
    [3, 4],
  ],
];
for (const [a, b] of patterns) {
  test(`gradients of [${a}] against [${b}] sum over what was repeated`, () => {
    const op = mapCases.find(({ name }) => name === "div")!;
    const { nodes, feeds } = operandsOf(op, [a, b], 7);
    expectGradients(weighted(op.build(...nodes)), nodes, feeds);
  });
}

/** tanh and softplus layers with a squared error: smooth everywhere. */
function network(): { loss: Node; parameters: Node[]; x: Node; feeds: Record<string, Float32Array> } {
  const next = (
    (state) => () =>
      Math.fround(Math.sin((state += 1.7)) * 0.8)
  )(0);
  const x = ops.parameter("x", [3, 4]);
  const parameters = [
    ops.parameter("w1", [4, 5]),
    ops.parameter("b1", [5]),
    ops.parameter("w2", [5, 2]),
    ops.parameter("b2", [2]),
  ];
  const [w1, b1, w2, b2] = parameters;
  const h = ops.tanh(ops.add(ops.matmul(x, w1), b1));
  const y = ops.softplus(ops.add(ops.matmul(h, w2), b2));
  const loss = ops.mean(ops.squaredError(y, ops.constant(0.4, [3, 2])));
  const feeds = Object.fromEntries(
    [x, ...parameters].map(({ name, shape }) => [
      name!,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next),
    ]),
  );
  return { loss, parameters, x, feeds };
}

test("a network's gradients are its slopes", () => {
  const { loss, parameters, x, feeds } = network();
  expectGradients(loss, [...parameters, x], feeds);
});

test("the double gradient of a network is the slope of a function of its gradients", () => {
  const { loss, parameters, x, feeds } = network();
  const [dx, dw] = gradients(loss, [x, parameters[0]]);
  const penalty = ops.add(ops.sum(ops.square(dx)), ops.sum(ops.tanh(dw)));
  expectGradients(penalty, [...parameters, x], feeds, 1e-6);
});

test("a gradient can be taken three times", () => {
  const x = ops.parameter("x", [3]);
  let y: Node = ops.sum(ops.exp(ops.mul(2, x)));
  for (let order = 0; order < 3; order++) y = ops.sum(gradients(y, [x])[0]);
  const feeds = { x: [0, 0.5, -1] };
  expect(interpret(collect({ y }), { feeds }).y[0]).toBeCloseTo(8 * (1 + Math.exp(1) + Math.exp(-2)), 10);
});

test("every op stands in one of the tables", () => {
  const seen = new Set<string>();
  const visit = (node: Node): void => {
    seen.add(node.op.name);
    node.inputs.forEach(visit);
  };
  for (const op of [...mapCases, ...Object.values(tensorCases)])
    visit(op.build(...op.operands.map((_, k) => ops.parameter(`${k}`, "shape" in op ? (op.shape as number[]) : [4]))));
  // half is a staircase, whose gradient is not its slope (half.spec.ts).
  const elsewhere = ["parameter", "input", "constant", "schedule", "uniform", "normal", "half"];
  expect([...allOps.keys()].filter((name) => !seen.has(name) && !elsewhere.includes(name))).toEqual([]);
});
