import type { Device } from "../gpu/device.ts";
import type { Kernel } from "./kernel.ts";
import { ownCase } from "./own-kernel.ts";
import type { BenchReport } from "./report.ts";
import { type BenchmarkOptions, runCases } from "./run.ts";

/**
 * Checks kernels of `defineKernel`, and times those that are right against the ceilings of the adapter, measured in the
 * same rounds. A kernel that does not compile, does not end, writes outside its buffers, lacks a barrier or differs from
 * its reference is not timed: its result says so in words. After a kernel that did not end (`hung`) the device is of no
 * more use; do not dispose it where Dawn runs in the process, since that would wait for the kernel.
 */
export function benchmark(
  device: Device,
  kernels: Kernel | readonly Kernel[],
  options: BenchmarkOptions = {},
): Promise<BenchReport> {
  const list = Array.isArray(kernels) ? (kernels as readonly Kernel[]) : [kernels as Kernel];
  return runCases(device, list.map(ownCase), options);
}
