import type { DeviceProfile } from "../../src/gpu/profile.ts";
import { gradients } from "../../src/graph/differentiate.ts";
import * as ops from "../../src/ops/public.ts";

/** A GPU that takes whatever tile is asked for. */
export const hardware: DeviceProfile = { software: false, subgroups: true, reductionThreads: 8192, reductionSteps: 8 };

/** The same choice for every product that can have it. */
export const always = (choice: string): DeviceProfile => ({
  ...hardware,
  choices: [{ source: "tuned", entries: new Proxy({}, { get: () => choice }) }],
});

/** Every layout, loads of vectors and of numbers, sizes beside a tile's, an epilogue, a batch. */
export function products() {
  const operands = (name: string, a: readonly number[], b: readonly number[]) =>
    [ops.input(`${name} a`, a), ops.input(`${name} b`, b)] as const;
  return {
    NN: ops.tanh(ops.add(ops.matmul(...operands("NN", [70, 37], [37, 68])), ops.input("bias", [68]))),
    TN: ops.matmul(...operands("TN", [33, 132], [33, 72]), { transposeA: true }),
    NT: ops.matmul(...operands("NT", [2, 66, 40], [2, 64, 40]), { transposeB: true }),
  };
}

/** A long sum in slices, and a convolution of stride 2 with its two gradients. */
export function convolution() {
  const x = ops.input("x", [4, 9, 9, 36]);
  const w = ops.parameter("w", [3, 3, 36, 36]);
  const y = ops.conv2d(ops.relu(x), w, { stride: 2, padding: "same" });
  const [dx, dw] = gradients(ops.sum(ops.mul(ops.relu(y), ops.input("weights", y.shape))), [x, w]);
  return { y, dx, dw, long: ops.matmul(ops.input("long a", [64, 600]), ops.input("long b", [600, 64])) };
}
