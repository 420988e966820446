import type { KernelProblem } from "./problem.ts";

/** C = A B with square matrices. */
export function squareMatmul(extent: number): KernelProblem {
  return {
    kind: "kernel",
    op: "matmul",
    shapes: [
      [extent, extent],
      [extent, extent],
    ],
    result: [extent, extent],
    flops: 2 * extent ** 3,
    exact: ([a, b], index) => {
      const [row, column] = [Math.floor(index / extent), index % extent];
      let sum = 0;
      for (let k = 0; k < extent; k++) sum += a[row * extent + k] * b[k * extent + column];
      return sum;
    },
  };
}
