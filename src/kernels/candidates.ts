import type { Product } from "../plan/product.ts";
import {
  chooseProduct,
  defaultChoice,
  isChoice,
  type ProductChoice,
  printChoice,
  productVariants,
  withinBounds,
} from "./choice.ts";

/** Invocations a workgroup beside the default: few on processors, where both ends won somewhere; one to eight warps of a GPU. */
const WORKGROUPS = { software: [4, 16, 32, 64], gpu: [32, 128, 256] } as const;
const EVERY_WORKGROUP = [4, 8, 16, 32, 64, 128, 256];
const EVERY_SLICES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64];

/**
 * The choices that are worth measuring for a product, five or a few more; the first is what would be chosen now. All
 * variants at their default; of the best one other numbers of slices; of the best one whose workgroup is free other
 * workgroups. `exhaustive`: every variant in every workgroup and every number of slices.
 */
export function productChoices(product: Product, { exhaustive = false } = {}): ProductChoice[] {
  const variants = productVariants(product);
  const defaults = variants.map((variant) => defaultChoice(product, variant));
  const candidates = exhaustive ? everyChoice(variants) : [...defaults, ...variations(product, defaults)];
  const possible = candidates
    .filter((choice) => isChoice(printChoice(choice)))
    .map((choice) => ({ ...choice, slices: product.sliceable ? withinBounds(product, choice.slices) : 1 }));
  const all = [chooseProduct(product), ...possible];
  const texts = all.map(printChoice);
  return all.filter((_, k) => texts.indexOf(texts[k]) === k);
}

const everyChoice = (variants: readonly ProductChoice["variant"][]): ProductChoice[] =>
  variants.flatMap((variant) =>
    EVERY_WORKGROUP.flatMap((workgroup) => EVERY_SLICES.map((slices) => ({ variant, workgroup, slices }))),
  );

function variations({ profile }: Product, defaults: readonly ProductChoice[]): ProductChoice[] {
  const [best] = defaults;
  const sizes = WORKGROUPS[profile.software ? "software" : "gpu"];
  const sized = (choice: ProductChoice) => sizes.map((workgroup) => ({ ...choice, workgroup }));
  const free = defaults.find((choice) => sized(choice).every((other) => isChoice(printChoice(other))));
  return [
    ...[Math.floor(best.slices / 2), 2 * best.slices].map((slices) => ({ ...best, slices: Math.max(1, slices) })),
    ...(free ? sized(free) : []),
  ];
}
