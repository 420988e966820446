import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder } from "../data/cache-folder.ts";
import { ReparamError } from "../errors.ts";
import type { Candidate } from "./candidates.ts";
import { type FlagSet, flagSets } from "./flags.ts";
import type { Host } from "./job.ts";
import type { Machine } from "./machine.ts";
import type { AdapterReport, ProvenHost } from "./probe.ts";

/** One way to start one browser. */
export interface Start extends FlagSet {
  readonly path: string;
  readonly sandbox: boolean;
}

/** A browser that runs, how it was started, and the adapter with which it computed the probe. */
export interface ProvenBrowser extends ProvenHost {
  readonly start: Start;
}

/** A search for a browser, and what may spare it. */
export interface RememberedSearch {
  /** Where what was found last is kept. */
  readonly file: string;
  /** What the search depends on, in text: what was found under another text is not asked. */
  readonly seen: () => string;
  readonly launch: (start: Start) => Promise<Host>;
  readonly find: () => Promise<ProvenBrowser>;
  /** Whether a later search would find nothing better. */
  readonly isLasting: (adapter: AdapterReport) => boolean;
}

/** One file a machine, since a home may be shared by several. */
export const rememberedFile = (): string => join(cacheFolder(), `browser-${hostname()}.json`);

/** What a search for a browser depends on: which there are, their size and time of change, and how they would be started. */
export function seenBy(machine: Machine, candidates: readonly Candidate[], hasGpu: boolean): string {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = machine.env;
  return JSON.stringify({
    browsers: candidates.map(({ path }) => [path, machine.fileState(path)]),
    flags: flagSets(machine, hasGpu),
    drivers: [VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES],
    isRoot: machine.isRoot,
  });
}

/**
 * Starts the browser that was found last, in the way that led to an adapter, without having it prove itself once more. Searches where
 * there is none, where what the search depends on has changed, and where that browser does not start; forgets it where a job of
 * it fails for want of a device. Where nothing can be kept, every call searches.
 */
export async function openRemembered({ file, seen, launch, find, isLasting }: RememberedSearch): Promise<ProvenHost> {
  const known = read(file);
  if (known?.seen === seen()) {
    try {
      return { host: forgettingOnFailure(await launch(known.start), file), adapter: known.adapter };
    } catch {} // the search says what is wrong with it
  }
  const { host, adapter, start } = await find();
  if (isLasting(adapter)) keep(file, { seen: seen(), start, adapter });
  else forget(file);
  return { host, adapter };
}

interface Remembered {
  readonly seen: string;
  readonly start: Start;
  readonly adapter: AdapterReport;
}

function forgettingOnFailure(host: Host, file: string): Host {
  return {
    ...host,
    async run(...job) {
      try {
        await host.run(...job);
      } catch (error) {
        if (error instanceof ReparamError && error.code === "device") forget(file);
        throw error;
      }
    },
  };
}

function read(file: string): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function keep(file: string, found: Remembered): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(found));
  } catch {} // then the next run searches too
}

function forget(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {}
}
