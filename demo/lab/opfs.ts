/** This site's own files in the browser; undefined where it has no such place. */
export async function ownFolder(): Promise<FileSystemDirectoryHandle | undefined> {
  return navigator.storage?.getDirectory?.().catch(() => undefined);
}

/** Throws where there is no room. */
export async function write(
  root: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const writable = await (await root.getFileHandle(name, { create: true })).createWritable();
  await writable.write(bytes);
  await writable.close();
}

/** Throws where there is no such file. */
export async function read(root: FileSystemDirectoryHandle, name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await (await root.getFileHandle(name)).getFile()).arrayBuffer());
}
