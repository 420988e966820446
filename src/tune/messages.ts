import type { AdapterDescription } from "../gpu/device.ts";
import type { Clock } from "../timing/clock.ts";
import type { TunedProduct } from "./tune.ts";

/** The words that `reparam bench --tune` and the job `tune` speak; see src/host/job.ts. */
export type TuneJob = {
  kind: "tune";
  /** Presets whose training step's products are tuned. */
  presets: string[];
  /** Families of src/tune/job.ts, at `shapes` or their standard ones. */
  kernels: string[];
  shapes: string[] | null;
  rounds: number;
  exhaustive: boolean;
  timeoutSeconds: number;
};

/** One tuning, as plain data. */
export interface TuneReport {
  readonly version: 1;
  readonly adapter: AdapterDescription;
  /** The adapter in words; says so where it is software. */
  readonly adapterName: string;
  readonly clock: Clock["kind"];
  readonly rounds: number;
  readonly products: readonly TunedProduct[];
}

/** Comes before anything is measured. */
export type TuneStartEvent = { event: "start"; adapterName: string };
/** What goes on, for people. */
export type TuneProgressEvent = { event: "progress"; line: string };
/** The last one. */
export type TuneEndEvent = { event: "end"; report: TuneReport };

export type TuneEvent = TuneStartEvent | TuneProgressEvent | TuneEndEvent;
