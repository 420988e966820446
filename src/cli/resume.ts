import { basename, join, resolve } from "node:path";
import type { RunConfig } from "../config/config.ts";
import { type Layer, parseSet, resolveConfig } from "../config/resolve.ts";
import { ReparamError } from "../errors.ts";
import { damageTexts, newestGood } from "./checkpoints.ts";
import { readJson } from "./files.ts";
import { newestRun } from "./run-folder.ts";
import { optionOf, trainFlags } from "./train-flags.ts";
import type { RunPlan, TrainOptions } from "./train-options.ts";

/** What --set may change of a run that goes on: how long it lasts and what it writes, not what it is. */
const changeable = [
  ...["epochs", "maxSteps", "earlyStopping", "checkpointEvery", "nonFinite", "metricsEvery", "submitMilliseconds"].map(
    (key) => `training.${key}`,
  ),
  "keep",
];

/** `--resume`: the run of the folder that is named. Throws ReparamError "usage", "config" or "checkpoint". */
export async function planResume(
  file: string | undefined,
  options: TrainOptions,
  flags: readonly Layer[],
): Promise<RunPlan> {
  const sets = checkedSets(file, options);
  const { resume } = options;
  const run = typeof resume === "string" && resume !== "last" ? resume : await newestRun();
  const path = join(run, "config.json");
  const own = { source: path, values: await readJson(path) };
  const from = await newestGood(run);
  if (!from) throw new ReparamError("checkpoint", `${run} has no checkpoint to resume from.`);
  return {
    config: resolveConfig({ file: own, flags, sets }),
    label: basename(resolve(run)),
    batchAsked: true,
    resumed: { run, from, before: resolveConfig({ file: own }) },
  };
}

/** Refuses what would make a run another one, and returns what --set may change. */
function checkedSets(file: string | undefined, options: TrainOptions): Layer[] {
  const given = trainFlags.find((flag) => flag.fixed && options[optionOf(flag).attributeName()] !== undefined);
  const { set = [] } = options;
  const fixedSet = set.find((text) => !changeable.some((key) => new RegExp(`^${key}[.=]`).test(text)));
  const fixed = given?.flags.split(" ")[0] ?? (file && "a config file") ?? (fixedSet && `--set ${fixedSet}`);
  if (!fixed) return set.map(parseSet);
  const free = trainFlags.filter((flag) => flag.key && !flag.fixed).map(({ flags }) => flags.split(" ")[0]);
  throw new ReparamError(
    "usage",
    `A resumed run keeps its own settings, so --resume cannot go with ${fixed}; only ${free.join(", ")} and --set of ${changeable.join(", ")} can change.`,
  );
}

/** Where a run goes on from, if not from its newest checkpoint, and what going on means for what depends on its length. */
export function remarksOnResume({ config, resumed }: RunPlan): string[] {
  if (!resumed) return [];
  return [
    ...damageTexts(resumed.from).map((text) => `note     ${text}`),
    ...stretchedSchedules(config, resumed.before),
  ];
}

function stretchedSchedules({ training, model }: RunConfig, { training: before }: RunConfig): string[] {
  if (training.epochs === before.epochs && training.maxSteps === before.maxSteps) return [];
  const named = (value: unknown) => (value as { name?: string } | null)?.name;
  const stretched = [
    ...(["cosine", "linear"].includes(training.learningRateSchedule.name) ? ["the learning rate"] : []),
    ...Object.entries(model).flatMap(([key, value]) => (named(value) === "cyclical" ? [`model.${key}`] : [])),
  ];
  if (stretched.length === 0) return [];
  const what = `the schedule${stretched.length > 1 ? "s" : ""} of ${stretched.join(" and ")}`;
  return [`note     another length stretches ${what}: from here it is that of a run of this length`];
}
