import { collect, type Graph } from "../graph/graph.ts";
import { createNode, type Node } from "../node/node.ts";
import { pad } from "../ops/shape.ts";

/**
 * Puts the zeros around the images of convolutions into memory: their kernels test no bounds, since a test at every load
 * costs more than the copy. What a convolution and its filter gradient both read is padded once.
 */
export function padImages(graph: Graph): Graph {
  const result = new Map<Node, Node>();
  const padded = new Map<Node, Map<string, Node>>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => result.get(input)!);
    const unchanged = inputs.every((input, k) => input === node.inputs[k]);
    const copy = unchanged ? node : createNode(node.op, inputs, node.attributes, node.name);
    const { lowering } = node.op;
    result.set(node, (lowering.kind === "product" && lowering.padded?.(copy, padOnce)) || copy);
  }
  return collect(Object.fromEntries(Object.entries(graph.outputs).map(([name, node]) => [name, result.get(node)!])));

  function padOnce(image: Node, [top, bottom, left, right]: readonly number[]): Node {
    const key = `${[top, bottom, left, right]}`;
    const known = padded.get(image) ?? new Map<string, Node>();
    padded.set(image, known);
    if (!known.has(key)) {
      const [batch, height, width, channels] = image.shape;
      known.set(key, pad(image, [0, top, left, 0], [batch, height + top + bottom, width + left + right, channels]));
    }
    return known.get(key)!;
  }
}
