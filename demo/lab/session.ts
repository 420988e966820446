import { signal } from "@preact/signals";
import { keepFile, keptFile } from "../../src/data/kept-files.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { encodeSafetensors } from "../../src/formats/safetensors.ts";
import { progressOf } from "../../src/train/read-checkpoint.ts";
import { examplesNamed } from "./examples.ts";
import { latest } from "./latest.ts";
import type { Settings } from "./settings.ts";
import { decodeMoments, encodeMoments } from "./snapshot-file.ts";
import type { Moment } from "./snapshots.ts";
import type { Change, Point } from "./state.ts";

/** A run as the browser keeps it, so that a reload loses nothing. */
export interface Kept {
  readonly settings: Settings;
  readonly step: number;
  /** What the curves showed. */
  readonly epochs: readonly Point[];
  readonly losses: readonly number[];
  /** What was set while it went. */
  readonly changes: readonly Change[];
  /** Its maps up to then. */
  readonly moments: readonly Moment[];
  /** Codes of the held-out examples, of that step or an earlier one. */
  readonly codes?: Float32Array<ArrayBuffer>;
  /** The axes of the map, so that it does not turn. */
  readonly axes?: readonly number[];
  /** The checkpoint. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The step of a checkpoint. */
export const stepOf = (bytes: Uint8Array): number =>
  progressOf({ ...decodeSafetensors(bytes, "The run"), fileName: "The run" })!.step;

/** A run lies in one of two slots, and the note, which is written last, says in which: a reload amid writing loses nothing. */
const filesOf = (slot: number) => [`session-${slot}.safetensors`, `session-${slot}-maps.safetensors`] as const;
const NOTE = "session.json";

/** What the note holds. */
interface Note extends Omit<Kept, "bytes" | "codes" | "moments"> {
  readonly slot: number;
}

/** The run of before a reload, as long as nothing trains. */
export const kept = signal<Kept | undefined>(undefined);
/** The browser gave no more room, so a reload would lose the run. */
export const unsaved = signal(false);

/** Keeps the newest checkpoint of a run; of those that come while one is written, the last. */
export const keepSession = latest(writeSession, () => {});

async function writeSession({ bytes, codes, moments, losses, ...note }: Kept): Promise<void> {
  let last: Note | undefined;
  try {
    last = await readNote();
  } catch {
    return; // this browser has no place for a page's files
  }
  try {
    const slot = 1 - (last?.slot ?? 1);
    const [file, mapsFile] = filesOf(slot);
    await keepFile(file, bytes);
    await keepFile(mapsFile, encodeMaps(moments, codes, examplesNamed(note.settings.data).range));
    const told: Note = { ...note, losses: losses.map((loss) => Number(loss.toPrecision(5))), slot };
    await keepFile(NOTE, new TextEncoder().encode(JSON.stringify(told)));
    unsaved.value = false;
  } catch {
    unsaved.value = true;
  }
}

/** What was kept last; undefined where nothing is. */
export async function keptSession(): Promise<Kept | undefined> {
  try {
    const found = await readNote();
    if (!found) return undefined;
    const { slot, ...note } = found;
    const [bytes, maps] = await Promise.all(filesOf(slot).map((name) => keptFile(name)));
    return bytes && { ...note, bytes, ...(maps ? decodeMaps(maps) : { moments: [] }) };
  } catch {
    return undefined;
  }
}

/** The maps of a run and its last codes as a file. */
function encodeMaps(
  moments: readonly Moment[],
  codes: Kept["codes"],
  range: readonly [number, number],
): Uint8Array<ArrayBuffer> {
  const { tensors, told } = encodeMoments(moments, range);
  const all = { ...tensors, ...(codes && { codes: { dtype: "F32" as const, shape: [codes.length], data: codes } }) };
  return encodeSafetensors(all, { moments: told });
}

function decodeMaps(bytes: Uint8Array): Pick<Kept, "moments" | "codes"> {
  const { tensors, metadata } = decodeSafetensors(bytes, "The kept maps");
  const codes = tensors.codes?.data as Kept["codes"];
  return { moments: decodeMoments({ tensors, told: metadata.moments }), ...(codes && { codes }) };
}

/** Rejects where the browser has no place for a page's files. */
async function readNote(): Promise<Note | undefined> {
  const bytes = await keptFile(NOTE);
  try {
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
