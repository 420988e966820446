import { type Node, sizeOf } from "../node/node.ts";
import type { Launch } from "../plan/launch.ts";
import { selectRank } from "../shaders/select/rank.generated.ts";
import { valueKernel } from "./launch.ts";

/** Columns of a row that a thread has. */
const COLUMNS = 16;

/** The face of shaders/select/rank.wgsl. */
export function rankKernel({ shape }: Node): Launch {
  const size = sizeOf(shape);
  const width = shape[shape.length - 1];
  return {
    ...valueKernel(
      selectRank,
      { lanes: 1, items: (size / width) * Math.ceil(width / COLUMNS), arrays: { Numbers: size } },
      { WIDTH: width },
    ),
    shape: `${size / width}x${width}`,
    flops: size * width,
  };
}
