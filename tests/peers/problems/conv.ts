import { BATCH_SIZE, type KernelProblem } from "./problem.ts";

// A convolution 28 x 28 x 32 → 14 x 14 x 64, 3 x 3, stride 2, SAME as TensorFlow means it (one row and column of zeros, at
// the bottom and right), and its two gradients: y[b, oh, ow, o] = Σ x[b, 2 oh + kh, 2 ow + kw, c] · w[kh, kw, c, o].
const [HEIGHT, IN, OUT, TAPS] = [28, 32, 64, 3];
const HALF = HEIGHT / 2;
const X = [BATCH_SIZE, HEIGHT, HEIGHT, IN];
const W = [TAPS, TAPS, IN, OUT];
const Y = [BATCH_SIZE, HALF, HALF, OUT];

const at = (values: Float32Array, shape: readonly number[], index: readonly number[]): number =>
  index.every((i, axis) => i >= 0 && i < shape[axis])
    ? values[index.reduce((sum, i, axis) => sum * shape[axis] + i, 0)]
    : 0;

function coordinates(index: number, shape: readonly number[]): number[] {
  const parts: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    parts.unshift(index % shape[axis]);
    index = Math.floor(index / shape[axis]);
  }
  return parts;
}

/** Σ over the ranges of three indices. */
function sum3([n, m, l]: readonly [number, number, number], term: (i: number, j: number, k: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) for (let k = 0; k < l; k++) sum += term(i, j, k);
  return sum;
}

const common = { kind: "kernel", flops: 2 * BATCH_SIZE * HALF ** 2 * OUT * TAPS ** 2 * IN } as const;

export const conv2d: KernelProblem = {
  ...common,
  op: "conv2d",
  shapes: [X, W],
  result: Y,
  exact: ([x, w], index) => {
    const [b, oh, ow, o] = coordinates(index, Y);
    return sum3([TAPS, TAPS, IN], (kh, kw, c) => at(x, X, [b, 2 * oh + kh, 2 * ow + kw, c]) * at(w, W, [kh, kw, c, o]));
  },
};

export const conv2dInputGradient: KernelProblem = {
  ...common,
  op: "conv2dInputGradient",
  shapes: [Y, W],
  result: X,
  exact: ([dy, w], index) => {
    const [b, h, v, c] = coordinates(index, X);
    return sum3([TAPS, TAPS, OUT], (kh, kw, o) =>
      (h - kh) % 2 === 0 && (v - kw) % 2 === 0
        ? at(dy, Y, [b, (h - kh) / 2, (v - kw) / 2, o]) * at(w, W, [kh, kw, c, o])
        : 0,
    );
  },
};

export const conv2dFilterGradient: KernelProblem = {
  ...common,
  op: "conv2dFilterGradient",
  shapes: [X, Y],
  result: W,
  exact: ([x, dy], index) => {
    const [kh, kw, c, o] = coordinates(index, W);
    return sum3(
      [BATCH_SIZE, HALF, HALF],
      (b, oh, ow) => at(x, X, [b, 2 * oh + kh, 2 * ow + kw, c]) * at(dy, Y, [b, oh, ow, o]),
    );
  },
};
