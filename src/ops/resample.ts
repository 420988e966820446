import { bilinearAdjointKernel, bilinearKernel } from "../kernels/resample.ts";
import {
  type Attributes,
  checkedShape,
  createNode,
  type Node,
  type Shape,
  sameShape,
  shapeError,
  sizeOf,
} from "../node/node.ts";
import type { Op } from "../node/op.ts";
import { checkWholeNumbers, type Pair, type PairOption, pairOf } from "./conv-geometry.ts";
import { broadcastTo, reshape, transpose } from "./shape.ts";

/**
 * Every pixel of x: [batch, H, W, C] repeated, `factor` times in each direction → [batch, H·factor, W·factor, C].
 * It is a view, so it is computed inside whatever kernel reads it, and its gradient is one sum.
 * Throws ReparamError "config" where x are no images, or a factor is no whole number above 0.
 */
export function upsampleNearest(x: Node, factor: PairOption): Node {
  checkImages("upsampleNearest", x.shape);
  const [rows, columns] = pairOf(factor);
  checkWholeNumbers("upsampleNearest", "factor", [rows, columns], 2, 1);
  const [batch, height, width, channels] = x.shape;
  // The copies of a pixel stand together at first, so that the gradient adds them up along one axis.
  const copies = broadcastTo(reshape(x, [batch, height, width, 1, channels]), [
    batch,
    height,
    width,
    rows * columns,
    channels,
  ]);
  const blocks = transpose(reshape(copies, [batch, height, width, rows, columns, channels]), [0, 1, 3, 2, 4, 5]);
  return reshape(blocks, [batch, height * rows, width * columns, channels]);
}

export const resizeBilinearOp: Op = {
  name: "resizeBilinear",
  arity: 1,
  shape: ([x], { size }) => resized("resizeBilinear", x, size),
  gradient: ({ inputs: [x] }, dy) => [createNode(resizeBilinearAdjointOp, [dy], { size: x.shape.slice(1, 3) })],
  reference: ([x], { node }) => {
    const y = new Float64Array(sizeOf(node.shape));
    forEachPair(node.inputs[0].shape, node.shape, (from, to, weight) => {
      y[to] += weight * x[from];
    });
    return y;
  },
  lowering: { kind: "kernel", launch: bilinearKernel },
};

/** dy: [B, OH, OW, C] → [B, H, W, C], where [H, W] is the attribute `size`. */
export const resizeBilinearAdjointOp: Op = {
  name: "resizeBilinearAdjoint",
  arity: 1,
  shape: ([dy], { size }) => resized("resizeBilinearAdjoint", dy, size),
  gradient: ({ inputs: [dy] }, dx) => [createNode(resizeBilinearOp, [dx], { size: dy.shape.slice(1, 3) })],
  reference: ([dy], { node }) => {
    const dx = new Float64Array(sizeOf(node.shape));
    forEachPair(node.shape, node.inputs[0].shape, (to, from, weight) => {
      dx[to] += weight * dy[from];
    });
    return dx;
  },
  lowering: { kind: "kernel", launch: bilinearAdjointKernel },
};

/**
 * Images x: [batch, H, W, C] at another size, [batch, ...size, C], by weights of the four nearest pixels. Pixel centres
 * lie at halves (align_corners=False in PyTorch's `interpolate`), and edge pixels continue beyond the edge. To a smaller
 * size it samples in the same way, without a filter, as PyTorch does: pixels in between are lost. For that, `averagePool2d`
 * is the better op. Throws ReparamError "config" where x are no images.
 */
export const resizeBilinear = (x: Node, size: Pair): Node =>
  sameShape(x.shape, resized("resizeBilinear", x.shape, size)) ? x : createNode(resizeBilinearOp, [x], { size });

function checkImages(op: string, x: Shape): void {
  if (x.length !== 4) throw shapeError(op, [x], "are not images [batch, height, width, channels]");
}

function resized(op: string, x: Shape, size: Attributes[string]): Shape {
  checkImages(op, x);
  checkWholeNumbers(op, "size", size, 2, 1);
  return [x[0], ...checkedShape(size), x[3]];
}

/** The two inputs between which each output of one direction lies, with their weights. */
const neighbours = (inputs: number, outputs: number): readonly (readonly (readonly [number, number])[])[] =>
  Array.from({ length: outputs }, (_, o) => {
    const at = Math.max(0, ((o + 0.5) * inputs) / outputs - 0.5);
    const first = Math.min(Math.floor(at), inputs - 1);
    return [
      [first, 1 - (at - first)],
      [Math.min(first + 1, inputs - 1), at - first],
    ];
  });

/** Calls `visit` with the linear indices of an input and an output, and the weight of the one in the other. */
function forEachPair(x: Shape, y: Shape, visit: (input: number, output: number, weight: number) => void): void {
  const [batch, height, width, channels] = x;
  const rows = neighbours(height, y[1]);
  const columns = neighbours(width, y[2]);
  for (let b = 0; b < batch; b++) {
    rows.forEach((row, oh) => {
      columns.forEach((column, ow) => {
        const output = ((b * y[1] + oh) * y[2] + ow) * channels;
        for (const [h, high] of row) {
          for (const [w, wide] of column) {
            const input = ((b * height + h) * width + w) * channels;
            for (let c = 0; c < channels; c++) visit(input + c, output + c, high * wide);
          }
        }
      });
    });
  }
}
