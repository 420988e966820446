import type { TrainingConfig } from "../config/training.ts";
import type { Dataset } from "../data/dataset.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import type { Model } from "../models/model.ts";
import { type LearningRateSchedule, type RunLength, scheduleTable } from "../nn/schedules.ts";
import type { Plan } from "../plan/plan.ts";
import { type ArenaLayout, arenaLayout } from "../runtime/arena.ts";
import { batchesOf, picksFor, readsOf, type SplitLayout, splitLayout } from "./data.ts";
import { momentLayout } from "./moments.ts";
import { type ObjectiveGraph, stageGraphs } from "./objective.ts";
import type { Change } from "./progress.ts";
import { optimizerOf, type StageSchedules, stageSchedules, withChanges } from "./stage-schedules.ts";
import { type MetricRow, metricRow, trainingPlan } from "./step-plan.ts";

export interface StepSettings extends Pick<TrainingConfig, "batchSize" | "precision" | "optimizer" | "optimizers"> {
  readonly learningRateSchedule: LearningRateSchedule;
}

/** A stage's step as plain data, and what its buffers hold. */
export interface StagePlan {
  readonly plan: Plan;
  readonly row: MetricRow;
  readonly schedules: StageSchedules;
  /** [rows, schedules]: their values at each step of the stage; the last row holds for all later ones. */
  readonly table: Float32Array;
}

export interface StageProblem {
  readonly graphs: readonly ObjectiveGraph[];
  readonly layout: ArenaLayout;
  readonly fields: Dataset["fields"];
  readonly split: SplitLayout;
  readonly profile: DeviceProfile;
  /** The step at which the stage begins, and how long it goes. */
  readonly start: number;
  readonly length: RunLength;
  /** What was set while the run went. */
  readonly changes?: readonly Change[];
}

/** Needs a device's profile only: nothing is uploaded or compiled. */
export function planStage(model: Model, index: number, problem: StageProblem, settings: StepSettings): StagePlan {
  const { graphs, layout, fields, split, profile, start, length, changes = [] } = problem;
  const { batchSize, precision } = settings;
  const schedules = withChanges(stageSchedules(model, model.stages[index], settings, length), changes, start);
  const table = scheduleTable(schedules.schedules, length.totalSteps);
  const row = metricRow(graphs);
  const plan = trainingPlan(
    {
      graphs,
      stage: model.stages[index],
      row,
      layout,
      moments: momentLayout(model),
      profile,
      precision,
      schedules: schedules.names,
      tableRows: table.length / schedules.names.length,
      batchSize,
      picks: picksFor(graphs, split, { fields, batchSize, shuffle: true, profile }),
      start,
    },
    ({ objective }) => optimizerOf(objective, settings),
  );
  return { plan, row, schedules, table };
}

/** The plan of every stage of a model, for people: of a step in the middle of a long run. */
export function plansOf(
  model: Model,
  data: { readonly fields: Dataset["fields"]; readonly count: number; readonly shardBytes: number },
  profile: DeviceProfile,
  settings: StepSettings,
): { readonly name: string; readonly plan: Plan }[] {
  const { batchSize } = settings;
  const stepsPerEpoch = batchesOf(data, batchSize);
  const layout = arenaLayout(model.parameters);
  return model.stages.map((stage, k) => {
    const graphs = stageGraphs(model, stage, batchSize, true);
    const problem = {
      graphs,
      layout,
      fields: data.fields,
      split: splitLayout({ ...data, reads: readsOf(graphs) }),
      profile,
      start: 0,
      length: { totalSteps: stepsPerEpoch, stepsPerEpoch },
    };
    return { name: stage.name, plan: planStage(model, k, problem, settings).plan };
  });
}
