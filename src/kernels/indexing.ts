import type { DeviceProfile } from "../gpu/profile.ts";
import { type Node, sizeOf } from "../node/node.ts";
import type { Launch } from "../plan/launch.ts";
import { gatherGather } from "../shaders/gather/gather.generated.ts";
import { gatherScatterAdd } from "../shaders/gather/scatter_add.generated.ts";
import { lanesOf, valueKernel } from "./launch.ts";

// The faces of shaders/gather. Rows are [outer, count, inner] around one axis, their copies [outer, indices, inner].

/** Values of `inner`, and the extents around the axis that indices stand for. */
function extents(rows: Node, indices: Node, axis: number) {
  const inner = sizeOf(rows.shape.slice(axis + 1));
  const lanes = lanesOf(inner);
  return { lanes, inner: inner / lanes, count: rows.shape[axis], indices: sizeOf(indices.shape) };
}

/** rows, indices → copies */
export function gatherKernel(node: Node): Launch {
  const [rows, indices] = node.inputs;
  const { lanes, inner, count, indices: length } = extents(rows, indices, node.attributes.axis as number);
  const items = sizeOf(node.shape);
  return {
    ...valueKernel(
      gatherGather,
      {
        lanes,
        items,
        arrays: { Rows: sizeOf(rows.shape), Copies: items },
        others: { Indices: `array<f32, ${length}>` },
      },
      { COUNT: count, INDICES: length, INNER: inner },
    ),
    shape: `[${rows.shape}] at [${indices.shape}]`,
    flops: 0,
    bytes: 4 * (2 * items + length),
  };
}

/** copies, indices → rows, in slices of the indices where rows alone are too few threads for the device. */
export function scatterAddKernel(node: Node, { reductionThreads, reductionSteps }: DeviceProfile): Launch {
  const [copies, indices] = node.inputs;
  const { lanes, inner, count, indices: length } = extents(node, indices, node.attributes.axis as number);
  const size = sizeOf(node.shape);
  // A thread has four rows.
  const threads = (size / count / lanes) * Math.ceil(count / 4);
  const wanted = Math.min(Math.ceil(reductionThreads / threads), Math.floor(length / reductionSteps));
  // Four indices are compared at once.
  const depth = Math.ceil(length / Math.max(1, wanted) / 4) * 4;
  const slices = Math.ceil(length / depth);
  return {
    ...valueKernel(
      gatherScatterAdd,
      {
        lanes,
        items: slices * threads * lanes,
        arrays: { Copies: sizeOf(copies.shape), Rows: slices * size },
        others: { Indices: `array<vec4f, ${Math.ceil(length / 4)}>` },
      },
      { COUNT: count, INDICES: length, INNER: inner, OUTER: size / lanes / (count * inner), DEPTH: depth },
    ),
    shape: `[${copies.shape}] to [${node.shape}]`,
    flops: sizeOf(copies.shape),
    slices,
  };
}
