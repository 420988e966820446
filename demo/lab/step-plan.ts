import { signal } from "@preact/signals";
import type { BenchReport } from "../../src/bench/report.ts";
import { examplesNamed } from "./examples.ts";
import { askGpu, type ModelToPlan, type PlannedStage } from "./gpu-questions.ts";
import { latest } from "./latest.ts";
import { batchSizeOf } from "./model.ts";
import type { Settings } from "./settings.ts";
import { askAlone } from "./speed.ts";

/** The plan of a training step, of which model it is, and what its launches take, once that was measured. */
export interface StepPlan {
  readonly of: string;
  readonly stages: readonly PlannedStage[];
  readonly problem?: string;
  readonly timed?: { readonly stage: number; readonly report: BenchReport };
}

export const stepPlan = signal<StepPlan | undefined>(undefined);

const modelToPlan = (now: Settings): ModelToPlan => ({
  choice: { family: now.family, ...now.options },
  fields: examplesNamed(now.data).fields,
  count: now.pictures,
  batchSize: batchSizeOf(now),
  learningRate: now.learningRate,
});

const keyOf = (now: Settings): string => JSON.stringify(modelToPlan(now));

const ask = latest(
  async (now: Settings): Promise<StepPlan> => {
    try {
      return { of: keyOf(now), stages: await askGpu({ ask: "plan", model: modelToPlan(now) }) };
    } catch (error) {
      return { of: keyOf(now), stages: [], problem: (error as Error).message };
    }
  },
  (found) => {
    stepPlan.value = found;
  },
);

/** Has the plan of some settings made, unless it is there. */
export function planStep(now: Settings): void {
  if (stepPlan.value?.of !== keyOf(now)) ask(now);
}

/** Times the launches of a stage's step, while training stands still. */
export async function timeStep(now: Settings, stage: number): Promise<void> {
  const report = await askAlone({ ask: "time", model: modelToPlan(now), stage, seed: now.seed });
  const plan = stepPlan.value;
  if (report && plan?.of === keyOf(now)) stepPlan.value = { ...plan, timed: { stage, report } };
}
