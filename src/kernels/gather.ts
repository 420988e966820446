import type { DeviceProfile } from "../gpu/profile.ts";
import { externalBinding, stateBinding } from "../plan/binding.ts";
import type { Dispatch } from "../plan/plan.ts";
import { linearGrid } from "./geometry.ts";
import { link } from "./link.ts";

interface GatherProblem {
  /** External buffers: the data set's bytes, the batch, its weights. */
  readonly data: string;
  readonly dataBytes: number;
  readonly batchSize: number;
  readonly features: number;
  readonly shuffle: boolean;
  readonly profile: DeviceProfile;
}

/** Picks the current batch from a data set of bytes: `x` [batchSize, features] and `weight` [batchSize]. */
export function gatherBatch({ data, dataBytes, batchSize, features, shuffle, profile }: GatherProblem): Dispatch {
  const lanes = features % 4 === 0 ? 4 : 1;
  const width = features / lanes;
  const segments = Math.min(width, profile.software ? 4 : 64);
  const bytes = 4 * batchSize * features;
  return {
    kernel: "data/gather",
    label: `x[${batchSize},${features}], weight[${batchSize}]`,
    code: link("data/gather.wgsl"),
    constants: { ROWS: batchSize, WIDTH: width, SEGMENTS: segments, SHUFFLE: Number(shuffle), LANES: lanes },
    bindings: [
      externalBinding(data, dataBytes, "read"),
      externalBinding("x", Math.ceil(bytes / 16) * 16, "read_write"),
      externalBinding("weight", Math.ceil(batchSize / 4) * 16, "read_write"),
      stateBinding("uniform"),
    ],
    workgroups: linearGrid(batchSize * segments, 64),
    shape: `${batchSize}x${features}`,
    flops: 0,
    bytes: 5 * batchSize * features,
  };
}
