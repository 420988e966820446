import type { Node, Shape } from "./op.ts";

// What ops over images carry, which their kernels read as well. Images are NHWC: [B, H, W, C].

/** Rows and columns: `[height, width]`. */
export type Pair = readonly [number, number];

/** What convolutions and their gradients carry. Padding is top, bottom, left, right. */
export interface ConvAttributes {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: readonly [number, number, number, number];
}

export const convAttributes = ({ attributes }: Node): ConvAttributes => attributes as unknown as ConvAttributes;

/** The three tensors of a convolution, whichever of them a node computes. */
export interface ConvShapes {
  /** [B, H, W, C], without padding. */
  readonly x: Shape;
  /** [KH, KW, C, O] */
  readonly w: Shape;
  /** [B, OH, OW, O] */
  readonly y: Shape;
}

/** What all ops of pooling carry. Padding is top, bottom, left, right, each less than the kernel. */
export interface PoolAttributes {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: readonly [number, number, number, number];
}

export const poolAttributes = ({ attributes }: Node): PoolAttributes => attributes as unknown as PoolAttributes;
