import { rmSync } from "node:fs";
import fs from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ReparamError } from "../errors.ts";
import { isRunning } from "../host/is-running.ts";
import { errorCode, ioError } from "./files.ts";

interface Holder {
  readonly pid: number;
  readonly machine: string;
}

/** Where the process that trains in a run folder says so. */
const lockFile = (run: string): string => join(run, ".lock");

/**
 * Takes a run folder for this process until it ends, or until what is returned is called: two that write the same files
 * would spoil each other's. A lock that a killed process left is taken over. Throws ReparamError "usage" where another
 * process trains there.
 */
export async function lockRun(run: string): Promise<() => void> {
  const path = lockFile(run);
  const own: Holder = { pid: process.pid, machine: hostname() };
  for (;;) {
    try {
      await fs.writeFile(path, JSON.stringify(own), { flag: "wx" });
      break;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw ioError(error, path);
    }
    const holder = await holderOf(path);
    if (holder && isAlive(holder)) {
      throw new ReparamError(
        "usage",
        `Another process (${holder.pid} on ${holder.machine}) trains in ${run}: wait for it, or choose another folder. ` +
          `If it is gone, remove ${path}.`,
      );
    }
    await fs.rm(path, { force: true });
  }
  const release = () => {
    rmSync(path, { force: true });
    process.removeListener("exit", release);
  };
  process.once("exit", release);
  return release;
}

/** Of another machine nobody here knows; the number of this process was another's, before it was started anew. */
const isAlive = ({ pid, machine }: Holder): boolean =>
  machine !== hostname() || (pid !== process.pid && isRunning(pid));

/** Undefined where the file is gone, or was cut off by the end of its writer. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    const { pid, machine } = JSON.parse(await fs.readFile(path, "utf8"));
    return Number.isSafeInteger(pid) && typeof machine === "string" ? { pid, machine } : undefined;
  } catch {
    return undefined;
  }
}
