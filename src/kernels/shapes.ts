import { externalBinding } from "../plan/binding.ts";
import type { Dispatch } from "../plan/plan.ts";
import { dataShapes } from "../shaders/data/shapes.generated.ts";
import { linearGrid } from "./geometry.ts";
import { link } from "./link.ts";

interface ShapesProblem {
  readonly count: number;
  /** Pixels of a side, a multiple of 4. */
  readonly size: number;
  /** Numbers of a `Pose`. */
  readonly poseNumbers: number;
}

/** Draws a shape into each image: `poses` [count, poseNumbers] f32 to `images` [count, size, size, 1] bytes. */
export function renderPoses({ count, size, poseNumbers }: ShapesProblem): Dispatch {
  const poses = 4 * poseNumbers * count;
  const pixels = size * size * count;
  return {
    kernel: "data/shapes",
    label: `images[${count},${size},${size},1]`,
    code: link(dataShapes),
    constants: { SIZE: size, ROWS: count * size },
    bindings: [externalBinding("poses", poses, "read"), externalBinding("images", pixels, "read_write")],
    workgroups: linearGrid(count * size, 64),
    shape: `${count}x${size}x${size}`,
    // Some 30 for each pixel that is near a shape, which one in four is.
    flops: 8 * pixels,
    bytes: poses + pixels,
  };
}
