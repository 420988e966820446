import { ReparamError } from "../errors.ts";
import { type DeviceProfile, keepsLoops, prefersTextures } from "../gpu/profile.ts";
import { MAX_TEXTURE_HEIGHT, TEXTURE_WIDTH } from "../plan/plan.ts";
import type { Product } from "../plan/product.ts";
import { matmulGeneral } from "../shaders/matmul/general.generated.ts";
import { matmulNarrow } from "../shaders/matmul/narrow.generated.ts";
import { matmulRegister } from "../shaders/matmul/register.generated.ts";
import { matmulSubgroup } from "../shaders/matmul/subgroup.generated.ts";
import { matmulWorkgroup } from "../shaders/matmul/workgroup.generated.ts";
import type { Shader } from "../shaders/shader.ts";
import { shippedChoices } from "./tuned.ts";

/** The tiles of shaders/matmul. */
export type ProductVariant = "workgroup64" | "workgroup32" | "subgroup" | "register" | "narrow" | "general";

/** How a product is computed. */
export interface ProductChoice {
  readonly variant: ProductVariant;
  /** Invocations a workgroup. */
  readonly workgroup: number;
  /** Parts that its sums are cut into; a second dispatch adds them up. */
  readonly slices: number;
  /** Whose choice it is: a table's of the profile (`pinned`, `tuned`) or the `shipped` one's; the default has none. */
  readonly source?: string;
}

interface Tile {
  readonly shader: Shader;
  /** Rows and columns of C that a team owns. */
  readonly rows: number;
  readonly columns: number;
  /** Invocations that share a tile. */
  readonly team: number;
  /** Invocations a workgroup on software adapters, as measured (docs/notes-matmul.md); 64 fills the warps of a GPU. */
  readonly softwareWorkgroup: number;
  /** Whether a workgroup is one team, whose size the shader fixes. */
  readonly oneTeam?: boolean;
}

export const TILES: Readonly<Record<ProductVariant, Tile>> = {
  workgroup64: { shader: matmulWorkgroup, rows: 64, columns: 64, team: 64, softwareWorkgroup: 64, oneTeam: true },
  workgroup32: { shader: matmulWorkgroup, rows: 32, columns: 32, team: 64, softwareWorkgroup: 64, oneTeam: true },
  subgroup: { shader: matmulSubgroup, rows: 16, columns: 16, team: 4, softwareWorkgroup: 8 },
  register: { shader: matmulRegister, rows: 8, columns: 8, team: 1, softwareWorkgroup: 4 },
  narrow: { shader: matmulNarrow, rows: 8, columns: 4, team: 1, softwareWorkgroup: 16 },
  general: { shader: matmulGeneral, rows: 4, columns: 4, team: 1, softwareWorkgroup: 16 },
};

/**
 * The choice for a product: what the profile's tables say of it by name or by class, the first table first; then what
 * is shipped for this adapter; else what is known to be good in general.
 */
export function chooseProduct(product: Product): ProductChoice {
  const { choices = [], adapter = "" } = product.profile;
  const variants = productVariants(product);
  const shipped = { source: "shipped", entries: shippedChoices(adapter) };
  for (const { source, entries } of [...choices, shipped]) {
    const text = entries[productName(product)] ?? entries[productClass(product)];
    const known = text === undefined ? undefined : parseChoice(text);
    // A class is coarser than a product: what suits it may be out of the question for an odd extent.
    if (!known || !variants.includes(known.variant)) continue;
    return { ...known, slices: product.sliceable ? withinBounds(product, known.slices) : 1, source };
  }
  return defaultChoice(product, variants[0]);
}

/** So many workgroups keep a GPU of some forty cores busy. */
const WORKGROUPS_OF_A_GPU = 128;

/** The variants that can compute a product, the best one first. */
export function productVariants(product: Product): ProductVariant[] {
  const { m, n, vectors, innermostK, profile } = product;
  if (n % 4 !== 0) return n < 4 && innermostK && vectors.a && vectors.b ? ["narrow", "general"] : ["general"];
  const registers: ProductVariant[] = profile.subgroups ? ["subgroup", "register", "general"] : ["register", "general"];
  // A processor has no use for workgroup memory: there these lose by 2 to 25 times, and take long to compile.
  if (profile.software || Math.min(m, n) < 32) return registers;
  if (Math.min(m, n) < 64) return [...registers, "workgroup32"];
  const fills = tilesOf(product, "workgroup64") * product.parts >= WORKGROUPS_OF_A_GPU;
  return [
    ...(fills ? (["workgroup64", "workgroup32"] as const) : (["workgroup32", "workgroup64"] as const)),
    ...registers,
  ];
}

export function defaultChoice(product: Product, variant: ProductVariant): ProductChoice {
  const workgroup = product.profile.software ? TILES[variant].softwareWorkgroup : 64;
  return { variant, workgroup, slices: defaultSlices(product, variant) };
}

