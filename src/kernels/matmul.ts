import type { DeviceProfile } from "../gpu/profile.ts";
import {
  type Epilogue,
  type Product,
  type ProductVariant,
  productKernel,
  productVariants,
  slicesOf,
} from "./product.ts";

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
}

export type MatmulVariant = ProductVariant;

/** A matmul as a product; `maySlice`: C may be [slices · M, N], to be added up, where that fills the device. */
export function matmulProduct(problem: MatmulProblem, maySlice = false): Product {
  const { m, n, k, transposeA, transposeB, profile, epilogue } = problem;
  const vectors = { a: (transposeA ? m : k) % 4 === 0, b: (transposeB ? k : n) % 4 === 0 };
  const shape = { m, n, vectors, innermostK: transposeB, profile };
  const { slices, depth } = maySlice ? slicesOf(shape, k) : { slices: 1, depth: 0 };
  return {
    family: "matmul",
    operands: "matmul/matrices.wgsl",
    constants: {
      K: k,
      TRANSPOSE_A: Number(transposeA),
      TRANSPOSE_B: Number(transposeB),
      SLICES: slices,
      SLICE_K: depth,
    },
    ...shape,
    elements: { a: m * k, b: k * n, c: slices * m * n },
    parts: slices,
    epilogue,
  };
}

export const matmulVariants = (problem: MatmulProblem): MatmulVariant[] => productVariants(matmulProduct(problem));

/** The matmul kernel for a problem: its text, constants and geometry. `variant` overrules the choice. */
export const matmulKernel = (problem: MatmulProblem, variant: MatmulVariant = matmulVariants(problem)[0]) =>
  productKernel(matmulProduct(problem), variant);
