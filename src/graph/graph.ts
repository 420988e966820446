import { ReparamError } from "../errors.ts";
import { type Attributes, createNode, type Node } from "../node/node.ts";
import { opNamed } from "../ops/index.ts";
import { streamOf } from "../ops/noise.ts";
import { equalLeaves, isNamedLeaf } from "./leaves.ts";

/**
 * Everything that named outputs depend on, each node after its inputs; its place in the list is its id. Several leaves of
 * one op and name are one value.
 */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: Readonly<Record<string, Node>>;
}

/**
 * Gathers a graph from its outputs. Throws where one name stands for leaves of two shapes, or two names share a noise
 * stream.
 */
export function collect(outputs: Readonly<Record<string, Node>>): Graph {
  const nodes = topologicalOrder(Object.values(outputs));
  for (const node of nodes) {
    if (isNamedLeaf(node) && typeof node.name !== "string") {
      throw new ReparamError("config", `A ${node.op.name} needs a name.`);
    }
  }
  const first = equalLeaves(nodes);
  const streams = new Map<number, Node>();
  for (const node of nodes) {
    if (node.op.lowering.kind !== "noise") continue;
    const stream = streamOf(node.name!);
    const sharing = streams.get(stream) ?? node;
    if (first(sharing) !== first(node)) {
      throw new ReparamError(
        "config",
        `Noise "${sharing.name}" and "${node.name}" fall on one random stream: rename one.`,
      );
    }
    streams.set(stream, sharing);
  }
  return { nodes, outputs };
}

/** Each node once, after its inputs, in an order that depends on the graph alone. No recursion: graphs may be deep. */
export function topologicalOrder(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const root of roots) {
    if (!done.has(root)) stack.push({ node: root, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.node.inputs.length) {
        const child = top.node.inputs[top.next++];
        if (!done.has(child)) stack.push({ node: child, next: 0 });
        continue;
      }
      stack.pop();
      if (done.has(top.node)) continue;
      done.add(top.node);
      order.push(top.node);
    }
  }
  return order;
}

/** A graph as plain data. */
export interface GraphJson {
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly number[];
    readonly attributes?: Attributes;
    readonly name?: string;
  }[];
  readonly outputs: Readonly<Record<string, number>>;
}

export function toJson({ nodes, outputs }: Graph): GraphJson {
  const id = new Map(nodes.map((node, index) => [node, index]));
  return {
    nodes: nodes.map(({ op, inputs, attributes, name }) => ({
      op: op.name,
      inputs: inputs.map((input) => id.get(input)!),
      ...(Object.keys(attributes).length > 0 && { attributes }),
      ...(name !== undefined && { name }),
    })),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, node]) => [name, id.get(node)!])),
  };
}

/**
 * Builds a graph from plain data; every shape is derived again. Throws ReparamError "config" for data that is no graph.
 */
export function fromJson(json: GraphJson): Graph {
  try {
    return build(json);
  } catch (error) {
    if (error instanceof ReparamError) throw error;
    throw new ReparamError("config", `The data is no graph: ${(error as Error).message}.`, { cause: error });
  }
}

function build(json: GraphJson): Graph {
  const nodes: Node[] = [];
  const at = (id: number, where: string): Node => {
    const node = Number.isInteger(id) ? nodes[id] : undefined;
    if (!node) throw new ReparamError("config", `${where} refers to node ${id}, which does not come before it.`);
    return node;
  };
  for (const { op, inputs, attributes, name } of json.nodes) {
    const where = `Node ${nodes.length} (${op})`;
    nodes.push(
      createNode(
        opNamed(op),
        inputs.map((id) => at(id, where)),
        attributes,
        name,
      ),
    );
  }
  return collect(
    Object.fromEntries(Object.entries(json.outputs).map(([name, id]) => [name, at(id, `Output "${name}"`)])),
  );
}

/** One line a node: `%5 = relu(%4) : [128, 400]`. */
export function print({ nodes, outputs }: Graph): string {
  const id = new Map(nodes.map((node, index) => [node, `%${index}`]));
  const lines = nodes.map(({ op, inputs, attributes, shape, name }, index) => {
    const args = [
      ...(name === undefined ? [] : [JSON.stringify(name)]),
      ...inputs.map((input) => id.get(input)!),
      ...Object.entries(attributes)
        .filter(([key]) => key !== "shape")
        .map(([key, value]) => `${key}=${JSON.stringify(value)}`),
    ];
    return `%${index} = ${op.name}(${args.join(", ")}) : [${shape.join(", ")}]`;
  });
  const results = Object.entries(outputs).map(([name, node]) => `${name} -> ${id.get(node)}`);
  return [...lines, ...results].join("\n");
}
