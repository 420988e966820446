import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { ReparamError } from "../errors.ts";
import { errorCode, ioError, proveWritable, replaceFile, writeWhole } from "./files.ts";

/** Runs that were not told otherwise lie here, below the current folder; `last` means the newest of them. */
export const RUNS = "runs";

export interface NewFolder {
  readonly path: string;
  /** Takes the folder away again, if nothing has been written to it. */
  discard(): Promise<void>;
}

/**
 * Makes the folder of a new run and proves that it can be written to: `out`, or else `runs/<label>_<local time>`, with
 * a number behind it where that is taken. Throws ReparamError "usage" when that is impossible, or `out` is in use.
 */
export async function createRunFolder(label: string, out?: string, now = new Date()): Promise<NewFolder> {
  const made: string[] = [];
  const discard = async () => {
    for (const folder of made.toReversed()) await fs.rmdir(folder).catch(() => {});
  };
  try {
    const path = out ?? (await makeNumbered(join(RUNS, `${label}_${timestamp(now)}`), made));
    if (out !== undefined) await makeFolders(out, made);
    await proveWritable(path);
    if (out !== undefined && (await fs.readdir(path)).length > 0) {
      throw new ReparamError(
        "usage",
        `--out ${out} is not empty; choose another folder, or continue its run with --resume ${out}.`,
      );
    }
    return { path, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Makes a folder and those above it, and notes in `made` which ones were not there before. */
async function makeFolders(path: string, made: string[]): Promise<void> {
  const missing: string[] = [];
  for (let folder = path; !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) {
    // Not `recursive`: where a parent is there but takes no folders, as /proc, Node 20 then never comes back.
    try {
      await fs.mkdir(folder);
      made.push(folder);
    } catch (error) {
      if (errorCode(error) === "EEXIST") continue;
      throw new ReparamError("usage", ioError(error, path).message, { cause: error });
    }
  }
}

async function makeNumbered(path: string, made: string[]): Promise<string> {
  await makeFolders(dirname(path), made);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? path : `${path}-${number}`;
    try {
      await fs.mkdir(candidate);
      made.push(candidate);
      return candidate;
    } catch (error) {
      if (errorCode(error) === "EEXIST") continue;
      throw new ReparamError("usage", ioError(error, candidate).message, { cause: error });
    }
  }
}

function timestamp(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}_${two(now.getHours())}-${two(now.getMinutes())}-${two(now.getSeconds())}`;
}

/** The run below `runs/` that was begun or resumed last. Throws ReparamError "usage" when there is none. */
export async function newestRun(): Promise<string> {
  const names = await fs.readdir(RUNS).catch(() => []);
  const runs: { path: string; time: number }[] = [];
  for (const name of names.toSorted()) {
    const path = join(RUNS, name);
    const config = await fs.stat(join(path, "config.json")).catch(() => undefined);
    if (config) runs.push({ path, time: config.mtimeMs });
  }
  const newest = runs.toSorted((a, b) => a.time - b.time).pop();
  if (!newest) throw new ReparamError("usage", `There is no run in ${join(process.cwd(), RUNS)} yet.`);
  return newest.path;
}

export interface SavedCheckpoint {
  readonly path: string;
  readonly step: number;
}

/** The checkpoint of a run that was taken last, told by the step in its name. */
export async function newestCheckpoint(run: string): Promise<SavedCheckpoint | undefined> {
  const folder = join(run, "checkpoints");
  let newest: SavedCheckpoint | undefined;
  for (const name of await fs.readdir(folder).catch(() => [])) {
    const step = Number(/^epoch=\d+-step=(\d+)\.safetensors$/.exec(name)?.[1] ?? Number.NaN);
    if (step > (newest?.step ?? -1)) newest = { path: join(folder, name), step };
  }
  return newest;
}

/** Writes `checkpoints/epoch=0010-step=4690.safetensors` and points `last`, and `best` if it is that, to it. */
export async function saveCheckpoint(
  run: string,
  { epoch, step, best }: { epoch: number; step: number; best: boolean },
  bytes: Uint8Array,
): Promise<void> {
  const folder = join(run, "checkpoints");
  const name = `epoch=${String(epoch).padStart(4, "0")}-step=${step}.safetensors`;
  await fs.mkdir(folder).catch((error) => {
    if (errorCode(error) !== "EEXIST") throw ioError(error, folder);
  });
  await writeWhole(join(folder, name), bytes);
  await point(join(folder, "last"), name);
  if (best) await point(join(folder, "best"), name);
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
