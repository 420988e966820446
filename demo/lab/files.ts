import type { DataFile } from "../../src/data/read-dataset.ts";

/** A folder's files at most; what a page can hold. */
const MOST_FILES = 200_000;

/** The files of a drop, those in folders with their paths. */
export async function filesOfDrop({ items, files }: DataTransfer): Promise<readonly DataFile[]> {
  // The list is emptied when the event ends, so everything is taken out of it at once.
  const entries = [...items].map((item) => item.webkitGetAsEntry?.() ?? undefined);
  const plain = [...files];
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found: DataFile[] = [];
  for (const entry of entries) if (entry) await collect(entry, found);
  return found;
}

async function collect(entry: FileSystemEntry, found: DataFile[]): Promise<void> {
  if (found.length >= MOST_FILES) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    const path = entry.fullPath.replace(/^\//, "");
    found.push({ name: path, bytes: new Uint8Array(await file.arrayBuffer()) });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const inner of some) await collect(inner, found);
  }
}

export const bytesOf = async (file: DataFile): Promise<Uint8Array<ArrayBuffer>> =>
  "arrayBuffer" in file ? new Uint8Array(await file.arrayBuffer()) : (file.bytes as Uint8Array<ArrayBuffer>);
