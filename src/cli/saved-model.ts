import fs from "node:fs/promises";
import { join } from "node:path";
import { ReparamError } from "../errors.ts";
import { decodeSafetensors } from "../formats/safetensors.ts";
import type { TrainConfig } from "../train/config.ts";
import type { CheckpointMetadata } from "../train/messages.ts";
import { resolveConfig } from "../train/resolve.ts";
import { readJson } from "./files.ts";
import { newestCheckpoint, newestRun } from "./run-folder.ts";

/** A trained model: everything that a job needs to use it. */
export interface SavedModel {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The config it was trained with. */
  readonly config: TrainConfig;
  /** Shape of one example. */
  readonly shape: readonly number[];
}

/**
 * Finds the model that RUN names: a run folder (its newest checkpoint, or final.safetensors), `last`, or a
 * .safetensors file. Throws ReparamError "usage" when there is none, "checkpoint" when it cannot be used.
 */
export async function loadModel(run: string): Promise<SavedModel> {
  const named = run === "last" ? await newestRun() : run;
  const stat = await fs.stat(named).catch(() => undefined);
  if (!stat) {
    throw new ReparamError(
      "usage",
      `There is no run folder or checkpoint ${named}; give one, or \`last\` for the newest run under runs/.`,
    );
  }
  const path = stat.isDirectory() ? await modelOf(named) : named;
  const bytes = await fs.readFile(path).catch((error: Error) => {
    throw new ReparamError("checkpoint", `${path} cannot be read: ${error.message}.`, { cause: error });
  });
  const { config, shape } = metadataOf(bytes, path);
  return { path, bytes, shape, config: stat.isDirectory() ? await withDirectory(config, named) : config };
}

async function modelOf(run: string): Promise<string> {
  const path = (await newestCheckpoint(run))?.path ?? join(run, "final.safetensors");
  const found = await fs.stat(path).catch(() => undefined);
  if (!found)
    throw new ReparamError("usage", `${run} holds neither checkpoints nor final.safetensors: is it a run folder?`);
  return path;
}

function metadataOf(bytes: Uint8Array, path: string): { config: TrainConfig; shape: number[] } {
  const metadata = decodeSafetensors(bytes, path).metadata as Partial<CheckpointMetadata>;
  let values: unknown;
  let shape: unknown;
  try {
    values = JSON.parse(metadata.config ?? "");
    shape = JSON.parse(metadata.shape ?? "");
  } catch (error) {
    throw new ReparamError("checkpoint", `${path} does not say what model it holds: reparam train did not write it.`, {
      cause: error,
    });
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new ReparamError("checkpoint", `${path} gives an impossible shape of its examples: ${metadata.shape}.`);
  }
  return { config: resolveConfig({ file: { source: path, values } }), shape };
}

/** Files do not say where their data lay, but the run folder does. */
async function withDirectory(config: TrainConfig, run: string): Promise<TrainConfig> {
  const path = join(run, "config.json");
  if (!(await fs.stat(path).catch(() => undefined))) return config;
  const { data } = resolveConfig({ file: { source: path, values: await readJson(path) } });
  return { ...config, data: { ...config.data, directory: data.directory } };
}
