import { readdirSync, readFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { candidatesHere } from "../../src/host/browser.ts";
import { launchChromium } from "../../src/host/chromium.ts";
import { flagSets } from "../../src/host/flags.ts";
import type { Host } from "../../src/host/job.ts";
import { thisMachine } from "../../src/host/machine.ts";
import { HANG_SECONDS } from "../support/long.ts";

/** Builds a page of tests/host/pages into `folder`, as the real one is built into dist/page. */
export async function buildPage(name: "jobs" | "broken", folder: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: "error",
    root: fileURLToPath(new URL(`./pages/${name}/`, import.meta.url)),
    base: "./",
    build: { outDir: folder, emptyOutDir: true, target: "esnext", modulePreload: false },
    worker: { format: "es" },
  });
  return folder;
}

/** How long a browser of `launchWith`, its page and its workers may take to come up. */
export const START_MILLISECONDS = 1000 * HANG_SECONDS;

/** A browser of this machine, open on a page of the tests' own. */
export function launchWith(pageFolder: string): Promise<Host> {
  const executablePath = candidatesHere()[0].path;
  const { flags } = flagSets(thisMachine, false)[0];
  const sandbox = !thisMachine.isRoot;
  return launchChromium({ executablePath, flags, sandbox, pageFolder, startTimeoutMs: START_MILLISECONDS });
}

const profilePrefix = (owner: number) => `reparam-chromium-${hostname()}-${owner}-`;

/** The browser processes, helpers included, that process `owner` started; Linux only. */
export function browserProcesses(owner: number): { pid: number; type: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!(pid > 0)) return [];
    let command = "";
    try {
      command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {} // it ended meanwhile
    if (!command.includes(profilePrefix(owner))) return [];
    return [{ pid, type: command.match(/--type=([a-z-]+)/)?.[1] ?? "browser" }];
  });
}

export function profilesOf(owner: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(profilePrefix(owner)));
}
