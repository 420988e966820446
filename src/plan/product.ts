import type { DeviceProfile } from "../gpu/profile.ts";
import type { Shader } from "../shaders/shader.ts";

/** Something computed as a matrix product C[M, N] = A · B by the tiles of shaders/matmul. */
export interface Product {
  /** What stands before the variant in a kernel's name. */
  readonly family: string;
  /** The shader that says where the elements of the operands are. */
  readonly operands: Shader;
  readonly constants: Readonly<Record<string, number>>;
  /** How A and B lie in memory, where there are several ways: NN, TN or NT. */
  readonly layout?: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Elements in memory. */
  readonly elements: { readonly a: number; readonly b: number; readonly c: number };
  /** Products of their own in one dispatch. */
  readonly parts: number;
  /** Whether C may be [slices · M, N], parts of its sums that are still to be added up (shaders/matmul/slices.wgsl). */
  readonly sliceable: boolean;
  /** Whether A and B can be read as vec4f: the extent that is innermost in memory is a multiple of 4. */
  readonly vectors: { readonly a: boolean; readonly b: boolean };
  /** Whether A and B are 16-bit floats in memory; not so by default. */
  readonly halves?: { readonly a: boolean; readonly b: boolean };
  /** Whether k is innermost in memory on both sides. */
  readonly innermostK: boolean;
  readonly profile: DeviceProfile;
  /** What follows on the accumulated sums before they are stored; only where N is a multiple of 4. */
  readonly epilogue?: Epilogue;
}

/** A product, and the problem's shape for people. */
export interface NamedProduct {
  readonly product: Product;
  readonly shape: string;
}

/** What follows on the sums of a product. */
export interface Epilogue {
  readonly bindings: string;
  readonly body: string;
  /** Whether the results are stored as 16-bit floats. */
  readonly half?: boolean;
}
