import type { DeviceProfile } from "../gpu/profile.ts";

/** WebGPU's default limit of workgroups in one dimension of a dispatch. */
export const MAX_WORKGROUPS = 65_535;

/**
 * Workgroups for `items` threads at `size` threads each, folded into two dimensions where one does not suffice.
 * The shader rebuilds the thread's number as `id.x + id.y * workgroups.x * size` and leaves where it is too large.
 */
export function linearGrid(items: number, size: number): [number, number, number] {
  const groups = Math.max(1, Math.ceil(items / size));
  if (groups <= MAX_WORKGROUPS) return [groups, 1, 1];
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}

/** The most items of a thread on a software adapter, and how many threads there are before any has more than one. */
const SOFTWARE_ITEMS = 64;
const SOFTWARE_THREADS = 1024;

/**
 * Threads for a loop over `items` that share nothing: one for each on a GPU. On a software adapter starting a thread costs
 * as much as several items: of one vec4f each, maps and Adam were measured to take 1.2 to 2 times as long.
 */
export const threadsFor = (items: number, { software }: DeviceProfile): number =>
  software ? Math.min(items, Math.max(SOFTWARE_THREADS, Math.ceil(items / SOFTWARE_ITEMS))) : items;
