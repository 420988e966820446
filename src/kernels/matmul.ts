import type { DeviceProfile } from "../gpu/profile.ts";
import type { Epilogue, Product } from "../plan/product.ts";
import { matmulMatrices } from "../shaders/matmul/matrices.generated.ts";

/** C[M, N] = op(A) · op(B), of which at most one operand is transposed; or `batch` of these, one after another. */
export interface MatmulProblem {
  /** Products; 1 by default. */
  readonly batch?: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored [K, M]. */
  readonly transposeA: boolean;
  /** B is stored [N, K]. */
  readonly transposeB: boolean;
  /** All products have one A, or one B. */
  readonly sharedA?: boolean;
  readonly sharedB?: boolean;
  readonly profile: DeviceProfile;
  readonly epilogue?: Epilogue;
  /** Whether C may come in slices that are to be added up. */
  readonly sliceable?: boolean;
}

/** A matmul as a product. */
export function matmulProduct(problem: MatmulProblem): Product {
  const { batch = 1, m, n, k, transposeA, transposeB, sharedA = false, sharedB = false } = problem;
  const { profile, epilogue, sliceable = false } = problem;
  return {
    family: "matmul",
    operands: matmulMatrices,
    constants: {
      TRANSPOSE_A: Number(transposeA),
      TRANSPOSE_B: Number(transposeB),
      ...(batch > 1 && { BATCH: batch, SHARED_A: Number(sharedA), SHARED_B: Number(sharedB) }),
    },
    layout: transposeA ? "TN" : transposeB ? "NT" : "NN",
    m,
    n,
    k,
    elements: { a: (sharedA ? 1 : batch) * m * k, b: (sharedB ? 1 : batch) * k * n, c: batch * m * n },
    parts: batch,
    sliceable,
    vectors: { a: (transposeA ? m : k) % 4 === 0, b: (transposeB ? k : n) % 4 === 0 },
    innermostK: transposeB,
    profile,
    epilogue,
  };
}
