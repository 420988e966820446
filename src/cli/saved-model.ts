import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buildModel, type RunConfig } from "../config/config.ts";
import { resolveConfig } from "../config/resolve.ts";
import { type Dataset, fieldSize, pixels } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { CheckpointMetadata } from "../jobs/messages.ts";
import type { Model } from "../models/model.ts";
import { examplesOf, type OpenCheckpoint, openCheckpoint, readWeights } from "../train/read-checkpoint.ts";
import { damageTexts, type GoodCheckpoint, newestGood } from "./checkpoints.ts";
import { describedData } from "./data.ts";
import { readJson } from "./files.ts";
import { newestRun } from "./run-folder.ts";
import type { Services } from "./services.ts";

/** A trained model: everything that a job needs to use it. */
export interface SavedModel {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The config it was trained with. */
  readonly config: RunConfig;
  /** What it was made for. */
  readonly fields: Dataset["fields"];
  /** The model itself, to ask what it can do. */
  readonly model: Model;
}

/**
 * Finds the model that RUN names: a run folder (its newest checkpoint or its best one, or final.safetensors), `last`, or a
 * .safetensors file; that newer checkpoints are damaged is said. What a file says of its model, `config` says instead where it
 * is given: a config file, whose data tell what an example is. Throws ReparamError "usage" when there is none, "checkpoint" when it cannot be used.
 */
export async function loadModel(
  run: string,
  { best = false, config: stated }: { readonly best?: boolean; readonly config?: string },
  services: Services,
): Promise<SavedModel> {
  const { stderr } = services.terminal;
  const named = run === "last" ? await newestRun() : run;
  const stat = await fs.stat(named).catch(() => undefined);
  if (!stat) {
    throw new ReparamError(
      "usage",
      `There is no run folder or checkpoint ${named}; give one, or \`last\` for the newest run under runs/.`,
    );
  }
  if (best && !stat.isDirectory())
    throw new ReparamError("usage", `--best goes with a run folder, and ${named} is a file.`);
  const { path, bytes, damaged = [] } = await (stat.isDirectory() ? modelOf(named, best) : fileAt(named));
  for (const line of damageTexts({ path, damaged })) stderr.write(`${line}\n`);
  const file = openCheckpoint(bytes, path);
  if (stated !== undefined) return { path, bytes, ...(await statedModel(stated, file, services)) };
  const { config, fields } = metadataOf(file, path);
  const model = buildModel(config.model, { fields, count: examplesOf(file) });
  return { path, bytes, fields, model, config: await asTrained(config, named, stat.isDirectory()) };
}

/** The model that a config file states, whatever the file of its weights says. */
async function statedModel(
  path: string,
  file: OpenCheckpoint,
  services: Services,
): Promise<Omit<SavedModel, "path" | "bytes">> {
  const config = resolveConfig({ file: { source: path, values: await readJson(path) } });
  const { fields, count } = await describedData(config.data, services);
  const model = buildModel(config.model, { fields, count: examplesOf(file) ?? count });
  readWeights(file, model.parameters); // what does not fit is said before a browser starts
  const read = Object.fromEntries(Object.keys(model.fields).map((name) => [name, fields[name]]));
  return { config, fields: read, model };
}

type ModelFile = Pick<GoodCheckpoint, "path" | "bytes"> & Partial<Pick<GoodCheckpoint, "damaged">>;

async function modelOf(run: string, best: boolean): Promise<ModelFile> {
  const newest = best ? undefined : await newestGood(run);
  if (newest) return newest;
  const path = best ? join(run, "checkpoints", "best") : join(run, "final.safetensors");
  if (await fs.stat(path).catch(() => undefined)) return fileAt(path);
  if (best)
    throw new ReparamError("usage", `${run} has no best checkpoint: nothing tells which of its epochs was best.`);
  throw new ReparamError("usage", `${run} holds neither checkpoints nor final.safetensors: is it a run folder?`);
}

async function fileAt(path: string): Promise<ModelFile> {
  const bytes = await fs.readFile(path).catch((error: Error) => {
    throw new ReparamError("checkpoint", `${path} cannot be read: ${error.message}.`, { cause: error });
  });
  return { path, bytes };
}

function metadataOf(file: OpenCheckpoint, path: string): { config: RunConfig; fields: Dataset["fields"] } {
  // Files of 0.1.0 say the shape of an example of pixels instead of their fields.
  const metadata = file.metadata as Partial<CheckpointMetadata & { shape: string }>;
  let values: unknown;
  let fields: unknown;
  try {
    values = JSON.parse(metadata.config ?? "");
    fields =
      metadata.fields === undefined ? { x: pixels(JSON.parse(metadata.shape ?? "")) } : JSON.parse(metadata.fields);
  } catch (error) {
    throw new ReparamError(
      "checkpoint",
      `${path} does not say what model it holds, as files of reparam train do: say it by --config (docs/checkpoints.md).`,
      {
        cause: error,
      },
    );
  }
  if (!areFields(fields)) {
    throw new ReparamError(
      "checkpoint",
      `${path} gives impossible fields of its examples: ${metadata.fields ?? metadata.shape}.`,
    );
  }
  return { config: resolveConfig({ file: { source: path, values } }), fields };
}

function areFields(value: unknown): value is Dataset["fields"] {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every(
    (field) =>
      ["u8", "u16", "f32"].includes(field?.store) &&
      Array.isArray(field.shape) &&
      field.shape.every((size: unknown) => Number.isSafeInteger(size) && (size as number) > 0) &&
      (field.scaling === undefined || isScaling(field.scaling, field.shape)) &&
      (field.modes === undefined || areModes(field.modes, field.shape)),
  );
}

function areModes(value: unknown, shape: readonly number[]): boolean {
  const { centres, sigma } = (value ?? {}) as Record<string, unknown>;
  const size = fieldSize({ shape });
  const isCentre = (centre: unknown) =>
    Array.isArray(centre) && centre.length === size && centre.every(Number.isFinite);
  return Array.isArray(centres) && centres.every(isCentre) && typeof sigma === "number" && sigma > 0;
}

/** One pair of numbers, or one for each number of an example. */
function isScaling(value: unknown, shape: readonly number[]): boolean {
  const { center, spread } = (value ?? {}) as Record<string, unknown>;
  const areNumbers = (numbers: unknown, ...lengths: number[]): numbers is number[] =>
    Array.isArray(numbers) && lengths.includes(numbers.length) && numbers.every(Number.isFinite);
  return areNumbers(center, 1, fieldSize({ shape })) && areNumbers(spread, center.length);
}

/**
 * Files do not say where their data lay and where they were trained, but the run folder that they are in does. What else
 * is called config.json beside a file is none of this.
 */
async function asTrained(config: RunConfig, place: string, isRun: boolean): Promise<RunConfig> {
  const folder = dirname(place);
  const run = isRun ? place : basename(folder) === "checkpoints" ? dirname(folder) : folder;
  const path = join(run, "config.json");
  if (!(await fs.stat(path).catch(() => undefined))) return config;
  try {
    const { data, host } = resolveConfig({ file: { source: path, values: await readJson(path) } });
    if (data.name !== config.data.name) return config;
    return { ...config, host, data: { ...config.data, directory: data.directory } };
  } catch (error) {
    if (isRun) throw error;
    return config;
  }
}
