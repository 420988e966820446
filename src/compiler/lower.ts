import type { DeviceProfile } from "../gpu/profile.ts";
import { sizeOf } from "../graph/node.ts";
import { linearGrid } from "../kernels/geometry.ts";
import { link } from "../kernels/link.ts";
import type { Draft } from "./draft.ts";
import type { WrittenGroup } from "./groups.ts";
import { bindingsOf, declarations, describe, indent, storeLines, WORKGROUP } from "./listing.ts";
import { lowerKernel } from "./lower-kernel.ts";
import { lowerProduct } from "./lower-product.ts";
import { lowerReduce } from "./lower-reduce.ts";

/** The dispatches of one group: one, or two where its sums are split. */
export function lowerGroup(written: WrittenGroup, profile: DeviceProfile): Draft[] {
  switch (written.group.kind) {
    case "map":
      return [lowerMap(written)];
    case "reduce":
      return lowerReduce(written, profile);
    case "product":
      return lowerProduct(written, profile);
    case "kernel":
      return lowerKernel(written, profile);
  }
}

function lowerMap(written: WrittenGroup): Draft {
  const { group, lanes, body, values } = written;
  const items = sizeOf(group.shape) / lanes;
  return {
    ...describe(written),
    kernel: "elementwise/map",
    code: link("elementwise/map.wgsl", {
      bindings: declarations(
        written,
        0,
        group.stores.map((node) => ({ node, lanes })),
      ),
      body: indent([...body.lines, ...storeLines(group, values, lanes)], 2),
    }),
    constants: { ITEMS: items, LANES: lanes },
    bindings: bindingsOf(written, group.stores),
    workgroups: linearGrid(items, WORKGROUP),
  };
}
