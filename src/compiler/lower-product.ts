import type { DeviceProfile } from "../gpu/profile.ts";
import { productKernel } from "../kernels/product-kernel.ts";
import { createNode, type Node, sizeOf } from "../node/node.ts";
import type { ProductLowering } from "../node/op.ts";
import { inputOp } from "../ops/leaf.ts";
import { sumOp } from "../ops/reduce.ts";
import type { NamedProduct } from "../plan/product.ts";
import type { Draft } from "./draft.ts";
import { isHalf, type WrittenGroup } from "./groups.ts";
import { declarations, describe, indent, readBindings } from "./listing.ts";
import { combinePartials } from "./lower-reduce.ts";

/** A matmul or a convolution with its epilogue; where its sums are cut into slices, one dispatch more adds these up. */
export function lowerProduct(written: WrittenGroup, profile: DeviceProfile, minor: boolean): Draft[] {
  const node = written.group.product!;
  const [a, b] = node.inputs;
  const [end] = written.group.stores;
  const { product, shape } = productOf(written, profile);
  const { slices, launches, textures, ...kernel } = productKernel(product, { minor });
  const sums =
    slices === 1 ? end : createNode(inputOp, [], { shape: [1, slices, sizeOf(node.shape)] }, `partial ${node.op.name}`);
  const described = describe(written);
  const drafts = launches.map(
    (launch): Draft => ({
      ...described,
      ...kernel,
      ...launch,
      shape,
      flops: flopsOf(node) / launches.length,
      bytes: described.bytes / launches.length,
      bindings: [
        { node: a, access: "read", texture: textures.a },
        { node: b, access: "read", texture: textures.b },
        { node: sums, access: "read_write" },
        ...readBindings(written),
      ],
    }),
  );
  return slices === 1 ? drafts : [...drafts, ...combinePartials(sums, end, sumOp, profile)];
}

/** Of all products' arithmetic, what those that are not worth a long time to compile have together. */
const MINOR_SHARE = 0.05;

/** The smallest products of a plan, which together are a twentieth of all. */
export function minorProducts(groups: readonly WrittenGroup[]): ReadonlySet<WrittenGroup> {
  const products = groups
    .flatMap((written) => (written.group.product ? [{ written, flops: flopsOf(written.group.product) }] : []))
    .sort((a, b) => a.flops - b.flops);
  let rest = MINOR_SHARE * products.reduce((sum, { flops }) => sum + flops, 0);
  const minor = new Set<WrittenGroup>();
  for (const { written, flops } of products) {
    rest -= flops;
    if (rest < 0) break;
    minor.add(written);
  }
  return minor;
}

const flopsOf = (node: Node): number => 2 * sizeOf(node.shape) * loweringOf(node).depth(node);

/** The product of a group, with the group's epilogue; `shape` is the problem's, for people. */
export function productOf(written: WrittenGroup, profile: DeviceProfile): NamedProduct {
  const { group, body, values } = written;
  const node = group.product!;
  const n = group.shape[group.shape.length - 1];
  const epilogue = group.stores[0] !== node && {
    bindings: declarations(written, 3, []),
    body: indent([`let i = row * ${n}u + column;`, ...body.lines, `return ${values[0]};`], 2),
    half: isHalf(group.stores[0]),
  };
  const { product, shape } = loweringOf(node).product(node, profile, epilogue || undefined);
  const [a, b] = node.inputs.map(isHalf);
  return { product: { ...product, halves: { a, b } }, shape };
}

const loweringOf = ({ op }: Node): ProductLowering => op.lowering as ProductLowering;
