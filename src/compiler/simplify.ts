import { collect, type Graph, topologicalOrder } from "../graph/graph.ts";
import { createNode, type Node, sameShape } from "../node/node.ts";
import { constant } from "../ops/leaf.ts";
import { broadcastTo, reshape } from "../ops/shape.ts";

/**
 * The same values from fewer nodes: equal nodes become one, arithmetic on constants is done now, neutral elements go,
 * transposes move into matmuls.
 */
export function simplify(graph: Graph): Graph {
  const known = new Map<string, Node>();
  const ids = new Map<Node, number>();
  const result = new Map<Node, Node>();
  for (const node of topologicalOrder(Object.values(graph.outputs))) {
    const inputs = node.inputs.map((input) => result.get(input)!);
    const unchanged = inputs.every((input, k) => input === node.inputs[k]);
    result.set(node, unique(rewrite(unchanged ? node : createNode(node.op, inputs, node.attributes, node.name))));
  }
  return collect(Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, result.get(node)!])));

  /** The first node that is equal to this one. A rewrite may have made new inputs, so they are looked at as well. */
  function unique(node: Node): Node {
    if (ids.has(node)) return node;
    const inputs = node.inputs.map(unique);
    const key = JSON.stringify([
      node.op.name,
      inputs.map((input) => ids.get(input)),
      node.attributes,
      node.name ?? null,
    ]);
    let first = known.get(key);
    if (!first) {
      first = inputs.every((input, k) => input === node.inputs[k])
        ? node
        : createNode(node.op, inputs, node.attributes, node.name);
      known.set(key, first);
      ids.set(first, ids.size);
    }
    return first;
  }
}

/** One node, its inputs being simple already. */
function rewrite(node: Node): Node {
  const folded = foldConstants(node);
  if (folded) return folded;
  const rule = rules[node.op.name];
  const simpler = rule?.(node, node.inputs);
  return simpler ? rewrite(simpler) : node;
}

const constantOf = (node: Node): number | undefined =>
  node.op.name === "constant" ? (node.attributes.value as number) : undefined;

/** An op that gives one number everywhere from numbers that are the same everywhere. */
function foldConstants(node: Node): Node | undefined {
  const { kind } = node.op.lowering;
  if (node.inputs.length === 0 || !node.inputs.every((input) => constantOf(input) !== undefined)) return undefined;
  const isMap = kind === "map";
  if (
    !isMap &&
    !(kind === "reshape" || node.op.name === "broadcastTo" || node.op.name === "transpose" || node.op.name === "slice")
  ) {
    return undefined;
  }
  if (!isMap) return constant(constantOf(node.inputs[0])!, node.shape);
  const scalars = node.inputs.map((input) => constant(constantOf(input)!));
  const scalar = createNode(node.op, scalars, node.attributes);
  const [value] = node.op.reference(
    scalars.map((input) => Float64Array.of(constantOf(input)!)),
    { node: scalar, seed: [0, 0], step: 0 },
  );
  return Number.isFinite(value) ? constant(value, node.shape) : undefined;
}

const swapsLastTwo = (axes: readonly number[]): boolean =>
  axes.every((axis, k) => axis === (k < axes.length - 2 ? k : 2 * axes.length - 3 - k));

type Rule = (node: Node, inputs: readonly Node[]) => Node | undefined;

const spread = (x: Node, node: Node): Node => broadcastTo(x, node.shape);

const rules: Readonly<Record<string, Rule>> = {
  add: (node, [a, b]) => (constantOf(a) === 0 ? spread(b, node) : constantOf(b) === 0 ? spread(a, node) : undefined),
  sub: (node, [a, b]) => (constantOf(b) === 0 ? spread(a, node) : undefined),
  mul: (node, [a, b]) => {
    if (constantOf(a) === 1) return spread(b, node);
    if (constantOf(b) === 1) return spread(a, node);
    // c (d x) = (c d) x
    for (const [factor, product] of [
      [a, b],
      [b, a],
    ] as const) {
      const outer = constantOf(factor);
      if (outer === undefined || product.op !== node.op) continue;
      for (const [inner, x] of [product.inputs, [...product.inputs].reverse()] as const) {
        const value = constantOf(inner);
        if (value !== undefined) return spread(createNode(node.op, [constant(outer * value), x]), node);
      }
    }
    return undefined;
  },
  div: (node, [a, b]) => (constantOf(b) === 1 ? spread(a, node) : undefined),
  neg: (node, [x]) => (x.op === node.op ? x.inputs[0] : undefined),
  reshape: (node, [x]) =>
    sameShape(x.shape, node.shape) ? x : x.op.name === "reshape" ? reshape(x.inputs[0], node.shape) : undefined,
  stopGradient: (_, [x]) => x,
  normalise: (_, [y]) => y,
  broadcastTo: (node, [x]) =>
    sameShape(x.shape, node.shape) ? x : x.op === node.op ? broadcastTo(x.inputs[0], node.shape) : undefined,
  transpose: (node, [x]) => {
    const axes = node.attributes.axes as readonly number[];
    if (axes.every((axis, k) => axis === k)) return x;
    if (x.op !== node.op) return undefined;
    const inner = x.attributes.axes as readonly number[];
    return createNode(node.op, x.inputs, { axes: axes.map((axis) => inner[axis]) });
  },
  matmul: (node, [a, b]) => {
    const { transposeA, transposeB } = node.attributes;
    const turn = (x: Node) => x.op.name === "transpose" && swapsLastTwo(x.attributes.axes as readonly number[]);
    // The kernels have no layout with both sides transposed.
    if (turn(a) && !(transposeB && !transposeA)) {
      return createNode(node.op, [a.inputs[0], b], { transposeA: !transposeA, transposeB });
    }
    if (turn(b) && !(transposeA && !transposeB)) {
      return createNode(node.op, [a, b.inputs[0]], { transposeA, transposeB: !transposeB });
    }
    return undefined;
  },
};
