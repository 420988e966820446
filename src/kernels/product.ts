import type { DeviceProfile } from "../gpu/profile.ts";
import { linearGrid } from "./geometry.ts";
import { link } from "./link.ts";

/** Something computed as a matrix product C[M, N] = A · B by the tiles of shaders/matmul. */
export interface Product {
  /** What stands before the variant in a kernel's name. */
  readonly family: string;
  /** The shader that says where the elements of the operands are. */
  readonly operands: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly m: number;
  readonly n: number;
  /** Elements in memory. */
  readonly elements: { readonly a: number; readonly b: number; readonly c: number };
  /** The dispatch's z: products of their own, or slices of one. */
  readonly parts: number;
  /** Whether A and B can be read as vec4f: the extent that is innermost in memory is a multiple of 4. */
  readonly vectors: { readonly a: boolean; readonly b: boolean };
  /** Whether k is innermost in memory on both sides. */
  readonly innermostK: boolean;
  readonly profile: DeviceProfile;
  /** What follows on the accumulated sums before they are stored; only where N is a multiple of 4. */
  readonly epilogue?: Epilogue;
}

export interface Epilogue {
  readonly bindings: string;
  readonly body: string;
}

export type ProductVariant = "subgroup" | "register" | "narrow" | "general";

/** Rows and columns of C that one invocation (for `subgroup`: a quad of four) owns. */
const TILE: Readonly<Record<ProductVariant, readonly [number, number]>> = {
  subgroup: [16, 16],
  register: [8, 8],
  narrow: [8, 4],
  general: [4, 4],
};

/** Invocations that share a tile. */
const TEAM: Readonly<Record<ProductVariant, number>> = { subgroup: 4, register: 1, narrow: 1, general: 1 };

/** Invocations a workgroup on software adapters, as measured (docs/notes-matmul.md); 64 fills the warps of a GPU. */
const SOFTWARE_WORKGROUP: Readonly<Record<ProductVariant, number>> = {
  subgroup: 8,
  register: 4,
  narrow: 16,
  general: 16,
};

/** The variants that can compute a product, the best one first. */
export function productVariants({ n, vectors, innermostK, profile }: Omit<Shape, "m">): ProductVariant[] {
  if (n % 4 === 0) return profile.subgroups ? ["subgroup", "register", "general"] : ["register", "general"];
  return n < 4 && innermostK && vectors.a && vectors.b ? ["narrow", "general"] : ["general"];
}

type Shape = Pick<Product, "m" | "n" | "vectors" | "innermostK" | "profile">;

/** The kernel for a product: its text, constants and geometry. */
export function productKernel(product: Product, variant: ProductVariant) {
  const { family, operands, m, n, elements, parts, vectors, profile, epilogue } = product;
  const workgroup = profile.software ? SOFTWARE_WORKGROUP[variant] : 64;
  const array = (count: number, ofVectors: boolean) =>
    ofVectors ? `array<vec4f, ${count / 4}>` : `array<f32, ${count}>`;
  const tiled = variant === "subgroup" || variant === "register";
  const read = variant === "general" ? { a: false, b: false } : vectors;
  const aliases = {
    MatrixA: array(elements.a, read.a),
    MatrixB: array(elements.b, read.b),
    MatrixC: array(elements.c, tiled),
  };
  const shader = link(`matmul/${variant}.wgsl`, {
    sizes: Object.entries(aliases)
      .map(([name, type]) => `alias ${name} = ${type};\n`)
      .join(""),
    operands: link(operands),
    ...(tiled && {
      loads:
        link(`matmul/a_${read.a ? "vectors" : "scalars"}.wgsl`) +
        link(`matmul/b_${read.b ? "vectors" : "scalars"}.wgsl`),
    }),
    ...(epilogue && {
      epilogue: `${epilogue.bindings}fn epilogue(accumulator: vec4f, row: u32, column: u32) -> vec4f {\n${epilogue.body}}\n`,
    }),
  });
  const libraries = epilogue ? EPILOGUE_LIBRARIES : "";
  const [x, y] = linearGrid(tilesOf(product, variant) * TEAM[variant], workgroup);
  return {
    kernel: `${family}/${variant}`,
    code:
      variant === "subgroup"
        ? `enable subgroups;\n${libraries}${shader.replace("enable subgroups;\n", "")}`
        : libraries + shader,
    constants: { M: m, N: n, ...product.constants, WORKGROUP: workgroup },
    workgroups: [x, y, parts] as const,
  };
}

const tilesOf = ({ m, n }: Pick<Product, "m" | "n">, variant: ProductVariant): number =>
  Math.ceil(m / TILE[variant][0]) * Math.ceil(n / TILE[variant][1]);

/** The least number of products in a slice of a sum. */
const SHORTEST_SLICE = 256;

/** The largest: longer sums lose digits. Four products are added up first, so these are 2048 additions in a row. */
const LONGEST_SLICE = 8192;

/**
 * Slices of a product's sums such that a device has something to do for all its threads and no sum is too long: the
 * `slices` and the products in each (shaders/matmul/slices.wgsl).
 */
export function slicesOf(product: Shape, k: number): { slices: number; depth: number } {
  const [variant] = productVariants(product);
  const wanted = Math.ceil(product.profile.reductionThreads / (tilesOf(product, variant) * TEAM[variant]));
  const count = Math.max(1, Math.min(wanted, Math.floor(k / SHORTEST_SLICE)), Math.ceil(k / LONGEST_SLICE));
  const depth = Math.ceil(k / count / 4) * 4;
  return { slices: Math.ceil(k / depth), depth };
}

/** What the expressions of an epilogue may call. */
const EPILOGUE_LIBRARIES = link("elementwise/libraries.wgsl");
