import type { DeviceProfile } from "../gpu/profile.ts";
import type { Epilogue, Product } from "./product.ts";

/** C[M, N] = op(A) · op(B), of which at most one operand is transposed. */
export interface MatmulProblem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored [K, M]. */
  readonly transposeA: boolean;
  /** B is stored [N, K]. */
  readonly transposeB: boolean;
  readonly profile: DeviceProfile;
  readonly epilogue?: Epilogue;
  /** Whether C may come in slices that are to be added up. */
  readonly sliceable?: boolean;
}

/** A matmul as a product. */
export function matmulProduct(problem: MatmulProblem): Product {
  const { m, n, k, transposeA, transposeB, profile, epilogue, sliceable = false } = problem;
  return {
    family: "matmul",
    operands: "matmul/matrices.wgsl",
    constants: { TRANSPOSE_A: Number(transposeA), TRANSPOSE_B: Number(transposeB) },
    layout: transposeA ? "TN" : transposeB ? "NT" : "NN",
    m,
    n,
    k,
    elements: { a: m * k, b: k * n, c: m * n },
    parts: 1,
    sliceable,
    vectors: { a: (transposeA ? m : k) % 4 === 0, b: (transposeB ? k : n) % 4 === 0 },
    innermostK: transposeB,
    profile,
    epilogue,
  };
}
