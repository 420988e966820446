import { computed, signal } from "@preact/signals";
import { keepFile, keptFile } from "../../src/data/kept-files.ts";
import { isFamily } from "../../src/models/family-by-name.ts";
import { drawExamples, examplesNamed, fewOf, remember } from "./examples.ts";
import { loadFamily } from "./families.ts";
import { isOwn } from "./settings.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot-file.ts";
import type { Snapshot } from "./snapshots.ts";

/** The runs before the current one, to compare with: the browser keeps them, too, with what is shown of a person's own data. */

/** So many are kept; of more, the oldest goes. */
const MOST = 6;
const fileOf = (slot: number) => `earlier-${slot}.safetensors`;
const NOTE = "earlier.json";

/** The newest first. */
export const earlier = signal<readonly Snapshot[]>([]);
/** The one of them that was chosen to compare with. */
export const chosen = signal<Snapshot | undefined>(undefined);
/** The one that the current run is compared with: the last one, until another is chosen. */
export const before = computed<Snapshot | undefined>(() =>
  chosen.value && earlier.value.includes(chosen.value) ? chosen.value : earlier.value[0],
);

/** Puts a run before the others; one that has not made a step is none. */
export function addEarlier(run: Snapshot): void {
  if (run.step === 0 || run.moments.length === 0) return;
  chosen.value = undefined;
  earlier.value = [run, ...earlier.value].slice(0, MOST);
  writing = writing.then(() => keep(run)).catch(() => {}); // the browser may have no room
}

let writing: Promise<void> = Promise.resolve();

/** Writes over the oldest; the note, which is written last, says when each was. */
async function keep(run: Snapshot): Promise<void> {
  const times = await readTimes();
  const slot = times.indexOf(Math.min(...times));
  const { data } = run.settings;
  const seen = examplesNamed(data);
  await keepFile(fileOf(slot), encodeSnapshot(run, seen.range, isOwn(data) ? fewOf(seen) : undefined));
  await keepFile(NOTE, new TextEncoder().encode(JSON.stringify(times.with(slot, Date.now()))));
}

/** When each of the kept ones was written, in milliseconds since 1970; 0 where none is. */
async function readTimes(): Promise<number[]> {
  const bytes = await keptFile(NOTE);
  const known: number[] = bytes ? JSON.parse(new TextDecoder().decode(bytes)) : [];
  return Array.from({ length: MOST }, (_, slot) => known[slot] ?? 0);
}

/** Finds the runs of earlier visits again, behind those of this one; what this one keeps is written after that. */
export function findEarlier(): Promise<void> {
  writing = readEarlier();
  return writing;
}

async function readEarlier(): Promise<void> {
  try {
    const times = await readTimes();
    const slots = times.flatMap((time, slot) => (time > 0 ? [slot] : [])).sort((a, b) => times[b] - times[a]);
    const files = await Promise.all(slots.map((slot) => keptFile(fileOf(slot))));
    const runs = files.flatMap((bytes) => (bytes ? [decodeSnapshot(bytes)] : []));
    const known = runs.filter(({ run }) => isFamily(run.settings.family));
    await Promise.all(known.map(({ run }) => loadFamily(run.settings.family)));
    for (const { run, seen } of known) {
      if (seen) remember(seen);
      else await drawExamples(run.settings.data);
    }
    earlier.value = [...earlier.value, ...known.map(({ run }) => run)].slice(0, MOST);
  } catch {
    // Nothing to compare with, then.
  }
}
