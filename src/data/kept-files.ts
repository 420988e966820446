import { ReparamError } from "../errors.ts";

/**
 * Files that a browser keeps for a page's origin (its "origin private file system"), from one visit to the next: checkpoints, data.
 * The browser may throw them away when a disk is full, where `navigator.storage.persist()` was not granted.
 */

/** Keeps bytes under a name, instead of those that were there. Rejects with ReparamError "io" where the browser has no such place, or no room. */
export async function keepFile(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    const file = await (await folder()).getFileHandle(name, { create: true });
    // What was there before stays until the new file is whole.
    const writable = await file.createWritable();
    await writable.write(bytes);
    await writable.close();
  } catch (cause) {
    throw refusal(`The browser did not keep ${name}`, cause);
  }
}

/** What was kept under a name; undefined where nothing was. Rejects with ReparamError "io" where the browser has no such place. */
export async function keptFile(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const file = await (await (await folder()).getFileHandle(name)).getFile();
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw refusal(`${name} could not be read from what the browser keeps`, cause);
  }
}

/** Removes what was kept under a name, if anything was. */
export async function forgetFile(name: string): Promise<void> {
  try {
    await (await folder()).removeEntry(name);
  } catch (cause) {
    if (!isMissing(cause)) throw refusal(`The browser did not remove ${name}`, cause);
  }
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  const { storage } = (globalThis.navigator ?? {}) as Partial<Navigator>;
  if (!storage?.getDirectory)
    throw new Error("it has no place for files of a page; secure pages have one in current browsers");
  return storage.getDirectory();
}

const isMissing = (cause: unknown): boolean => (cause as { name?: unknown }).name === "NotFoundError";

const refusal = (what: string, cause: unknown): ReparamError =>
  new ReparamError("io", `${what}: ${(cause as Error).message.replace(/\.$/, "")}.`, { cause });
