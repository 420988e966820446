import { type Dataset, fieldSize } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Model } from "../models/model.ts";
import type { Plan } from "../plan/plan.ts";
import { slotBytes, textureBytes } from "../plan/plan.ts";
import { arenaLayout } from "../runtime/arena.ts";
import { siNumber } from "../units.ts";
import { largestBinding, pickedBytes } from "./data.ts";
import { momentLayout } from "./moments.ts";

/** Something that takes GPU memory. */
export interface Need {
  readonly what: string;
  readonly bytes: number;
  /** Of one buffer. */
  readonly largest: number;
  /** What makes it smaller. */
  readonly knob: string;
}

/** What a run holds from its beginning to its end. */
export function needsOfRun(model: Model, { fields, train, test }: Dataset, batchSize: number): Need[] {
  const reads = Object.keys(model.fields).filter((name) => Object.hasOwn(fields, name));
  const [arena, moments] = [arenaLayout(model.parameters).bytes, momentLayout(model).bytes];
  const examples = reads.map((name) => (train.count + test.count) * pickedBytes(fields[name]));
  const batch = reads.map((name) => 4 * batchSize * fieldSize(fields[name]));
  const total = (parts: readonly number[]) => parts.reduce((sum, bytes) => sum + bytes, 0);
  return [
    {
      what: "parameters, gradients and moments",
      bytes: 2 * (arena + moments),
      largest: Math.max(arena, moments),
      knob: "a smaller model (hidden, channels)",
    },
    // In shards of what a binding may have: one is never too large.
    { what: "data", bytes: total(examples), largest: 0, knob: "fewer examples (data.trainCount)" },
    { what: "a batch", bytes: total(batch), largest: Math.max(0, ...batch), knob: "a smaller batchSize" },
  ];
}

/** What the values between the kernels of a step take. */
export const needsOfStep = (plan: Plan): Need => ({
  what: "the values of a step",
  bytes: slotBytes(plan) + textureBytes(plan),
  largest: Math.max(0, ...plan.slots),
  knob: "a smaller batchSize",
});

/**
 * Makes buffers, where all that a run needs fits the device: what is new in `allocate`, which does nothing later. Throws
 * ReparamError "memory", with what is needed, what there is and what makes it smaller, before anything is made where one
 * buffer is larger than the device allows, and where the device has no room for all.
 */
export async function withRoom<T>(device: Device, needs: readonly Need[], allocate: () => T): Promise<T> {
  const allowed = largestBinding(device);
  const large = needs.find(({ largest }) => largest > allowed);
  const all = `the run needs ${siNumber(needs.reduce((sum, { bytes }) => sum + bytes, 0))}B: ${listOf(needs)}`;
  if (large) {
    throw new ReparamError(
      "memory",
      `One buffer for ${large.what} has ${siNumber(large.largest)}B, and this adapter allows ${siNumber(allowed)}B; ${all}. ` +
        `What helps is ${large.knob}.`,
    );
  }
  device.gpu.pushErrorScope("out-of-memory");
  let result: T;
  let refusal: Promise<GPUError | null>;
  try {
    result = allocate();
  } finally {
    refusal = device.gpu.popErrorScope();
    refusal.catch(() => {}); // of a device that is lost, which says so itself
  }
  if (await device.settle(refusal).catch(() => null)) {
    const [largest] = needs.toSorted((a, b) => b.bytes - a.bytes);
    throw new ReparamError("memory", `The GPU has no room for this run; ${all}. What helps most is ${largest.knob}.`);
  }
  return result;
}

const listOf = (needs: readonly Need[]): string =>
  needs.map(({ what, bytes }) => `${siNumber(bytes)}B for ${what}`).join(", ");
