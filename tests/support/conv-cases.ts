import fc from "fast-check";
import { createNode, type Node, sizeOf } from "../../src/node/node.ts";
import { conv2dFilterGradientOp, conv2dInputGradientOp, conv2dOp } from "../../src/ops/conv.ts";
import { outputExtent } from "../../src/ops/conv-geometry.ts";
import * as ops from "../../src/ops/public.ts";

/** Everything that describes a convolution, drawn at random or by hand. */
export interface ConvCase {
  readonly batch: number;
  readonly size: readonly [number, number];
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** top, bottom, left, right */
  readonly padding: readonly [number, number, number, number];
}

const pair = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(values, values);

/** Strides, dilations and paddings of all kinds, odd sizes, single channels and three. */
export const convCase: fc.Arbitrary<ConvCase> = fc
  .record({
    batch: fc.constantFrom(1, 1, 2, 3, 5),
    size: pair(fc.integer({ min: 1, max: 13 })),
    channels: fc.constantFrom(1, 3, 4, 8, 12),
    outputs: fc.constantFrom(1, 3, 4, 8, 20),
    kernel: pair(fc.integer({ min: 1, max: 4 })),
    stride: pair(fc.constantFrom(1, 1, 2, 2, 3, 4)),
    dilation: pair(fc.constantFrom(1, 1, 1, 2, 3)),
    padding: fc.tuple(...([0, 1, 2, 3] as const).map(() => fc.constantFrom(0, 0, 1, 2, 4))) as fc.Arbitrary<
      [number, number, number, number]
    >,
  })
  .filter(({ size, kernel, stride, dilation, padding }) =>
    [0, 1].every(
      (axis) =>
        outputExtent(
          size[axis],
          padding[2 * axis] + padding[2 * axis + 1],
          kernel[axis],
          stride[axis],
          dilation[axis],
        ) > 0,
    ),
  );

/** A case whose channels suit vec4f loads. */
export const alignedCase: fc.Arbitrary<ConvCase> = fc
  .record({ drawn: convCase, channels: fc.constantFrom(4, 8, 12), outputs: fc.constantFrom(4, 8, 20) })
  .map(({ drawn, ...channels }) => ({ ...drawn, ...channels }));

/** The convolution and its two gradients on leaves of their own: y from x and w, dx from dy and w, dw from x and dy. */
export function convNodes({ batch, size, channels, outputs, kernel, stride, dilation, padding }: ConvCase, name = "") {
  const attributes = { stride, dilation, padding };
  const x = ops.parameter(`${name} x`, [batch, ...size, channels]);
  const w = ops.parameter(`${name} w`, [...kernel, channels, outputs]);
  const y = createNode(conv2dOp, [x, w], attributes);
  const dy = ops.parameter(`${name} dy`, y.shape);
  return {
    leaves: { x, w, dy },
    y,
    dx: createNode(conv2dInputGradientOp, [dy, w], { ...attributes, size }),
    dw: createNode(conv2dFilterGradientOp, [x, dy], { ...attributes, kernel }),
  };
}

/** √(number of products in each sum): how large a sum of numbers near 1 becomes. */
export const scaleOf = (node: Node): number =>
  Math.sqrt(node.op.lowering.kind === "product" ? Math.max(1, node.op.lowering.depth(node)) : sizeOf(node.shape));
