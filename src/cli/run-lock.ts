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

/** A process that trains touches its lock so often: that is how those on other machines know that it lives. */
const BEAT_MILLISECONDS = 15_000;

/** Time that a lock of another machine is watched for before it is taken for one that a killed process left. */
const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 4 * BEAT_MILLISECONDS));

/**
 * Takes a run folder for this process until it ends, or until what is returned is called: two that write the same files
 * would spoil each other's. A lock that a killed process left is taken over; of another machine's, `watched` is awaited first, so that
 * a container which is started again elsewhere goes on. Throws ReparamError "usage" where another process trains there.
 */
export async function lockRun(
  run: string,
  say: (line: string) => void = () => {},
  watched: () => Promise<void> = wait,
): Promise<() => void> {
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
    if (holder && holder.machine !== own.machine)
      say(
        `${path} is of another machine, ${holder.machine}: watching it for a minute, to see whether that still trains here.`,
      );
    if (holder && (await isAlive(holder, path, watched))) {
      throw new ReparamError(
        "usage",
        `Another process (${holder.pid} on ${holder.machine}) trains in ${run}: wait for it, or choose another folder. ` +
          `If it is gone, remove ${path}.`,
      );
    }
    await fs.rm(path, { force: true });
  }
  const beat = setInterval(() => void fs.utimes(path, new Date(), new Date()).catch(() => {}), BEAT_MILLISECONDS);
  beat.unref();
  const release = () => {
    clearInterval(beat);
    rmSync(path, { force: true });
    process.removeListener("exit", release);
  };
  process.once("exit", release);
  return release;
}

/** The number of this process was another's, before it was started anew. Of another machine's, only a lock that is touched lives. */
async function isAlive({ pid, machine }: Holder, path: string, watched: () => Promise<void>): Promise<boolean> {
  if (machine === hostname()) return pid !== process.pid && isRunning(pid);
  const before = await touchedAt(path);
  await watched();
  const after = await touchedAt(path);
  return after !== undefined && after !== before;
}

const touchedAt = (path: string): Promise<number | undefined> =>
  fs.stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );

/** Undefined where the file is gone, or was cut off by the end of its writer. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    const { pid, machine } = JSON.parse(await fs.readFile(path, "utf8"));
    return Number.isSafeInteger(pid) && typeof machine === "string" ? { pid, machine } : undefined;
  } catch {
    return undefined;
  }
}
