import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "./is-running.ts";

// The folder's name says whose it is (machine and process), so that a later run can tell a left-over from a profile
// in use: a killed process cannot remove its own.
const prefix = `reparam-chromium-${hostname()}-`;

/** What this process made. A browser that was killed may leave children that write for a moment more, into a folder that is gone. */
const made: string[] = [];

/** Makes a fresh browser profile, and removes those of processes that are no more; its own goes at this process's end at the latest. */
export function createProfile(): string {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const owner = Number.parseInt(name.slice(prefix.length), 10);
    if (owner > 0 && !isRunning(owner)) removeProfile(join(tmpdir(), name));
  }
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  if (made.push(folder) === 1) process.once("exit", () => made.forEach(removeProfile));
  return folder;
}

/** Never throws: a left-over folder is no reason for a run to fail, and a later run removes it. */
export function removeProfile(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {}
}
