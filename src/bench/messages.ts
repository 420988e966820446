import type { KernelSpec } from "./kernel-spec.ts";
import type { BenchReport } from "./report.ts";

/** The words that `reparam bench` and the job `bench` speak; see src/host/job.ts. */
export type BenchJob = {
  kind: "bench";
  /** Families of src/bench/catalog.ts. */
  kernels: string[];
  /** Shapes instead of the standard ones, or null. */
  shapes: string[] | null;
  variants: boolean;
  large: boolean;
  /** Presets whose training step is timed too. */
  presets: string[];
  /** A preset whose launches are timed instead, or null. */
  plan: string | null;
  /** A user's own kernel, or null; no reference function travels. */
  own: Omit<KernelSpec, "reference"> | null;
  rounds: number;
  timeoutSeconds: number;
};

/** Comes before anything is measured. */
export type BenchStartEvent = { event: "start"; adapterName: string };
/** What goes on, for people. */
export type BenchProgressEvent = { event: "progress"; line: string };
/** The last one. */
export type BenchEndEvent = { event: "end"; report: BenchReport };

export type BenchEvent = BenchStartEvent | BenchProgressEvent | BenchEndEvent;
