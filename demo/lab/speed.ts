import { batch, signal } from "@preact/signals";
import type { BenchReport } from "../../src/bench/report.ts";
import type { SelfTestReport } from "../../src/selftest/index.ts";
import { type AskOptions, askGpu, type GpuAnswers, type GpuQuestion } from "./gpu-questions.ts";
import { pauseOrGoOn } from "./run.ts";
import { phase } from "./state.ts";

/** What this machine is asked at the moment; one thing at a time, as two would slow each other. */
export const asked = signal<GpuQuestion["ask"] | undefined>(undefined);
/** What it does for that, in a line. */
export const askedLine = signal("");
export const askedProblem = signal("");
export const checked = signal<SelfTestReport | undefined>(undefined);
export const measured = signal<BenchReport | undefined>(undefined);

let stopping = new AbortController();

/** Asks the machine something while training stands still; undefined where that was stopped, or went wrong, which is then said. */
export async function askAlone<Q extends GpuQuestion>(question: Q): Promise<GpuAnswers[Q["ask"]] | undefined> {
  if (asked.value) return undefined;
  batch(() => {
    asked.value = question.ask;
    askedLine.value = "starting";
    askedProblem.value = "";
  });
  stopping = new AbortController();
  const { signal } = stopping;
  const trained = phase.value === "training";
  try {
    if (trained) await pauseOrGoOn();
    const onProgress: AskOptions["onProgress"] = (line) => {
      askedLine.value = line;
    };
    return await askGpu(question, { onProgress, signal });
  } catch (error) {
    if (!signal.aborted) askedProblem.value = (error as Error).message;
    return undefined;
  } finally {
    asked.value = undefined;
    if (trained && phase.value === "paused") await pauseOrGoOn();
  }
}

export const stopAsking = (): void => stopping.abort();

/** Times kernels of these families. */
export async function measure(kernels: readonly string[]): Promise<void> {
  const report = await askAlone({ ask: "measure", kernels });
  if (report) measured.value = report;
}

/** Runs every kernel against float64. */
export async function check(): Promise<void> {
  const report = await askAlone({ ask: "check" });
  if (report) checked.value = report;
}