/**
 * Whether tiles of quads and of registers store their results by a loop around one epilogue (`ROLLED`), not by 16 copies of it. On
 * SwiftShader, which compiles one kernel after the other, it takes half the time to compile and a tenth longer to run: for `minor` products.
 */
export const storesByLoop = (profile: DeviceProfile, minor: boolean): boolean =>
  keepsLoops(profile) || (minor && profile.software && profile.adapter !== undefined);

/**
 * Whether two quads share what they load of B (`PAIRED`). Loads are most of lavapipe's time, lane by lane with tests of their own; on
 * hardware nobody has measured it. Not where a good part of the second quads would be below C.
 */
export const pairsQuads = ({ m, vectors, profile }: Product, { variant, workgroup }: ProductChoice): boolean =>
  variant === "subgroup" &&
  workgroup % 8 === 0 &&
  keepsLoops(profile) &&
  profile.octets === true &&
  vectors.b &&
  (m > 256 || (m - 1) % 32 >= 16);

/** A copy pays where so much more is loaded than is copied: a step at a batch of 8 takes .8 of the time without its copies. */
const LOADS_OF_A_COPY = 1.5;

/** Whether a product's operands are such that it can, and had better, read them from textures; `read`: whether as vec4f. */
export function readsTextures(product: Product, variant: ProductVariant, read: Product["vectors"]): boolean {
  const { elements, halves, profile, m, n, k, parts } = product;
  if (!prefersTextures(profile) || halves?.a || halves?.b) return false;
  const { rows, columns } = TILES[variant];
  const loads = parts * k * (m * Math.ceil(n / columns) + n * Math.ceil(m / rows));
  const texels = Math.max(elements.a / (read.a ? 4 : 1), elements.b / (read.b ? 4 : 1));
  return loads >= LOADS_OF_A_COPY * (elements.a + elements.b) && texels <= TEXTURE_WIDTH * MAX_TEXTURE_HEIGHT;
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
  const threads = tilesOf(product, variant) * TILES[variant].team * product.parts;
  return withinBounds(product, Math.ceil(product.profile.reductionThreads / threads));
}

/** So many slices that no sum is too long, and so few that none is too short. */
export const withinBounds = ({ k }: Product, slices: number): number =>
  Math.max(1, Math.min(slices, Math.floor(k / SHORTEST_SLICE)), Math.ceil(k / LONGEST_SLICE));

/** A product by its extents, `matmul TN 784x128x400`: products of one name are computed alike. */
export const productName = (product: Product): string => describe(product, (extent) => extent);

/**
 * The class of a product: products of one class are alike enough to share a choice. Extents count to the nearest power
 * of two: `matmul TN 1024x128x512`.
 */
export const productClass = (product: Product): string =>
  describe(product, (extent) => 2 ** Math.round(Math.log2(extent)));

function describe(
  { family, layout, parts, m, k, n, vectors, sliceable }: Product,
  written: (extent: number) => number,
) {
  const extents = [...(layout && parts > 1 ? [parts] : []), m, k, n].map(written).join("x");
  const scalars = `${vectors.a ? "" : " A by element"}${vectors.b ? "" : " B by element"}`;
  return `${family}${layout ? ` ${layout}` : ""} ${extents}${scalars}${sliceable ? " in slices" : ""}`;
}

/** A choice as text, for tables and checkpoints: `subgroup 8`, or with slices `subgroup 8 / 4`. */
export const printChoice = ({ variant, workgroup, slices }: ProductChoice): string =>
  `${variant} ${workgroup}${slices > 1 ? ` / ${slices}` : ""}`;

/** Throws ReparamError "config" for what is no choice. */
export function parseChoice(text: string): ProductChoice {
  const match = /^(\w+) ([1-9]\d*)(?: \/ ([1-9]\d*))?$/.exec(text);
  const tile = match && Object.hasOwn(TILES, match[1]) ? TILES[match[1] as ProductVariant] : undefined;
  const workgroup = Number(match?.[2]);
  if (!tile || (tile.oneTeam ? workgroup !== tile.team : workgroup % tile.team !== 0)) {
    throw new ReparamError("config", `"${text}" is no choice of a kernel such as "subgroup 8".`);
  }
  return { variant: match![1] as ProductVariant, workgroup, slices: Number(match![3] ?? 1) };
}

/** Whether a text, or whatever else was read, is a choice of this version. */
export function isChoice(text: unknown): text is string {
  try {
    return typeof text === "string" && Boolean(parseChoice(text));
  } catch {
    return false;
  }
}

/** The choices of a table that something outside has kept: what is no choice is left out. */
export const readChoices = (table: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(table ?? {}).filter(([, text]) => isChoice(text)));
