import { type Node, sizeOf } from "../node/node.ts";
import type { Launch } from "../plan/launch.ts";
import { valueKernel } from "./launch.ts";

/** Columns of a row that a thread has. */
const COLUMNS = 16;

/** The face of shaders/select/top_k.wgsl. */
export function topKKernel({ shape, attributes: { k } }: Node): Launch {
  const size = sizeOf(shape);
  const width = shape[shape.length - 1];
  return {
    ...valueKernel(
      "select/top_k",
      { lanes: 1, items: (size / width) * Math.ceil(width / COLUMNS), arrays: { Numbers: size } },
      { WIDTH: width, KEPT: k as number },
    ),
    shape: `${k} of ${size / width}x${width}`,
    flops: size * width,
  };
}
