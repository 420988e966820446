import {
  chooseProduct,
  defaultChoice,
  type ProductChoice,
  printChoice,
  productVariants,
  TILES,
  withinBounds,
} from "./choice.ts";
import type { Product } from "./product.ts";

/** Invocations a workgroup beside the default: neighbours on processors; GPUs fill one to eight warps. */
const WORKGROUPS = { software: [4, 8, 16], gpu: [32, 128, 256] } as const;
const EVERY_WORKGROUP = [4, 8, 16, 32, 64, 128, 256];
const EVERY_SLICES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];

/**
 * The choices that are worth measuring for a product, some five of them; the first is what would be chosen now. All
 * variants at their default, and of the best one other workgroups and other slices. `exhaustive`: every variant in
 * every workgroup and every number of slices.
 */
export function productChoices(product: Product, { exhaustive = false } = {}): ProductChoice[] {
  const { software } = product.profile;
  const variants = productVariants(product);
  const [best] = variants;
  const { workgroup, slices } = defaultChoice(product, best);
  const sizes = exhaustive ? EVERY_WORKGROUP : WORKGROUPS[software ? "software" : "gpu"];
  const sliced = exhaustive ? EVERY_SLICES : [Math.floor(slices / 2), 2 * slices];
  const candidates = exhaustive
    ? variants.flatMap((variant) =>
        sizes.flatMap((size) => sliced.map((count) => ({ variant, workgroup: size, slices: count }))),
      )
    : [
        ...variants.map((variant) => defaultChoice(product, variant)),
        ...sizes.map((size) => ({ variant: best, workgroup: size, slices })),
        ...sliced.map((count) => ({ variant: best, workgroup, slices: count })),
      ];
  const possible = candidates
    .filter((choice) => choice.workgroup % TILES[choice.variant].team === 0)
    .map((choice) => ({ ...choice, slices: product.sliceable ? withinBounds(product, choice.slices) : 1 }));
  const now = chooseProduct(product);
  return [...new Map([now, ...possible].map((choice) => [printChoice(choice), choice])).values()];
}
