import type { Binding } from "./plan.ts";

/** Offsets of bindings are multiples of this by WebGPU's default limits. */
export const BINDING_ALIGNMENT = 256;

/** The name of the run's state buffer, `shaders/lib/state.wgsl`, among external buffers. */
export const STATE = "state";

/** Bytes of `struct State`: what its fields take, and the schedules that it has room for. */
export const STATE_BYTES = 1024;
export const MAX_SCHEDULES = 240;

export const stateBinding = (access: "uniform" | "read_write"): Binding => ({
  buffer: { external: STATE },
  offset: 0,
  size: STATE_BYTES,
  access,
});

export const externalBinding = (external: string, size: number, access: Binding["access"], offset = 0): Binding => ({
  buffer: { external },
  offset,
  size,
  access,
});

export const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;
