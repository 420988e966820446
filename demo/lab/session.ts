import type { Settings } from "./settings.ts";

/** A run as the browser keeps it, so that a reload loses nothing. */
export interface Kept {
  readonly settings: Settings;
  readonly step: number;
  readonly epoch: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const FILE = "session.safetensors";
const NOTE = "session.json";

async function folder(): Promise<FileSystemDirectoryHandle | undefined> {
  return navigator.storage?.getDirectory?.().catch(() => undefined);
}

let writing: Promise<void> = Promise.resolve();

/** Keeps the newest checkpoint of a run; one after the other, and of none that came late. */
export function keepSession({ bytes, ...note }: Kept): Promise<void> {
  writing = writing.then(async () => {
    const root = await folder();
    if (!root) return;
    try {
      await write(root, FILE, bytes);
      await write(root, NOTE, new TextEncoder().encode(JSON.stringify({ ...note, length: bytes.length })));
    } catch {
      // No room: the run goes on, and the page says nothing, as nothing that was there is lost.
    }
  });
  return writing;
}

/** What was kept last; undefined where nothing is, or half of it. */
export async function keptSession(): Promise<Kept | undefined> {
  const root = await folder();
  if (!root) return undefined;
  try {
    const note = JSON.parse(await (await (await root.getFileHandle(NOTE)).getFile()).text()) as Kept & {
      length: number;
    };
    const bytes = new Uint8Array(await (await (await root.getFileHandle(FILE)).getFile()).arrayBuffer());
    return bytes.length === note.length
      ? { settings: note.settings, step: note.step, epoch: note.epoch, bytes }
      : undefined;
  } catch {
    return undefined;
  }
}

export async function forgetSession(): Promise<void> {
  const root = await folder();
  await root?.removeEntry(NOTE).catch(() => {});
}

async function write(root: FileSystemDirectoryHandle, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writable = await (await root.getFileHandle(name, { create: true })).createWritable();
  await writable.write(bytes);
  await writable.close();
}
