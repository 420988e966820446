import { type DeviceProfile, keepsLoops } from "../gpu/profile.ts";
import { linearGrid, threadsFor } from "../kernels/geometry.ts";
import { link } from "../kernels/link.ts";
import { type Shape, sizeOf } from "../node/node.ts";
import { STATE } from "../plan/binding.ts";
import { elementwiseMap } from "../shaders/elementwise/map.generated.ts";
import type { Draft } from "./draft.ts";
import { groupOutputs, innermostAxis, isHalf, type WrittenGroup } from "./groups.ts";
import { bindingsOf, declarations, describe, indent, storeLine, storeLines, WORKGROUP } from "./listing.ts";
import { lowerKernel } from "./lower-kernel.ts";
import { lowerProduct } from "./lower-product.ts";
import { lowerReduce } from "./lower-reduce.ts";

/** The dispatches of one group: one, or two where its sums are split. `minor`: whether it is one of the plan's `minorProducts`. */
export function lowerGroup(written: WrittenGroup, profile: DeviceProfile, minor = false): Draft[] {
  return draftsOf(written, profile, minor).map((draft) => {
    const halves = draft.bindings.some(({ node }) => node !== STATE && isHalf(node));
    return halves ? { ...draft, code: `enable f16;\n${draft.code}` } : draft;
  });
}

function draftsOf(written: WrittenGroup, profile: DeviceProfile, minor: boolean): Draft[] {
  switch (written.group.kind) {
    case "map":
      return [lowerMap(written, profile)];
    case "reduce":
      return lowerReduce(written, profile);
    case "product":
      return lowerProduct(written, profile, minor);
    case "kernel":
      return lowerKernel(written, profile);
  }
}

function lowerMap(written: WrittenGroup, profile: DeviceProfile): Draft {
  const { group, lanes, body, values, image } = written;
  const outputs = groupOutputs(group);
  const items = sizeOf(group.shape) / lanes;
  const byRows = body.usesCoordinates();
  const width = byRows ? (group.shape[innermostAxis(group.shape)] ?? 1) / lanes : items;
  const rows = items / width;
  const segments = Math.min(width, Math.ceil(threadsFor(items, profile) / rows));
  return {
    ...describe(written),
    kernel: "elementwise/map",
    code: link(elementwiseMap, {
      bindings: declarations(
        written,
        0,
        outputs.map((node) => ({ node, lanes })),
      ),
      coordinates: byRows ? indent(rowCoordinates(group.shape), 2) : "",
      body: indent(
        [
          ...body.lines,
          ...storeLines(group, values, lanes),
          ...(image
            ? [
                `if (${image.condition}) {`,
                `  ${storeLine(group.image!, "out1", `(${image.index})`, image.value, lanes)}`,
                "}",
              ]
            : []),
        ],
        4,
      ),
    }),
    constants: { ROWS: rows, WIDTH: width, SEGMENTS: segments, LANES: lanes, ROLLED: Number(keepsLoops(profile)) },
    bindings: bindingsOf(written, outputs),
    workgroups: linearGrid(rows * segments, WORKGROUP),
  };
}

/** The coordinates of a row, by the names that `loopCoordinates` gives them. */
function rowCoordinates(shape: Shape): string[] {
  const outer = shape.slice(0, innermostAxis(shape));
  return outer.map((extent, axis) => {
    const stride = sizeOf(outer.slice(axis + 1));
    const divided = stride === 1 ? "row" : `row / ${stride}u`;
    return `let at${axis} = ${axis === 0 ? divided : `(${divided}) % ${extent}u`};`;
  });
}
