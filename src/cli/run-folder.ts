import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { ReparamError } from "../errors.ts";
import { errorCode, ioError, proveWritable } from "./files.ts";

/** Runs that were not told otherwise lie here, below the current folder; `last` means the newest of them. */
const RUNS = "runs";

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
