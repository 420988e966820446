import type { ScheduleDescription } from "../nn/schedules.ts";
import type { Node } from "../node/node.ts";
import { abs, clamp, sub } from "../ops/arithmetic.ts";
import { schedule } from "../ops/leaf.ts";
import { sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape.ts";
import { meanOverExamples } from "./examples.ts";

export interface DivergenceOptions {
  /** Nats that each number of a code may hold without a penalty (Kingma et al. 2016, https://arxiv.org/abs/1606.04934); 0 for none. */
  readonly freeBits?: number;
  /** Nats of a code that are aimed at: |KL − capacity| (Burgess et al. 2018, https://arxiv.org/abs/1804.03599). */
  readonly capacity?: ScheduleDescription | null;
}

/** The schedules that the penalty of a divergence reads. */
export const divergenceSchedules = ({ capacity }: DivergenceOptions): Record<string, ScheduleDescription> =>
  capacity === undefined || capacity === null ? {} : { capacity };

/**
 * What of a KL divergence is weighed in the loss. kl: [rows]; parts: those of each number of the code, [rows, latent], which
 * free bits need; weight: [rows] → [rows], or [] where the batch's mean is what counts.
 */
export function penalty(
  { freeBits = 0, capacity }: DivergenceOptions,
  { kl, parts, weight }: { readonly kl: Node; readonly parts?: Node; readonly weight: Node },
): Node {
  if (capacity !== undefined && capacity !== null) {
    const mean = sum(meanOverExamples(reshape(kl, [kl.shape[0], 1]), weight));
    return abs(sub(mean, schedule("capacity")));
  }
  return freeBits > 0 ? sum(clamp(meanOverExamples(parts!, weight), freeBits, 1e30)) : kl;
}
