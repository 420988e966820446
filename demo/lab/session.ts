import { signal } from "@preact/signals";
import { ownFolder, read, write } from "./opfs.ts";
import type { Settings } from "./settings.ts";
import type { Point } from "./state.ts";

/** A run as the browser keeps it, so that a reload loses nothing. */
export interface Kept {
  readonly settings: Settings;
  readonly step: number;
  readonly epoch: number;
  /** What the curves showed. */
  readonly epochs: readonly Point[];
  readonly losses: readonly number[];
  /** Codes of the held-out examples, of about that step. */
  readonly codes?: Float32Array<ArrayBuffer>;
  /** The checkpoint. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const FILE = "session.safetensors";
const CODES = "session-codes.bin";
const NOTE = "session.json";

/** The run of before a reload, as long as nothing trains. */
export const kept = signal<Kept | undefined>(undefined);
/** The browser gave no more room, so a reload would lose the run. */
export const unsaved = signal(false);

let writing: Promise<void> = Promise.resolve();

/** Keeps the newest checkpoint of a run; one after the other. */
export function keepSession({ bytes, codes, losses, ...note }: Kept): Promise<void> {
  writing = writing.then(async () => {
    const root = await ownFolder();
    if (!root) return;
    try {
      await write(root, FILE, bytes);
      await write(root, CODES, new Uint8Array(codes?.buffer ?? new ArrayBuffer(0)));
      const told = { ...note, losses: losses.map((loss) => Number(loss.toPrecision(5))), length: bytes.length };
      await write(root, NOTE, new TextEncoder().encode(JSON.stringify(told)));
      unsaved.value = false;
    } catch {
      unsaved.value = true;
    }
  });
  return writing;
}

/** What was kept last; undefined where nothing is, or half of it. */
export async function keptSession(): Promise<Kept | undefined> {
  const root = await ownFolder();
  if (!root) return undefined;
  try {
    const text = new TextDecoder().decode(await read(root, NOTE));
    const { length, ...note } = JSON.parse(text) as Omit<Kept, "bytes" | "codes"> & { readonly length: number };
    const [bytes, codes] = await Promise.all([read(root, FILE), read(root, CODES)]);
    if (bytes.length !== length) return undefined;
    return { ...note, bytes, ...(codes.length > 0 && { codes: new Float32Array(codes.buffer) }) };
  } catch {
    return undefined;
  }
}
