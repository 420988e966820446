import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { ReparamError } from "../errors.ts";
import { intactFile } from "../train/read-checkpoint.ts";
import { errorCode, ioError, replaceFile, writeWhole } from "./files.ts";

/**
 * The folder `checkpoints/` of a run. A file comes into being whole: it is written under another name, synced and renamed,
 * and only then `last` and `best` point to it, and old ones go.
 */

export interface CheckpointFile {
  readonly path: string;
  readonly step: number;
}

export interface GoodCheckpoint extends CheckpointFile {
  readonly bytes: Uint8Array;
  /** The newer ones that cannot be used, newest first, and why. */
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
}

const folderOf = (run: string) => join(run, "checkpoints");

/** The checkpoints of a run, the newest first, by the steps in their names. */
async function checkpointsOf(run: string): Promise<CheckpointFile[]> {
  const names = await fs.readdir(folderOf(run)).catch(() => []);
  const files = names.flatMap((name) => {
    const step = /^epoch=\d+-step=(\d+)\.safetensors$/.exec(name)?.[1];
    return step === undefined ? [] : [{ path: join(folderOf(run), name), step: Number(step) }];
  });
  return files.toSorted((a, b) => b.step - a.step);
}

/**
 * The newest checkpoint of a run that is whole; undefined where there is none at all. Throws ReparamError "checkpoint"
 * where all are damaged.
 */
export async function newestGood(run: string): Promise<GoodCheckpoint | undefined> {
  const damaged: { path: string; reason: string }[] = [];
  for (const file of await checkpointsOf(run)) {
    const { path } = file;
    try {
      const bytes = await fs.readFile(path);
      intactFile(bytes, path);
      return { ...file, bytes, damaged };
    } catch (error) {
      const { message } = error as Error;
      damaged.push({ path, reason: error instanceof ReparamError ? message : `${path} cannot be read: ${message}.` });
    }
  }
  if (damaged.length === 0) return undefined;
  const which = damaged.length === 1 ? "The only checkpoint" : `All ${damaged.length} checkpoints`;
  throw new ReparamError("checkpoint", `${which} of ${run} cannot be used: ${damaged[0].reason}`);
}

/** What going back to an older checkpoint is said by. */
export const damageTexts = ({ damaged, path }: Pick<GoodCheckpoint, "damaged" | "path">): string[] =>
  damaged.length === 0 ? [] : [...damaged.map(({ reason }) => reason), `Going back to ${path}.`];

/**
 * Before a run goes on: damaged files get names that nobody takes for checkpoints, `last` points to the good one, and what
 * a killed process left half-written goes.
 */
export async function setDamagedAside(run: string, { path, damaged }: GoodCheckpoint): Promise<void> {
  for (const { path: bad } of damaged) await fs.rename(bad, `${bad}.damaged`).catch(() => {});
  if (damaged.length > 0) await point(join(folderOf(run), "last"), path.slice(dirname(path).length + 1));
  for (const folder of [run, folderOf(run)]) {
    for (const name of await fs.readdir(folder)) {
      if (/^\..+\.\d+\.tmp$/.test(name)) await fs.rm(join(folder, name), { force: true });
    }
  }
}

export interface ToSave {
  readonly epoch: number;
  readonly step: number;
  readonly best: boolean;
}

/**
 * Writes `checkpoints/epoch=0010-step=4690.safetensors`, points `last`, and `best` if it is that, to it, and takes all but
 * the best and the last `keep` away; null keeps all. Returns the file's path.
 */
export async function saveCheckpoint(
  run: string,
  { epoch, step, best }: ToSave,
  bytes: Uint8Array,
  keep: number | null,
): Promise<string> {
  const folder = folderOf(run);
  const name = `epoch=${String(epoch).padStart(4, "0")}-step=${step}.safetensors`;
  await fs.mkdir(folder).catch((error) => {
    if (errorCode(error) !== "EEXIST") throw ioError(error, folder);
  });
  const path = join(folder, name);
  await writeWhole(path, bytes);
  await point(join(folder, "last"), name);
  if (best) await point(join(folder, "best"), name);
  if (keep !== null) await prune(run, keep);
  return path;
}

/** Takes away all but the best and the last `keep`. What cannot be taken away stays: that harms no run. */
async function prune(run: string, keep: number): Promise<void> {
  const best = await fs.readlink(join(folderOf(run), "best")).catch(() => undefined);
  for (const { path } of (await checkpointsOf(run)).slice(keep)) {
    if (best !== undefined && path.endsWith(best)) continue;
    await fs.rm(path, { force: true }).catch(() => {});
  }
}

/** A symbolic link, or a copy where links are not allowed (Windows without developer mode, FAT). */
function point(path: string, target: string): Promise<void> {
  return replaceFile(path, async (temporary) => {
    try {
      await fs.symlink(target, temporary);
    } catch {
      await fs.copyFile(join(dirname(path), target), temporary);
    }
  });
}
