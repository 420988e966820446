import type { AdapterDescription } from "../gpu/device.ts";
import type { Spread } from "../timing/statistics.ts";

/** What a launch does, as its author counts it; bytes if every operand moves once. */
export interface Work {
  readonly flops: number;
  readonly bytes: number;
}

/** What the adapter can do, measured in the same rounds as the kernels: operations and bytes a second. */
export interface Ceilings {
  readonly flopsPerSecond: Spread;
  readonly bytesPerSecond: Spread;
}

export interface KernelTiming extends Spread {
  /** Launches in one sample. */
  readonly repeats: number;
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
  /** The ceiling that this kernel would meet first. */
  readonly bound: "multiply-add" | "copy";
  /** The time that the ceilings allow divided by the median: 1 is all that the adapter can do. */
  readonly roofline: number;
}

export interface KernelResult extends Work {
  /** The family: `matmul`, `reduce`; or the name that a user gave. */
  readonly kernel: string;
  readonly variant: string;
  readonly shape: string;
  /**
   * wrong: it ran, and its numbers or its memory accesses are not right; failed: it did not build, or not end;
   * skipped: the device was gone before its turn. Only kernels that are ok are timed.
   */
  readonly status: "ok" | "wrong" | "failed" | "skipped";
  /** What is wrong, in words. */
  readonly problem?: string;
  /** What is worth knowing, and no reason to refuse it. */
  readonly notes: readonly string[];
  /** Against the float64 reference; null where there is no reference, or the error is not finite. */
  readonly maxRelativeError: number | null;
  /** Seconds a launch. */
  readonly time?: KernelTiming;
  /** Of a launch of a plan: its part of the time of all launches. */
  readonly share?: number;
  /** Of a preset's training step. */
  readonly start?: StepStart;
}

/** What comes before a preset's steps are quick. */
export interface StepStart {
  readonly launches: number;
  /** Distinct ones of a step. */
  readonly pipelines: number;
  /** Seconds from an open device with nothing of the model on it to the end of these steps. */
  readonly firstStep: number;
  readonly tenthStep: number;
}

/** Where the time of a preset's training step goes. */
export interface PlanSummary {
  readonly preset: string;
  /** matmuls and convolutions, and all else: sums of the launches' medians, each launch timed alone. */
  readonly families: readonly {
    readonly name: "products" | "rest";
    readonly launches: number;
    readonly seconds: number;
    readonly share: number;
  }[];
}

/** One benchmark, as plain data. */
export interface BenchReport {
  readonly version: 1;
  readonly adapter: AdapterDescription;
  /** The adapter in words; says so where it is software. */
  readonly adapterName: string;
  readonly clock: "timestamps" | "wall clock";
  readonly rounds: number;
  /** Missing where the device was gone before anything could be timed. */
  readonly ceilings?: Ceilings;
  readonly kernels: readonly KernelResult[];
  /** Where the kernels are the launches of a plan, in their order, and then the whole step. */
  readonly plan?: PlanSummary;
  /** True when the GPU may still be at work on a kernel that does not end: the device is of no more use. */
  readonly hung: boolean;
}

/** What identifies a kernel between two reports. */
export const keyOf = ({ kernel, variant, shape }: Pick<KernelResult, "kernel" | "variant" | "shape">): string =>
  [kernel, variant, shape].filter(Boolean).join(" ");

/** Seconds that the ceilings allow for work that is done in parts, one after the other. */
export function rooflineSeconds(parts: readonly Work[], { flopsPerSecond, bytesPerSecond }: Ceilings): number {
  return parts.reduce(
    (sum, { flops, bytes }) => sum + Math.max(flops / flopsPerSecond.median, bytes / bytesPerSecond.median),
    0,
  );
}

export const totalOf = (parts: readonly Work[]): Work => ({
  flops: parts.reduce((sum, { flops }) => sum + flops, 0),
  bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
});

/** A kernel's times by its samples in seconds a launch. */
export function timingOf(samples: Spread, repeats: number, parts: readonly Work[], ceilings: Ceilings): KernelTiming {
  const { flops, bytes } = totalOf(parts);
  const byArithmetic = flops / ceilings.flopsPerSecond.median > bytes / ceilings.bytesPerSecond.median;
  return {
    ...samples,
    repeats,
    flopsPerSecond: flops / samples.median,
    bytesPerSecond: bytes / samples.median,
    bound: byArithmetic ? "multiply-add" : "copy",
    roofline: rooflineSeconds(parts, ceilings) / samples.median,
  };
}
