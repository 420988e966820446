import type { DeviceProfile } from "../gpu/profile.ts";
import { chooseProduct, type ProductChoice, printChoice, productName, TILES, tilesOf } from "./choice.ts";
import { linearGrid } from "./geometry.ts";
import { link } from "./link.ts";

/** Something computed as a matrix product C[M, N] = A · B by the tiles of shaders/matmul. */
export interface Product {
  /** What stands before the variant in a kernel's name. */
  readonly family: string;
  /** The shader that says where the elements of the operands are. */
  readonly operands: string;
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

export interface Epilogue {
  readonly bindings: string;
  readonly body: string;
  /** Whether the results are stored as 16-bit floats. */
  readonly half?: boolean;
}

/** The kernel for a product: its text, constants and geometry. */
export function productKernel(product: Product, choice: ProductChoice = chooseProduct(product)) {
  const { family, operands, m, n, k, elements, parts, sliceable, vectors, epilogue } = product;
  const { variant, workgroup } = choice;
  const { slices, depth } = cut(k, choice.slices);
  const { halves = { a: false, b: false } } = product;
  const type = (ofVectors: boolean, half = false) =>
    half ? (ofVectors ? "vec4<f16>" : "f16") : ofVectors ? "vec4f" : "f32";
  const array = (count: number, ofVectors: boolean, half?: boolean) =>
    `array<${type(ofVectors, half)}, ${ofVectors ? count / 4 : count}>`;
  const tile = TILES[variant];
  const tiled = variant !== "general" && variant !== "narrow";
  const read = variant === "general" ? { a: false, b: false } : vectors;
  const aliases = {
    MatrixA: array(elements.a, read.a, halves.a),
    MatrixB: array(elements.b, read.b, halves.b),
    MatrixC: array(slices * elements.c, tiled, epilogue?.half),
    ResultC: type(tiled, epilogue?.half),
  };
  const shader = link(`matmul/${tile.shader}.wgsl`, {
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
  const [x, y] = linearGrid(tilesOf(product, variant) * tile.team, workgroup);
  return {
    kernel: `${family}/${variant}`,
    code:
      variant === "subgroup"
        ? `enable subgroups;\n${libraries}${shader.replace("enable subgroups;\n", "")}`
        : libraries + shader,
    constants: {
      M: m,
      N: n,
      K: k,
      ...product.constants,
      ...(sliceable && { SLICES: slices, SLICE_K: depth }),
      ...(tile.oneTeam ? { TILE: tile.rows } : { WORKGROUP: workgroup }),
    },
    workgroups: [x, y, parts * slices] as const,
    product: { name: productName(product), choice: printChoice(choice), source: choice.source ?? "default" },
    slices,
  };
}

/** Slices of whole vec4f: there may be fewer than were asked for. */
function cut(k: number, wanted: number): { slices: number; depth: number } {
  const depth = Math.ceil(k / wanted / 4) * 4;
  return { slices: Math.ceil(k / depth), depth };
}

/** What the expressions of an epilogue may call. */
const EPILOGUE_LIBRARIES = link("elementwise/libraries.wgsl");
