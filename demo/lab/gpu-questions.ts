import type { BenchReport } from "../../src/bench/report.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import type { SelfTestReport } from "../../src/selftest/index.ts";
import type { ModelChoice } from "../../src/worker/index.ts";

/** A model, and what it is trained on, as far as its step depends on it. */
export interface ModelToPlan {
  readonly choice: ModelChoice;
  readonly fields: Dataset["fields"];
  readonly count: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/** What the page asks of a worker that has the GPU for itself. */
export type GpuQuestion =
  /** The kernels that can be measured. → their names */
  | { readonly ask: "kernels" }
  /** Times kernels of the benchmark's catalogue against what the adapter can do. → BenchReport */
  | { readonly ask: "measure"; readonly kernels: readonly string[] }
  /** Runs every kernel against float64. → SelfTestReport */
  | { readonly ask: "check" }
  /** What each stage's step launches. → PlannedStage[] */
  | { readonly ask: "plan"; readonly model: ModelToPlan }
  /** Times every launch of a stage's step alone. → BenchReport */
  | { readonly ask: "time"; readonly model: ModelToPlan; readonly stage: number; readonly seed: number };

/** One kernel launch of a step. */
export interface Launch {
  readonly kernel: string;
  /** What it computes. */
  readonly label: string;
  readonly shape: string;
  /** Its WGSL, as it is compiled. */
  readonly code: string;
}

export interface PlannedStage {
  readonly name: string;
  readonly launches: readonly Launch[];
}

export interface GpuAnswers {
  readonly kernels: readonly string[];
  readonly measure: BenchReport;
  readonly check: SelfTestReport;
  readonly plan: readonly PlannedStage[];
  readonly time: BenchReport;
}

export type FromGpu =
  | { readonly progress: string }
  | { readonly result: GpuAnswers[keyof GpuAnswers] }
  | { readonly failure: string };

export interface AskOptions {
  readonly onProgress?: (line: string) => void;
  /** Ends the worker; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Asks a worker that is started for this question alone, so that stopping frees all that it holds. */
export function askGpu<Q extends GpuQuestion>(
  question: Q,
  { onProgress = () => {}, signal }: AskOptions = {},
): Promise<GpuAnswers[Q["ask"]]> {
  const worker = new Worker(new URL("./gpu-worker.ts", import.meta.url), { type: "module" });
  return new Promise<GpuAnswers[Q["ask"]]>((resolve, reject) => {
    signal?.addEventListener("abort", () => {
      worker.terminate();
      reject(signal.reason);
    });
    worker.addEventListener("message", ({ data }: MessageEvent<FromGpu>) => {
      if ("progress" in data) return onProgress(data.progress);
      worker.terminate();
      if ("failure" in data) reject(new Error(data.failure));
      else resolve(data.result as GpuAnswers[Q["ask"]]);
    });
    worker.addEventListener("error", ({ message }) => {
      worker.terminate();
      reject(new Error(message || "The worker that measures could not be loaded."));
    });
    worker.postMessage(question);
  });
}
