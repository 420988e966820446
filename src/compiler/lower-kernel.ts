import type { DeviceProfile } from "../gpu/profile.ts";
import { createNode, sizeOf } from "../node/node.ts";
import type { Lowering } from "../node/op.ts";
import { inputOp } from "../ops/leaf.ts";
import { sumOp } from "../ops/reduce.ts";
import type { Draft } from "./draft.ts";
import type { WrittenGroup } from "./groups.ts";
import { describe } from "./listing.ts";
import { combinePartials } from "./lower-reduce.ts";

/** An op with a shader of its own; where that gives partial sums, a second dispatch adds them up. */
export function lowerKernel(written: WrittenGroup, profile: DeviceProfile): Draft[] {
  const [node] = written.group.stores;
  const { slices = 1, ...launch } = (node.op.lowering as Extract<Lowering, { kind: "kernel" }>).launch(node, profile);
  const result =
    slices === 1
      ? node
      : createNode(inputOp, [], { shape: [1, slices, sizeOf(node.shape)] }, `partial ${node.op.name}`);
  const draft: Draft = {
    ...describe(written),
    ...launch,
    bindings: [
      ...node.inputs.map((input) => ({ node: input, access: "read" as const })),
      { node: result, access: "read_write" },
    ],
  };
  return slices === 1 ? [draft] : [draft, ...combinePartials(result, node, sumOp, profile)];
}
