import { ReparamError } from "../errors.ts";
import { type Node, sizeOf } from "../node/node.ts";
import { add } from "../ops/arithmetic.ts";
import { constant } from "../ops/leaf.ts";
import { sumTo } from "../ops/reduce.ts";
import { broadcastTo } from "../ops/shape.ts";
import { topologicalOrder } from "./graph.ts";
import { equalLeaves } from "./leaves.ts";

/**
 * The gradient of a scalar with respect to each node of `wrt`, as graph, by reverse accumulation. The result can be
 * differentiated again. A node that does not reach the scalar gets zeros of its shape; leaves of one op and name are one.
 *
 * Throws ReparamError "config" if `scalar` has more than one element, or one name stands for leaves of two shapes.
 */
export function gradients(scalar: Node, wrt: readonly Node[]): Node[] {
  if (sizeOf(scalar.shape) !== 1) {
    throw new ReparamError("config", `Only a scalar has a gradient, and this node has the shape [${scalar.shape}].`);
  }
  const order = topologicalOrder([scalar]);
  const first = equalLeaves([...order, ...wrt]);
  const needed = new Set<Node>(wrt.map(first));
  for (const node of order) if (node.inputs.some((input) => needed.has(first(input)))) needed.add(node);

  const adjoint = new Map<Node, Node>([[first(scalar), constant(1, scalar.shape)]]);
  for (const node of order.reverse()) {
    const dy = adjoint.get(first(node));
    if (!dy || !needed.has(first(node))) continue;
    node.op.gradient(node, dy).forEach((contribution, k) => {
      const input = first(node.inputs[k]);
      if (!contribution || !needed.has(input)) return;
      const sum = adjoint.get(input);
      const share = sumTo(contribution, input.shape);
      adjoint.set(input, sum ? add(sum, share) : share);
    });
  }
  return wrt.map((node) => adjoint.get(first(node)) ?? broadcastTo(constant(0), node.shape));
}
