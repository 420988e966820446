// Checking and timing kernels: the public face of this folder.
export { type AdapterDescription, type Device, type DeviceOptions, requestDevice } from "../gpu/device.ts";
export type { Spread } from "../timing/statistics.ts";
export { benchmark } from "./benchmark.ts";
export {
  type BufferArray,
  type BufferSpec,
  defineKernel,
  type Kernel,
  type KernelSpec,
  type ScalarType,
} from "./kernel.ts";
export type { BenchReport, Ceilings, KernelResult, KernelTiming, Work } from "./report.ts";
export type { BenchmarkOptions } from "./run.ts";
