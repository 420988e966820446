import { ReparamError } from "../errors.ts";
import { type Node, sameShape } from "../node/node.ts";

/** Whether a name says what a node is: a parameter, an input, a schedule or noise. */
export function isNamedLeaf({ op }: Node): boolean {
  const { kind } = op.lowering;
  return kind === "leaf" || kind === "schedule" || kind === "noise";
}

/**
 * Leaves of one op and name are one value, wherever they were made. Gives a function from each of the nodes to the first
 * leaf that equals it, or to itself. Throws ReparamError "config" where two of them differ in their shapes.
 */
export function equalLeaves(nodes: Iterable<Node>): (node: Node) => Node {
  const known = new Map<string, Node>();
  const first = new Map<Node, Node>();
  for (const node of nodes) {
    if (!isNamedLeaf(node)) continue;
    const key = `${node.op.name} ${node.name}`;
    const equal = known.get(key) ?? node;
    if (!sameShape(equal.shape, node.shape)) {
      throw new ReparamError(
        "config",
        `The ${node.op.name} "${node.name}" has the shape [${equal.shape}] in one place and [${node.shape}] in another.`,
      );
    }
    known.set(key, equal);
    first.set(node, equal);
  }
  return (node) => first.get(node) ?? node;
}
