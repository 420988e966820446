import { chromium } from "playwright-core";
import { ReparamError } from "../errors.ts";
import { type Candidate, findCandidates } from "./candidates.ts";
import { launchChromium } from "./chromium.ts";
import { type FlagSet, flagSets, hasGpuDevice } from "./flags.ts";
import { findInstallers } from "./install.ts";
import type { Host } from "./job.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { type ProvenHost, probeHost } from "./probe.ts";
import { openRemembered, type ProvenBrowser, rememberedFile, type Start, seenBy } from "./remembered.ts";

export interface FindOptions {
  readonly machine: Machine;
  /** Where Playwright's own download would be. */
  readonly playwrightPath: string;
  /** Starts a browser and proves it on WebGPU; rejects with why it is of no use. */
  readonly prove: (path: string) => Promise<ProvenBrowser>;
  /** Whether to install a browser when none is found. */
  readonly install: boolean;
  /** Says to people what is going on. */
  readonly say: (line: string) => void;
}

/**
 * Opens the first browser that computes on WebGPU, and installs one where there is none. Throws code "device": what
 * CHROME_PATH lacks, where that is set; otherwise what was tried and what to do.
 */
export async function findBrowser({
  machine,
  playwrightPath,
  prove,
  install,
  say,
}: FindOptions): Promise<ProvenBrowser> {
  const tried: string[] = [];
  const failed = new Set<string>();

  async function tryCandidates(): Promise<ProvenBrowser | undefined> {
    for (const { path, source } of findCandidates(machine, playwrightPath)) {
      if (failed.has(path)) continue;
      try {
        return await prove(path);
      } catch (error) {
        const reason = reasonOf(error);
        if (source === "CHROME_PATH") {
          throw new ReparamError("device", `The browser that CHROME_PATH names, ${path}, is of no use: ${reason}`);
        }
        failed.add(path);
        tried.push(`${path} (${source}): ${reason.replace(/\.$/, "")}`);
      }
    }
    return undefined;
  }

  const found = await tryCandidates();
  if (found) return found;
  if (tried.length === 0) tried.push("no Chrome, Chromium or Edge is installed");
  if (install) {
    for (const installer of findInstallers(machine)) {
      say(`No browser with WebGPU here yet: installing ${installer.description}.`);
      if (await installer.install()) {
        const installed = await tryCandidates();
        if (installed) return installed;
      } else {
        tried.push(`installing ${installer.description}, failed`);
      }
    }
  } else tried.push("nothing was installed, as --no-install says");
  const advice = "Install Google Chrome or Chromium, or set CHROME_PATH to one, and look at `reparam doctor`";
  throw new ReparamError("device", `No browser here computes on WebGPU. Tried: ${tried.join("; ")}. ${advice}.`);
}

/**
 * Opens headless Chromium, found or installed, in which a job has already computed on WebGPU, now or when it was found.
 * Throws code "device" where there is none and none can be installed.
 */
export async function openChromium(options: { install: boolean; say: (line: string) => void }): Promise<ProvenHost> {
  const { say } = options;
  const hasGpu = hasGpuDevice();
  return openRemembered({
    file: rememberedFile(),
    seen: () => seenBy(thisMachine, candidatesHere(), hasGpu),
    launch(start) {
      if (!start.sandbox) say(unprotected(thisMachine));
      return launch(start, thisMachine);
    },
    find: () =>
      findBrowser({
        ...options,
        machine: thisMachine,
        playwrightPath: chromium.executablePath(),
        prove: (path) => proveBrowser(path, thisMachine, say),
      }),
    isLasting: ({ fallback }) => !fallback || !hasGpu,
  });
}

/** The candidates on this machine, as `openChromium` would try them. */
export function candidatesHere(): Candidate[] {
  return findCandidates(thisMachine, chromium.executablePath());
}

/**
 * Starts one browser and has it compute, with each set of flags in turn until the adapter is a real GPU; where there is
 * none, with the first set that gave any adapter. Throws code "device" with the first set's reason when none did.
 */
export async function proveBrowser(
  path: string,
  machine: Machine,
  say: (line: string) => void,
): Promise<ProvenBrowser> {
  if (!machine.isFile(path)) throw new ReparamError("device", "There is no such file.");
  if (machine.isRoot) say(unprotected(machine));
  const hasGpu = hasGpuDevice();
  let reason: unknown;
  let software: ProvenBrowser | undefined;
  for (const set of flagSets(machine, hasGpu)) {
    if (software && !set.seesGpu) break;
    try {
      const proven = await prove(path, set, machine, say);
      if (!proven.adapter.fallback || !hasGpu) {
        await software?.host.close();
        return proven;
      }
      if (software) await proven.host.close();
      else software = proven;
    } catch (error) {
      reason ??= error;
    }
  }
  if (software) return software;
  throw reason;
}

async function prove(
  path: string,
  set: FlagSet,
  machine: Machine,
  say: (line: string) => void,
): Promise<ProvenBrowser> {
  const { host, start } = await launchAnyhow(path, set, machine, say);
  try {
    return { host, start, adapter: await probeHost(host) };
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function launchAnyhow(
  path: string,
  set: FlagSet,
  machine: Machine,
  say: (line: string) => void,
): Promise<{ host: Host; start: Start }> {
  const start = { path, ...set, sandbox: !machine.isRoot };
  try {
    return { host: await launch(start, machine), start };
  } catch (error) {
    if (!start.sandbox || !/sandbox/i.test(reasonOf(error))) throw error;
    say(unprotected(machine));
    const without = { ...start, sandbox: false };
    return { host: await launch(without, machine), start: without };
  }
}

/** Why a browser starts without its sandbox. Containers, and Ubuntu since 23.10, deny it to ordinary users; our page runs our own code and nothing else. */
const unprotected = ({ isRoot }: Machine): string =>
  isRoot
    ? "Chromium runs without its sandbox, which it refuses to root: another user has it."
    : "This system denies Chromium its sandbox; starting it without.";

/** Starts a browser in one way. Throws code "device" with its complaint where it does not come up. */
function launch({ path: executablePath, flags, seesGpu, sandbox }: Start, { env }: Machine): Promise<Host> {
  // A choice of Vulkan drivers in the environment hides even the browser's own.
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, ...withoutDrivers } = env;
  return launchChromium({ executablePath, flags, env: seesGpu ? env : withoutDrivers, sandbox });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
