import { collect, type Graph } from "../graph/graph.ts";
import { convAttributes } from "../node/images.ts";
import { createNode, type Node } from "../node/node.ts";
import { conv2dFilterGradientOp, conv2dInputGradientOp, conv2dOp, convShapes } from "../ops/conv.ts";
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
    result.set(node, rules.get(node.op)?.(copy, padOnce) ?? copy);
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

type PadOnce = (image: Node, padding: readonly number[]) => Node;

function padInput(node: Node, padOnce: PadOnce): Node {
  const [x, other] = node.inputs;
  return createNode(node.op, [padOnce(x, convAttributes(node).padding), other], {
    ...node.attributes,
    padding: [0, 0, 0, 0],
  });
}

/**
 * Rows of zeros before dy are inputs of zeros before x: a row for each stride. So the gradient from a padded dy is the same
 * op with a larger padding.
 */
function padOutputGradient(node: Node, padOnce: PadOnce): Node {
  const { x, w, y } = convShapes(node);
  const { stride, dilation, padding } = convAttributes(node);
  const [dy, kernel] = node.inputs;
  const zeros = [0, 1].flatMap((axis) => {
    const before = padding[2 * axis];
    const first = Math.ceil((before - (w[axis] - 1) * dilation[axis]) / stride[axis]);
    // The phases of the kernel are of one size: the last pixel of the largest.
    const end = Math.ceil(x[1 + axis] / stride[axis]) * stride[axis] - 1;
    const last = Math.floor((end + before) / stride[axis]);
    return [Math.max(0, -first), Math.max(0, last - (y[1 + axis] - 1))];
  });
  return createNode(node.op, [padOnce(dy, zeros), kernel], {
    ...node.attributes,
    padding: padding.map((extent, side) => extent + zeros[side] * stride[side >> 1]),
  });
}

const rules = new Map([
  [conv2dOp, padInput],
  [conv2dFilterGradientOp, padInput],
  [conv2dInputGradientOp, padOutputGradient],
]);
