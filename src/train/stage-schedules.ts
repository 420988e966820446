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
import type { Change } from "./progress.ts";

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
  /** What people are shown and may set, by name: learning rates and the model's own, with the places where they stand. */
  readonly shown: Readonly<Record<string, readonly number[]>>;
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
  const shown: Record<string, number[]> = {};
  const show = (name: string) => {
    shown[name] = [...(shown[name] ?? []), names.length];
  };
  const add = (name: string, schedule: Schedule, last: number) => {
    names.push(name);
    schedules.push(schedule);
    final.push(last);
  };
  const addOwn = ([name, description]: (typeof own)[number]) => {
    show(name);
    add(name, scheduleOf(description, length), finalValue(description));
  };

  const counts = new Map<string, number>();
  for (const objective of stage.objectives) {
    const place = counts.get(objective.name) ?? 0;
    counts.set(objective.name, place + 1);
    const times = stage.objectives.filter(({ name }) => name === objective.name).length;
    const optimizer = optimizerOf(objective, settings);
    const [first, second] = biasCorrections(optimizer, { place, times });
    show(objective.optimizer ? `${objective.optimizer}.learningRate` : "learningRate");
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

/**
 * The same schedules, but from the steps of some changes on the numbers that those say; evaluation sees the last ones.
 * The steps of changes count from the beginning of the run, at whose step `start` the stage begins.
 */
export function withChanges(base: StageSchedules, changes: readonly Change[], start: number): StageSchedules {
  if (changes.length === 0) return base;
  const [schedules, final] = [[...base.schedules], [...base.final]];
  for (const [name, places] of Object.entries(base.shown)) {
    const own = changes.filter(({ values }) => values[name] !== undefined);
    if (own.length === 0) continue;
    for (const place of places) {
      const before = base.schedules[place];
      schedules[place] = (step) => own.findLast((change) => change.step - start <= step)?.values[name] ?? before(step);
      final[place] = own[own.length - 1].values[name];
    }
  }
  return { ...base, schedules, final };
}

/** What evaluation and uses see of the model's own schedules: the values in the end, or those that were set last. */
export function seenSchedules(
  { schedules }: Pick<Model, "schedules">,
  changes: readonly Pick<Change, "values">[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(schedules).map(([name, description]) => [
      name,
      changes.findLast(({ values }) => values[name] !== undefined)?.values[name] ?? finalValue(description),
    ]),
  );
}

/** Refuses to set what the stage does not have, or to what is no number of at least 0. Throws ReparamError "config". */
export function checkChange(values: Change["values"], known: readonly string[]): void {
  for (const [name, value] of Object.entries(values)) {
    if (!known.includes(name)) {
      throw new ReparamError("config", `There is no ${name} to set; did you mean ${nearest(name, known)}?`);
    }
    if (!Number.isFinite(value) || value < 0) {
      throw new ReparamError("config", `${name} must be a number of at least 0, but it is ${value}.`);
    }
  }
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
