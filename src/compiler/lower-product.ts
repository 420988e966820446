import type { DeviceProfile } from "../gpu/profile.ts";
import { convFilterGradient, convForward, convInputGradient } from "../kernels/conv.ts";
import { matmulProduct } from "../kernels/matmul.ts";
import type { Epilogue, Product } from "../kernels/product.ts";
import { productKernel } from "../kernels/product-kernel.ts";
import { convAttributes } from "../node/images.ts";
import { createNode, type Node, sizeOf } from "../node/node.ts";
import { convShapes } from "../ops/conv.ts";
import { inputOp } from "../ops/leaf.ts";
import { matmulExtents } from "../ops/matmul.ts";
import { sumOp } from "../ops/reduce.ts";
import type { Draft } from "./draft.ts";
import { isHalf, type WrittenGroup } from "./groups.ts";
import { declarations, describe, indent, readBindings } from "./listing.ts";
import { combinePartials } from "./lower-reduce.ts";

/** A matmul or a convolution with its epilogue; where its sums are cut into slices, one dispatch more adds these up. */
export function lowerProduct(written: WrittenGroup, profile: DeviceProfile): Draft[] {
  const node = written.group.product!;
  const [a, b] = node.inputs;
  const [end] = written.group.stores;
  const { product, shape } = productOf(written, profile);
  const { depth } = node.op.lowering as { depth: (node: Node) => number };
  const { slices, launches, ...kernel } = productKernel(product);
  const sums =
    slices === 1 ? end : createNode(inputOp, [], { shape: [1, slices, sizeOf(node.shape)] }, `partial ${node.op.name}`);
  const described = describe(written);
  const drafts = launches.map(
    (launch): Draft => ({
      ...described,
      ...kernel,
      ...launch,
      shape,
      flops: (2 * sizeOf(node.shape) * depth(node)) / launches.length,
      bytes: described.bytes / launches.length,
      bindings: [
        { node: a, access: "read" },
        { node: b, access: "read" },
        { node: sums, access: "read_write" },
        ...readBindings(written),
      ],
    }),
  );
  return slices === 1 ? drafts : [...drafts, ...combinePartials(sums, end, sumOp, profile)];
}

/** The product of a group, with the group's epilogue; `shape` is the problem's, for people. */
export function productOf(written: WrittenGroup, profile: DeviceProfile): ReturnType<Family> {
  const { group, body, values } = written;
  const node = group.product!;
  const n = group.shape[group.shape.length - 1];
  const epilogue = group.stores[0] !== node && {
    bindings: declarations(written, 3, []),
    body: indent([`let i = row * ${n}u + column;`, ...body.lines, `return ${values[0]};`], 2),
    half: isHalf(group.stores[0]),
  };
  const { product, shape } = families[node.op.name](node, profile, epilogue || undefined);
  const [a, b] = node.inputs.map(isHalf);
  return { product: { ...product, halves: { a, b } }, shape };
}

/** `shape`: the problem's, for people. */
type Family = (
  node: Node,
  profile: DeviceProfile,
  epilogue?: Epilogue,
) => { readonly product: Product; readonly shape: string };

const convolution =
  (product: (problem: Parameters<typeof convForward>[0]) => Product): Family =>
  (node, profile, epilogue) => {
    const shapes = convShapes(node);
    const attributes = convAttributes(node);
    const { stride, dilation } = attributes;
    const pair = (letter: string, [h, w]: readonly number[]) =>
      h === 1 && w === 1 ? "" : ` ${letter}${h === w ? h : `${h}x${w}`}`;
    const images = [shapes.x, shapes.y].map((shape) => shape.slice(1).join("x"));
    return {
      product: product({ shapes, attributes, profile, epilogue }),
      shape: `${shapes.x[0]}x(${images.join(" -> ")}) k${shapes.w[0]}x${shapes.w[1]}${pair("s", stride)}${pair("d", dilation)}`,
    };
  };

/** The kernels by op. */
const families: Readonly<Record<string, Family>> = {
  matmul: (node, profile, epilogue) => {
    const product = matmulProduct({ ...matmulExtents(node), profile, epilogue, sliceable: !epilogue });
    const { parts, m, k, n, layout } = product;
    return { product, shape: `${parts > 1 ? `${parts}x` : ""}${m}x${k}x${n} ${layout}` };
  },
  conv2d: convolution(convForward),
  conv2dInputGradient: convolution(convInputGradient),
  conv2dFilterGradient: convolution(convFilterGradient),
};
