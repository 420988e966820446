import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { DataConfig } from "../config/config.ts";
import { holds, type Layer, layerAt, parseSet, parseValue, resolveConfig } from "../config/resolve.ts";
import { datasetNames } from "../data/names.ts";
import { readJson } from "./files.ts";
import { planResume } from "./resume.ts";
import { optionOf, trainFlags } from "./train-flags.ts";
import type { RunPlan, TrainOptions } from "./train-options.ts";

/** Reads config file, flags and checkpoint. Throws ReparamError "usage", "config" or "checkpoint". */
export async function planRun(file: string | undefined, options: TrainOptions): Promise<RunPlan> {
  const flags = trainFlags.flatMap((flag): Layer[] => {
    const value = options[optionOf(flag).attributeName()];
    if (flag.key === undefined || typeof value !== "string") return [];
    return [layerAt(flag.key.split("."), flag.text ? value : parseValue(value), flag.flags.split(" ")[0])];
  });
  if (options.resume !== undefined) return planResume(file, options, flags);

  const fileLayer = file === undefined ? undefined : { source: file, values: await readJson(file) };
  const sets = (options.set ?? []).map(parseSet);
  const config = resolveConfig({ preset: options.preset, file: fileLayer, flags, sets });
  const batchAsked = [fileLayer, ...flags, ...sets].some(
    (layer) => layer && holds(layer.values, ["training", "batchSize"]),
  );
  const label = options.preset ?? config.model.family;
  return { config: { ...config, data: fromAnywhere(config.data) }, label, batchAsked };
}

/** Absolute paths, so that the run can be used and run again from any folder. A set's name is no path. */
function fromAnywhere(data: DataConfig): DataConfig {
  const { name, directory } = data;
  // Also the beginning of a name of files in a folder.
  const isPath =
    !datasetNames.includes(name) && (existsSync(name) || (/[/\\]/.test(name) && existsSync(dirname(name))));
  return { ...data, name: isPath ? resolve(name) : name, directory: directory && resolve(directory) };
}
