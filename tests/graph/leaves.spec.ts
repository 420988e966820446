import { expect } from "@playwright/test";
import { gradients } from "../../src/graph/differentiate.ts";
import { collect } from "../../src/graph/graph.ts";
import { interpret } from "../../src/graph/interpret.ts";
import type { Node } from "../../src/node/node.ts";
import * as ops from "../../src/ops/public.ts";
import { quickAdapter, test } from "../support/adapters.ts";
import { relativeError } from "../support/numbers.ts";

const SHAPE = [3, 8];

/** What a loss is made of: called again for every use, or once and kept. */
interface Leaves {
  readonly w: () => Node;
  readonly beta: () => Node;
  readonly epsilon: () => Node;
}

const again: Leaves = {
  w: () => ops.parameter("w", SHAPE),
  beta: () => ops.schedule("klWeight"),
  epsilon: () => ops.normal("epsilon", SHAPE),
};

const kept: Leaves = Object.fromEntries(
  Object.entries(again).map(([name, make]) => {
    const node = make();
    return [name, () => node];
  }),
) as unknown as Leaves;

/** Two terms, each of which reads every leaf. */
function loss({ w, beta, epsilon }: Leaves): Node {
  const first = ops.sum(ops.mul(ops.square(ops.add(w(), epsilon())), beta()));
  const second = ops.sum(ops.mul(ops.sigmoid(w()), ops.mul(epsilon(), ops.exp(beta()))));
  return ops.add(first, second);
}

/** The loss and its gradients; `wrt`: one of the equal nodes, or a new one. */
function graphOf(leaves: Leaves, wrt: Pick<Leaves, "w" | "beta"> = leaves) {
  const value = loss(leaves);
  const [dw, dBeta] = gradients(value, [wrt.w(), wrt.beta()]);
  return collect({ value, dw, dBeta, drawn: ops.sub(leaves.epsilon(), leaves.epsilon()) });
}

const feeds = { w: Float64Array.from({ length: 24 }, (_, k) => Math.sin(k)), klWeight: [0.7] };
const options = { feeds, seed: [5, 1] as const, step: 2 };

test("leaves made twice under one name are one: the values and gradients of a graph that makes each once", () => {
  const once = interpret(graphOf(kept), options);
  expect([...once.drawn]).toEqual(new Array(24).fill(0));
  expect(interpret(graphOf(again), options)).toEqual(once);
  expect(interpret(graphOf(kept, again), options)).toEqual(once);
  expect(interpret(graphOf(again, kept), options)).toEqual(once);
});

test("the gradient by a parameter made twice is its slope", () => {
  const { dw } = interpret(graphOf(again), options);
  const at = (k: number, by: number) => {
    const w = Float64Array.from(feeds.w);
    w[k] += by;
    return interpret(graphOf(again), { ...options, feeds: { ...feeds, w } }).value[0];
  };
  const slopes = dw.map((_, k) => (at(k, 1e-5) - at(k, -1e-5)) / 2e-5);
  expect(relativeError(dw, slopes)).toBeLessThan(1e-7);
});

for (const fuse of [true, false]) {
  test(`kernels give the same, ${fuse ? "fused" : "one an op"}`, async ({ adapters }) => {
    const execute = await adapters.open(quickAdapter);
    const graph = graphOf(again);
    const got = await execute(graph, { ...options, fuse });
    for (const [name, want] of Object.entries(interpret(graph, options))) {
      expect(relativeError(got[name], want), name).toBeLessThan(1e-5);
    }
  });
}
