import type { Dispatch, TextureFormat } from "../plan/plan.ts";
import type { Product } from "../plan/product.ts";
import { libExpressions } from "../shaders/lib/expressions.generated.ts";
import { matmulAScalars } from "../shaders/matmul/a_scalars.generated.ts";
import { matmulAVectors } from "../shaders/matmul/a_vectors.generated.ts";
import { matmulBPairs } from "../shaders/matmul/b_pairs.generated.ts";
import { matmulBScalars } from "../shaders/matmul/b_scalars.generated.ts";
import { matmulBVectors } from "../shaders/matmul/b_vectors.generated.ts";
import { matmulTextures } from "../shaders/matmul/textures.generated.ts";
import {
  chooseProduct,
  type ProductChoice,
  pairsQuads,
  printChoice,
  productName,
  readsTextures,
  storesByLoop,
  TILES,
  tilesOf,
} from "./choice.ts";
import { linearGrid, MAX_WORKGROUPS } from "./geometry.ts";
import { link } from "./link.ts";

export interface ProductOptions {
  readonly choice?: ProductChoice;
  /** Whether it is so small a part of its plan that it had better compile soon than run fast. */
  readonly minor?: boolean;
}

/** The kernel for a product: its text, constants and geometry, a launch or more (of very many parts). */
export function productKernel(
  product: Product,
  { choice = chooseProduct(product), minor = false }: ProductOptions = {},
) {
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
  const paired = pairsQuads(product, choice);
  const read = variant === "general" ? { a: false, b: false } : vectors;
  const textures = readsTextures(product, variant, read)
    ? { a: textureFormat(read.a), b: textureFormat(read.b) }
    : { a: undefined, b: undefined };
  const operand = (of: "a" | "b") =>
    textures[of] ? `texture_storage_2d<${textures[of]}, read>` : array(elements[of], read[of], halves[of]);
  const aliases = {
    MatrixA: operand("a"),
    MatrixB: operand("b"),
    ReadA: type(read.a),
    ReadB: type(read.b),
    MatrixC: array(slices * elements.c, tiled, epilogue?.half),
    ResultC: type(tiled, epilogue?.half),
  };
  const code = link(tile.shader, {
    sizes: Object.entries(aliases)
      .map(([name, type]) => `alias ${name} = ${type};\n`)
      .join(""),
    operands: { imports: [operands] },
    ...(textures.a && {
      memory: { imports: [matmulTextures] },
      ...(!read.a && { texel_a: FIRST_OF_TEXEL }),
      ...(!read.b && { texel_b: FIRST_OF_TEXEL }),
    }),
    ...(tiled && {
      loads: { imports: [read.a ? matmulAVectors : matmulAScalars, read.b ? matmulBVectors : matmulBScalars] },
      ...(paired && { lines: { imports: [matmulBPairs] } }),
    }),
    ...(epilogue && {
      epilogue: {
        imports: [libExpressions],
        text: `${epilogue.bindings}fn epilogue(accumulator: vec4f, row: u32, column: u32) -> vec4f {\n${epilogue.body}}\n`,
      },
    }),
  });
  const tiles = tilesOf(paired ? { ...product, m: Math.ceil(m / (2 * tile.rows)) * 2 * tile.rows } : product, variant);
  const [x, y] = linearGrid(tiles * tile.team, workgroup);
  const constants = {
    M: m,
    N: n,
    K: k,
    ...product.constants,
    ...(sliceable && { SLICES: slices, SLICE_K: depth }),
    ...((variant === "subgroup" || variant === "register") && { ROLLED: Number(storesByLoop(product.profile, minor)) }),
    ...(paired && { PAIRED: 1 }),
    ...(tile.oneTeam ? { TILE: tile.rows } : { WORKGROUP: workgroup }),
  };
  return {
    kernel: `${family}/${variant}`,
    code,
    launches: rangesOf(parts * slices).map(
      ([first, count]): Pick<Dispatch, "constants" | "workgroups"> => ({
        constants: first === 0 ? constants : { ...constants, FIRST_PART: first },
        workgroups: [x, y, count],
      }),
    ),
    product: { name: productName(product), choice: printChoice(choice), source: choice.source ?? "default" },
    slices,
    textures,
  };
}

const textureFormat = (ofVectors: boolean): TextureFormat => (ofVectors ? "rgba32float" : "r32float");
const FIRST_OF_TEXEL = "  return texel.x;\n";

/** Slices of whole vec4f: there may be fewer than were asked for. */
function cut(k: number, wanted: number): { slices: number; depth: number } {
  const depth = Math.ceil(k / wanted / 4) * 4;
  return { slices: Math.ceil(k / depth), depth };
}

/** Parts in as few ranges, first and count, as the third dimension of a dispatch allows. */
const rangesOf = (parts: number): [number, number][] =>
  Array.from({ length: Math.ceil(parts / MAX_WORKGROUPS) }, (_, k) => {
    const first = k * MAX_WORKGROUPS;
    return [first, Math.min(MAX_WORKGROUPS, parts - first)];
  });
