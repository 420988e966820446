import { collect, type Graph } from "../graph/graph.ts";
import { createNode, type Node } from "../node/node.ts";
import { half, halfInFull, halfOp } from "../ops/half.ts";
import { broadcastToOp, padOp } from "../ops/shape.ts";
import { isHalf, memoryOf } from "./groups.ts";

/**
 * Rounds the operands of matmuls and convolutions to 16-bit floats: they are then stored as such, products read half
 * the bytes, and add up in f32. Everybody else reads the rounded value too, since two copies would cost more memory and
 * another kernel, except for parameters and inputs, which are in memory in full, ops with a shader of their own, and
 * outputs.
 */
export function halveOperands(graph: Graph): Graph {
  const marked = new Set<Node>();
  const mark = (operand: Node): void => {
    const root = memoryOf(operand);
    const { kind } = root.op.lowering;
    if (kind === "leaf" || kind === "constant" || root.op === halfOp) return;
    marked.add(root);
    // The padded image is a copy: of 16-bit floats, if the image is.
    if (root.op === padOp) mark(root.inputs[0]);
  };
  for (const { op, inputs } of graph.nodes) if (op.lowering.kind === "product") inputs.forEach(mark);

  const exact = new Map<Node, Node>();
  const rounded = new Map<Node, Node>();
  const roundedLeaf = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const { kind } = node.op.lowering;
    const operand = (input: Node): Node => {
      const value = rounded.get(input) ?? exact.get(input)!;
      if (kind === "kernel") return exact.get(input)!;
      if (kind !== "product" || memoryOf(value).op.lowering.kind !== "leaf") return value;
      if (!roundedLeaf.has(value)) roundedLeaf.set(value, half(value));
      return roundedLeaf.get(value)!;
    };
    const copy = withInputs(node, node.inputs.map(operand));
    exact.set(node, copy);
    if (marked.has(node)) rounded.set(node, half(copy));
  }
  return withOutputs(graph, (node) => exact.get(node)!);
}

/** The same graph for a device without 16-bit floats: rounded values are stored in full. */
export const keepInFull = (graph: Graph): Graph =>
  rebuild(graph, (node) => (isHalf(node) && node.op === halfOp ? halfInFull(node.inputs[0]) : node));

/** Gives outputs, and what ops with a shader of their own read, a copy in f32 where the value is stored in 16 bits. */
export function readInFull(graph: Graph): Graph {
  const copies = new Map<Node, Node>();
  const copyOf = (node: Node): Node => {
    if (!isHalf(node)) return node;
    if (!copies.has(node)) copies.set(node, createNode(broadcastToOp, [node], { shape: node.shape }));
    return copies.get(node)!;
  };
  const forKernels = rebuild(graph, (node) =>
    node.op.lowering.kind === "kernel" ? withInputs(node, node.inputs.map(copyOf)) : node,
  );
  return withOutputs(forKernels, copyOf);
}

const withInputs = (node: Node, inputs: readonly Node[]): Node =>
  inputs.every((input, k) => input === node.inputs[k]) ? node : createNode(node.op, inputs, node.attributes, node.name);

const withOutputs = ({ outputs }: Graph, of: (node: Node) => Node): Graph =>
  collect(Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, of(node)])));

/** Every node replaced, after its inputs. */
function rebuild(graph: Graph, replace: (node: Node) => Node): Graph {
  const result = new Map<Node, Node>();
  for (const node of graph.nodes) {
    result.set(
      node,
      replace(
        withInputs(
          node,
          node.inputs.map((input) => result.get(input)!),
        ),
      ),
    );
  }
  return withOutputs(graph, (node) => result.get(node)!);
}
