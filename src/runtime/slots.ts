import { storageBuffer } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";

/**
 * Buffers that programs use one after the other: training, evaluation and uses never run at once, since a queue runs what
 * it is given in order. A program that shares slots has to do all that needs them, reading results included, within one
 * submit.
 */
export interface SlotPool {
  /** A buffer of at least each size. What was handed out before is handed out again where it is large enough. */
  take(sizes: readonly number[]): GPUBuffer[];
  /** GPU memory of all of them. */
  bytes(): number;
  dispose(): void;
}

export function createSlotPool(device: Device): SlotPool {
  const buffers: GPUBuffer[] = [];
  return {
    take: (sizes) => {
      const free = buffers.toSorted((a, b) => b.size - a.size);
      const taken = new Array<GPUBuffer>(sizes.length);
      // The largest request first, from the largest buffer: then as many fit as can.
      const order = sizes.map((_, k) => k).sort((a, b) => sizes[b] - sizes[a]);
      for (const k of order) {
        if (free.length > 0 && free[0].size >= sizes[k]) {
          taken[k] = free.shift()!;
          continue;
        }
        taken[k] = storageBuffer(device, sizes[k], `slot ${buffers.length}`);
        buffers.push(taken[k]);
      }
      return taken;
    },
    bytes: () => buffers.reduce((sum, { size }) => sum + size, 0),
    dispose: () => {
      for (const buffer of buffers.splice(0)) buffer.destroy();
    },
  };
}
