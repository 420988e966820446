import type { TrainingConfig } from "../config/training.ts";
import { ReparamError } from "../errors.ts";
import type { Model, Objective, Stage } from "../models/model.ts";
import { nearest } from "../nearest.ts";
import { biasCorrections, type Optimizer } from "../nn/optimizers.ts";
import {
  finalValue,
  type LearningRateSchedule,
  learningRateSchedule,
  type RunLength,
  type Schedule,
  scheduleOf,
} from "../nn/schedules.ts";

/**
 * The schedules of a stage in the order of the state buffer. Each objective of a step has a vec4 that begins with its
 * learning rate and bias corrections, as shaders/optimizer/update.wgsl reads them; the model's own fill what is left.
 */
export interface StageSchedules {
  /** Names for the compiler; "" where nothing reads it. */
  readonly names: readonly string[];
  readonly schedules: readonly Schedule[];
  /** What evaluation sees: the values in the end. */
  readonly final: readonly number[];
  /** What people are shown, by name: learning rates and the model's own, with their places. */
  readonly shown: Readonly<Record<string, number>>;
}

type Settings = Pick<TrainingConfig, "optimizer" | "optimizers"> & {
  readonly learningRateSchedule: LearningRateSchedule;
};

/** Steps count from the beginning of the stage. */
export function stageSchedules(model: Model, stage: Stage, settings: Settings, length: RunLength): StageSchedules {
  const multiplier = learningRateSchedule(settings.learningRateSchedule, length);
  const own = Object.entries(model.schedules);
  const names: string[] = [];
  const schedules: Schedule[] = [];
  const final: number[] = [];
  const shown: Record<string, number> = {};
  const add = (name: string, schedule: Schedule, last: number) => {
    names.push(name);
    schedules.push(schedule);
    final.push(last);
  };
  const addOwn = ([name, description]: (typeof own)[number]) => {
    shown[name] = names.length;
    add(name, scheduleOf(description, length), finalValue(description));
  };

  const counts = new Map<string, number>();
  for (const objective of stage.objectives) {
    const place = counts.get(objective.name) ?? 0;
    counts.set(objective.name, place + 1);
    const times = stage.objectives.filter(({ name }) => name === objective.name).length;
    const optimizer = optimizerOf(objective, settings);
    const [first, second] = biasCorrections(optimizer, { place, times });
    shown[objective.optimizer ? `${objective.optimizer}.learningRate` : "learningRate"] = names.length;
    add("", (step) => optimizer.learningRate * multiplier(step), 0);
    add("", first, 0);
    add("", second, 0);
    const next = own.shift();
    if (next) addOwn(next);
    else add("", () => 0, 0);
  }
  own.forEach(addOwn);
  return { names, schedules, final, shown };
}

/** The optimizer of an objective: the main one, with what is said for the one that it names. */
export const optimizerOf = (
  { optimizer }: Objective,
  settings: Pick<Settings, "optimizer" | "optimizers">,
): Optimizer =>
  optimizer === undefined ? settings.optimizer : { ...settings.optimizer, ...settings.optimizers[optimizer] };

/** Refuses settings for an optimizer that no objective names. Throws ReparamError "config". */
export function checkOptimizers({ stages }: Model, { optimizers }: Pick<Settings, "optimizers">): void {
  const known = [
    ...new Set(stages.flatMap(({ objectives }) => objectives.flatMap(({ optimizer }) => optimizer ?? []))),
  ];
  const stranger = Object.keys(optimizers).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const advice = known.length > 0 ? `did you mean ${nearest(stranger, known)}?` : "it has one, training.optimizer.";
  throw new ReparamError(
    "config",
    `training.optimizers.${stranger}: this model has no optimizer of that name; ${advice}`,
  );
}
