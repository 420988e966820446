import fs from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { ReparamError } from "../errors.ts";
import type { TrainConfig } from "../train/config.ts";
import { type Layer, layerAt, parseSet, parseValue, resolveConfig } from "../train/resolve.ts";
import { readJson } from "./files.ts";
import { newestCheckpoint, newestRun } from "./run-folder.ts";

/** The flags of `reparam train`, as commander hands them over: text where a value was given. */
export interface TrainOptions {
  readonly preset?: string;
  readonly data?: string;
  readonly dataDir?: string;
  readonly epochs?: string;
  readonly maxSteps?: string;
  readonly batchSize?: string;
  readonly seed?: string;
  readonly set?: readonly string[];
  readonly out?: string;
  readonly resume?: string | true;
  readonly host?: string;
  readonly fastDevRun?: boolean;
  readonly printConfig?: boolean;
  readonly printPlan?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** What is to be trained: a new run, or one that is continued from a checkpoint in its own folder. */
export interface RunPlan {
  readonly config: TrainConfig;
  /** First part of a new run folder's name. */
  readonly label: string;
  readonly resumed?: { readonly run: string; readonly checkpoint: Uint8Array; readonly step: number };
}

/** Named flags that stand for a key of the config. */
const configFlags = [
  ["data", "--data", "data.name"],
  ["dataDir", "--data-dir", "data.directory"],
  ["epochs", "--epochs", "training.epochs"],
  ["maxSteps", "--max-steps", "training.maxSteps"],
  ["batchSize", "--batch-size", "training.batchSize"],
  ["seed", "--seed", "seed"],
  ["host", "--host", "host"],
] as const;

/** Flags that a resumed run cannot take: they would make it another run. */
const fixedByRun = [
  ["preset", "--preset"],
  ["data", "--data"],
  ["dataDir", "--data-dir"],
  ["batchSize", "--batch-size"],
  ["seed", "--seed"],
  ["set", "--set"],
  ["out", "--out"],
  ["fastDevRun", "--fast-dev-run"],
] as const;

const textual = new Set(["data", "dataDir", "host"]);

/** Reads config file, flags and checkpoint. Throws ReparamError "usage", "config" or "checkpoint". */
export async function planRun(file: string | undefined, options: TrainOptions): Promise<RunPlan> {
  const flags = configFlags.flatMap(([option, flag, key]): Layer[] => {
    const text = options[option];
    if (text === undefined) return [];
    return [layerAt(key.split("."), textual.has(option) ? text : parseValue(text), flag)];
  });
  if (options.resume !== undefined) return planResume(file, options, flags, options.resume);

  const config = resolveConfig({
    preset: options.preset,
    file: file === undefined ? undefined : { source: file, values: await readJson(file) },
    flags,
    sets: (options.set ?? []).map(parseSet),
  });
  // An absolute folder in config.json, so that it can be run again from anywhere.
  const directory = config.data.directory && resolve(config.data.directory);
  return { config: { ...config, data: { ...config.data, directory } }, label: options.preset ?? config.model.family };
}

async function planResume(
  file: string | undefined,
  options: TrainOptions,
  flags: readonly Layer[],
  resume: string | true,
): Promise<RunPlan> {
  const fixed = fixedByRun.find(([option]) => options[option] !== undefined)?.[1] ?? (file && "a config file");
  if (fixed) {
    throw new ReparamError(
      "usage",
      `A resumed run keeps its own settings, so --resume cannot go with ${fixed}; only --epochs, --max-steps and --host can change.`,
    );
  }
  const run = resume === true || resume === "last" ? await newestRun() : resume;
  const path = join(run, "config.json");
  const config = resolveConfig({ file: { source: path, values: await readJson(path) }, flags });
  const saved = await newestCheckpoint(run);
  if (!saved) throw new ReparamError("checkpoint", `${run} has no checkpoint to resume from.`);
  const checkpoint = await fs.readFile(saved.path).catch((error: Error) => {
    throw new ReparamError("checkpoint", `${saved.path} cannot be read: ${error.message}.`, { cause: error });
  });
  return { config, label: basename(run), resumed: { run, checkpoint, step: saved.step } };
}
