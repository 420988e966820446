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
