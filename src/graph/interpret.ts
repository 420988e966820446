import { ReparamError } from "../errors.ts";
import { type Node, sizeOf } from "../node/node.ts";
import type { Graph } from "./graph.ts";

export interface InterpretOptions {
  /** Values of parameters, inputs and schedules, by name. */
  readonly feeds?: Readonly<Record<string, ArrayLike<number>>>;
  /** 64-bit seed of the noise, as two words. */
  readonly seed?: readonly [number, number];
  /** The step whose noise is drawn. */
  readonly step?: number;
}

/**
 * Executes a graph in float64, node by node: the reference that every kernel, plan and gradient is held to.
 * Returns the values of the outputs by name.
 */
export function interpret(graph: Graph, options: InterpretOptions = {}): Record<string, Float64Array> {
  const values = interpretNodes(graph.nodes, options);
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, values.get(node)!]));
}

/** The value of every node. */
function interpretNodes(
  nodes: readonly Node[],
  { feeds = {}, seed = [0, 0], step = 0 }: InterpretOptions = {},
): Map<Node, Float64Array> {
  const values = new Map<Node, Float64Array>();
  for (const node of nodes) values.set(node, evaluate(node));
  return values;

  function evaluate(node: Node): Float64Array {
    const { kind } = node.op.lowering;
    if ((kind === "leaf" || kind === "schedule") && Object.hasOwn(feeds, node.name!)) {
      const fed = Float64Array.from(feeds[node.name!]);
      if (fed.length !== sizeOf(node.shape)) {
        throw new ReparamError(
          "config",
          `"${node.name}" was fed ${fed.length} numbers, and its shape [${node.shape}] holds ${sizeOf(node.shape)}.`,
        );
      }
      return fed;
    }
    return node.op.reference(
      node.inputs.map((input) => values.get(input)!),
      { node, seed, step },
    );
  }
}
