import { STATE_BYTES } from "../plan/binding.ts";

export { STATE_BYTES };

/** Offsets in 32-bit words of the fields of `struct State`; a test compares them with the WGSL. */
export const STATE_WORDS = {
  seed: 0,
  step: 2,
  epoch: 4,
  batch: 5,
  batches: 6,
  examples: 7,
  poisoned: 8,
  gradient_norm: 9,
  gradient_scale: 10,
  rates: 12,
  schedules: 16,
} as const;

/** Where a run stands; see shaders/lib/state.wgsl. */
export interface RunState {
  readonly seed: readonly [number, number];
  readonly step: number;
  readonly epoch?: number;
  readonly batch?: number;
  readonly batches?: number;
  readonly examples?: number;
  /** Values of the schedules at `step`. */
  readonly schedules?: readonly number[];
  /** Learning rate and bias corrections, where an update runs without the check that takes them from the schedules. */
  readonly rates?: readonly number[];
}

export function encodeState({
  seed,
  step,
  epoch = 0,
  batch = 0,
  batches = 1,
  examples = 0,
  schedules = [],
  rates = [],
}: RunState): Uint8Array {
  const words = new Uint32Array(STATE_BYTES / 4);
  words.set([seed[0], seed[1], step >>> 0, Math.floor(step / 2 ** 32), epoch, batch, batches, examples]);
  const floats = new Float32Array(words.buffer);
  floats[STATE_WORDS.gradient_scale] = 1;
  floats.set(rates, STATE_WORDS.rates);
  floats.set(schedules, STATE_WORDS.schedules);
  return new Uint8Array(words.buffer);
}

export interface DecodedState {
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
  readonly examples: number;
  readonly poisoned: boolean;
}

export function decodeState(bytes: ArrayBuffer): DecodedState {
  const words = new Uint32Array(bytes);
  return {
    step: words[STATE_WORDS.step] + words[STATE_WORDS.step + 1] * 2 ** 32,
    epoch: words[STATE_WORDS.epoch],
    batch: words[STATE_WORDS.batch],
    batches: words[STATE_WORDS.batches],
    examples: words[STATE_WORDS.examples],
    poisoned: words[STATE_WORDS.poisoned] !== 0,
  };
}
