import type { DeviceProfile } from "../gpu/profile.ts";
import type { ConvAttributes, ConvShapes } from "../node/images.ts";
import { sizeOf } from "../node/node.ts";
import type { Epilogue, Product } from "../plan/product.ts";
import { convFilterGradient as convFilterGradientShader } from "../shaders/conv/filter_gradient.generated.ts";
import { convForward as convForwardShader } from "../shaders/conv/forward.generated.ts";
import { convInputGradient as convInputGradientShader } from "../shaders/conv/input_gradient.generated.ts";

/** A convolution or one of its gradients, whose padding lies in memory (src/compiler/pad-images.ts). */
export interface ConvProblem {
  readonly shapes: ConvShapes;
  readonly attributes: ConvAttributes;
  readonly profile: DeviceProfile;
  readonly epilogue?: Epilogue;
}

/** Below this, the shaders' divisions by way of f32 are exact (shaders/conv/quotient.wgsl). */
const SMALL = 2 ** 20;

/** x: [B, H, W, C] with its padding, w: [KH, KW, C, O] → [B, OH, OW, O]. */
export function convForward({ shapes, attributes, profile, epilogue }: ConvProblem): Product {
  const { x, w, y } = shapes;
  const [m, n, k] = [sizeOf(y.slice(0, 3)), w[3], sizeOf(w.slice(0, 3))];
  return {
    family: "conv/forward",
    operands: convForwardShader,
    constants: {
      // One column is as good as one row.
      TRANSPOSE_B: Number(n === 1),
      ...windowConstants(shapes, attributes),
      SMALL: Number(Math.max(m, k) < SMALL),
    },
    m,
    n,
    k,
    elements: { a: sizeOf(x), b: k * n, c: m * n },
    parts: 1,
    sliceable: false,
    vectors: { a: x[3] % 4 === 0, b: (n === 1 ? k : n) % 4 === 0 },
    innermostK: n === 1,
    profile,
    epilogue,
  };
}

/** x: [B, H, W, C] with its padding, dy: [B, OH, OW, O] → [KH, KW, C, O], in slices that are to be added up. */
export function convFilterGradient({ shapes, attributes, profile }: ConvProblem): Product {
  const { x, w, y } = shapes;
  const [m, n, k] = [sizeOf(w.slice(0, 3)), w[3], sizeOf(y.slice(0, 3))];
  return {
    family: "conv/filter_gradient",
    operands: convFilterGradientShader,
    constants: { ...windowConstants(shapes, attributes), SMALL: Number(Math.max(m, k) < SMALL) },
    m,
    n,
    k,
    elements: { a: sizeOf(x), b: k * n, c: m * n },
    parts: 1,
    sliceable: true,
    vectors: { a: x[3] % 4 === 0, b: n % 4 === 0 },
    innermostK: false,
    profile,
  };
}

function windowConstants({ x, w, y }: ConvShapes, { stride, dilation }: ConvAttributes) {
  return {
    HEIGHT: x[1],
    WIDTH: x[2],
    CHANNELS: x[3],
    OUT_HEIGHT: y[1],
    OUT_WIDTH: y[2],
    KERNEL_WIDTH: w[1],
    STRIDE_H: stride[0],
    STRIDE_W: stride[1],
    DILATION_H: dilation[0],
    DILATION_W: dilation[1],
  };
}

/** dy: [B, OH, OW, O] with zeros wherever a tap reaches, w: [KH, KW, C, O] → [B, H, W, C]; a part for each phase. */
export function convInputGradient({ shapes, attributes, profile, epilogue }: ConvProblem): Product {
  const { x, w, y } = shapes;
  const { stride, dilation, padding } = attributes;
  const m = x[0] * Math.ceil(x[1] / stride[0]) * Math.ceil(x[2] / stride[1]);
  const [n, k] = [x[3], w[0] * w[1] * w[3]];
  const steps = [0, 1].map((axis) => stride[axis] / gcd(stride[axis], dilation[axis]));
  return {
    family: "conv/input_gradient",
    operands: convInputGradientShader,
    constants: {
      HEIGHT: x[1],
      WIDTH: x[2],
      OUT_HEIGHT: y[1],
      OUT_WIDTH: y[2],
      OUTPUTS: y[3],
      KERNEL_HEIGHT: w[0],
      KERNEL_WIDTH: w[1],
      STRIDE_H: stride[0],
      STRIDE_W: stride[1],
      DILATION_H: dilation[0],
      DILATION_W: dilation[1],
      STEP_H: steps[0],
      STEP_W: steps[1],
      REACH_H: (dilation[0] * steps[0]) / stride[0],
      REACH_W: (dilation[1] * steps[1]) / stride[1],
      TOP: padding[0],
      LEFT: padding[2],
      SMALL: Number(Math.max(m, k) < SMALL),
    },
    m,
    n,
    k,
    elements: { a: sizeOf(y), b: sizeOf(w), c: sizeOf(x) },
    parts: stride[0] * stride[1],
    sliceable: false,
    vectors: { a: y[3] % 4 === 0, b: y[3] % 4 === 0 },
    innermostK: true,
    profile,
    epilogue,
  };
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
