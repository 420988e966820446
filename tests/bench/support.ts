import type { BenchReport, KernelResult } from "../../src/bench/report.ts";
import type { Spread } from "../../src/timing/statistics.ts";

/** A sample without noise. */
export const flat = (value: number): Spread => ({ median: value, p10: value, p90: value });

/** A kernel that took so many seconds. */
export const aResult = (kernel: string, seconds: number): KernelResult => ({
  kernel,
  variant: "v",
  shape: "1x1",
  status: "ok",
  notes: [],
  maxRelativeError: 1e-6,
  flops: 2e9,
  bytes: 1e9,
  time: {
    ...flat(seconds),
    repeats: 1,
    flopsPerSecond: 2e9 / seconds,
    bytesPerSecond: 1e9 / seconds,
    bound: "copy",
    roofline: 1 / seconds,
  },
});

/** A report of an adapter that does 10 GFLOP/s and 1 GB/s. */
export const aReport = (kernels: readonly KernelResult[]): BenchReport => ({
  version: 1,
  adapter: { vendor: "nobody", architecture: "", device: "", description: "a fake", fallback: true },
  adapterName: "a fake (software, no GPU)",
  clock: "timestamps",
  rounds: 3,
  ceilings: { flopsPerSecond: flat(10e9), bytesPerSecond: flat(1e9) },
  kernels,
  hung: false,
});
