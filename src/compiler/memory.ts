import { type Node, sizeOf } from "../node/node.ts";
import { BINDING_ALIGNMENT, roundUp, STATE, STATE_BYTES } from "../plan/binding.ts";
import type { Binding, BufferReference, Dispatch } from "../plan/plan.ts";
import type { Draft } from "./draft.ts";
import { isHalf, memoryOf } from "./groups.ts";

/** A fixed place for a node: a parameter's part of the arena, an input, an output that the caller collects. */
export interface Place {
  readonly buffer: BufferReference;
  readonly offset: number;
}

/** Bytes of a tensor, rounded up to whole vectors of four. */
export const tensorBytes = (node: Node): number => Math.ceil(sizeOf(node.shape) / 4) * (isHalf(node) ? 8 : 16);

/**
 * Gives every value without a fixed place a slot. A slot serves values whose lifetimes do not overlap; a lifetime
 * includes the dispatches that write and last read the value, so no dispatch has one slot as input and output.
 * Values in `kept` live to the end.
 */
export function assignMemory(
  drafts: readonly Draft[],
  fixed: ReadonlyMap<Node, Place>,
  kept: ReadonlySet<Node>,
): { dispatches: Dispatch[]; slots: number[]; places: Map<Node, Place> } {
  const lastUse = new Map<Node, number>();
  drafts.forEach(({ bindings }, index) => {
    for (const { node } of bindings) if (node !== STATE) lastUse.set(memoryOf(node), index);
  });
  for (const node of kept) lastUse.set(node, drafts.length);

  const places = new Map(fixed);
  const slots: { bytes: number; freeAfter: number }[] = [];
  drafts.forEach((draft, index) => {
    for (const { node, access } of draft.bindings) {
      if (access !== "read_write" || node === STATE || places.has(node)) continue;
      const bytes = roundUp(tensorBytes(node), BINDING_ALIGNMENT);
      const slot = pick(slots, bytes, index);
      slots[slot] = { bytes: Math.max(bytes, slots[slot]?.bytes ?? 0), freeAfter: lastUse.get(node) ?? index };
      places.set(node, { buffer: { slot }, offset: 0 });
    }
  });

  const bind = ({ node, access, texture }: Draft["bindings"][number]): Binding => {
    if (node === STATE) return { buffer: { external: STATE }, offset: 0, size: STATE_BYTES, access };
    const root = memoryOf(node);
    const place = places.get(root);
    if (!place) throw new Error(`Nothing computes ${root.op.name} ${root.name ?? ""} before it is read.`);
    return { ...place, size: tensorBytes(root), access, ...(texture && { texture }) };
  };
  const dispatches = drafts.map((draft) => ({ ...draft, bindings: draft.bindings.map(bind) }));
  return { dispatches, slots: slots.map(({ bytes }) => bytes), places };
}

/** The free slot whose size fits best: the smallest that is large enough, else the largest to grow, else a new one. */
function pick(slots: readonly { bytes: number; freeAfter: number }[], bytes: number, now: number): number {
  let best = -1;
  slots.forEach((slot, index) => {
    if (slot.freeAfter >= now) return;
    if (best < 0) best = index;
    else {
      const current = slots[best].bytes;
      const better =
        slot.bytes >= bytes ? current < bytes || slot.bytes < current : current < bytes && slot.bytes > current;
      if (better) best = index;
    }
  });
  return best < 0 ? slots.length : best;
}
