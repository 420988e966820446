import { ReparamError } from "../errors.ts";
import type { Product } from "./product.ts";

/** The tiles of shaders/matmul. */
export type ProductVariant = "subgroup" | "register" | "narrow" | "general";

/** How a product is computed. */
export interface ProductChoice {
  readonly variant: ProductVariant;
  /** Invocations a workgroup. */
  readonly workgroup: number;
  /** Parts that its sums are cut into; a second dispatch adds them up. */
  readonly slices: number;
}

interface Tile {
  /** Rows and columns of C that a team owns. */
  readonly rows: number;
  readonly columns: number;
  /** Invocations that share a tile. */
  readonly team: number;
  /** Invocations a workgroup on software adapters, as measured (docs/notes-matmul.md); 64 fills the warps of a GPU. */
  readonly softwareWorkgroup: number;
}

export const TILES: Readonly<Record<ProductVariant, Tile>> = {
  subgroup: { rows: 16, columns: 16, team: 4, softwareWorkgroup: 8 },
  register: { rows: 8, columns: 8, team: 1, softwareWorkgroup: 4 },
  narrow: { rows: 8, columns: 4, team: 1, softwareWorkgroup: 16 },
  general: { rows: 4, columns: 4, team: 1, softwareWorkgroup: 16 },
};

/** The choice for a product: what the device's profile says of its class, else what is known to be good in general. */
export function chooseProduct(product: Product): ProductChoice {
  const text = product.profile.choices?.[productClass(product)];
  const known = text === undefined ? undefined : parseChoice(text);
  const variants = productVariants(product);
  // A class is coarser than a product: what suits it may be out of the question for an odd extent.
  if (!known || !variants.includes(known.variant)) return defaultChoice(product, variants[0]);
  return { ...known, slices: product.sliceable ? withinBounds(product, known.slices) : 1 };
}

/** The variants that can compute a product, the best one first. */
export function productVariants({ n, vectors, innermostK, profile }: Product): ProductVariant[] {
  if (n % 4 === 0) return profile.subgroups ? ["subgroup", "register", "general"] : ["register", "general"];
  return n < 4 && innermostK && vectors.a && vectors.b ? ["narrow", "general"] : ["general"];
}

export function defaultChoice(product: Product, variant: ProductVariant): ProductChoice {
  const workgroup = product.profile.software ? TILES[variant].softwareWorkgroup : 64;
  return { variant, workgroup, slices: defaultSlices(product, variant) };
}

/** Tiles of one part of C. */
export const tilesOf = ({ m, n }: Product, variant: ProductVariant): number =>
  Math.ceil(m / TILES[variant].rows) * Math.ceil(n / TILES[variant].columns);

/** The least number of products in a slice of a sum. */
const SHORTEST_SLICE = 256;

/** The largest: longer sums lose digits. Four products are added up first, so these are 2048 additions in a row. */
const LONGEST_SLICE = 8192;

/** Slices such that a device has something to do for all its threads. */
function defaultSlices(product: Product, variant: ProductVariant): number {
  if (!product.sliceable) return 1;
  const threads = tilesOf(product, variant) * TILES[variant].team;
  return withinBounds(product, Math.ceil(product.profile.reductionThreads / threads));
}

/** So many slices that no sum is too long, and so few that none is too short. */
export const withinBounds = ({ k }: Product, slices: number): number =>
  Math.max(1, Math.min(slices, Math.floor(k / SHORTEST_SLICE)), Math.ceil(k / LONGEST_SLICE));

/**
 * The class of a product: products of one class are alike enough to share a choice. Extents count to the nearest power
 * of two: `matmul TN 1024x128x512`.
 */
export function productClass({ family, layout, m, k, n, vectors, sliceable }: Product): string {
  const extents = [m, k, n].map((extent) => 2 ** Math.round(Math.log2(extent))).join("x");
  const scalars = `${vectors.a ? "" : " A by element"}${vectors.b ? "" : " B by element"}`;
  return `${family}${layout ? ` ${layout}` : ""} ${extents}${scalars}${sliceable ? " in slices" : ""}`;
}

/** A choice as text, for tables and checkpoints: `subgroup 8`, or with slices `subgroup 8 / 4`. */
export const printChoice = ({ variant, workgroup, slices }: ProductChoice): string =>
  `${variant} ${workgroup}${slices > 1 ? ` / ${slices}` : ""}`;

/** Throws ReparamError "config" for what is no choice. */
export function parseChoice(text: string): ProductChoice {
  const match = /^(\w+) (\d+)(?: \/ (\d+))?$/.exec(text);
  if (!match || !Object.hasOwn(TILES, match[1])) {
    throw new ReparamError("config", `"${text}" is no choice of a kernel such as "subgroup 8".`);
  }
  return { variant: match[1] as ProductVariant, workgroup: Number(match[2]), slices: Number(match[3] ?? 1) };
}
