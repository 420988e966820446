import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ReparamError } from "../errors.ts";

/** A failed file operation as one sentence, code "io". */
export function ioError(error: unknown, path: string): ReparamError {
  const code = errorCode(error);
  const reasons: Record<string, string> = {
    ENOSPC: "the disk is full",
    EDQUOT: "the disk quota is used up",
    EFBIG: "the file would be larger than this process may write (ulimit -f)",
    EMFILE: "this process has as many files open as it may (ulimit -n)",
    EIO: "the disk failed",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOTDIR: "a part of the path is a file",
    EEXIST: "a file of that name is in the way",
    EISDIR: "a folder of that name is in the way",
    ENOENT: "its folder does not exist",
    ENAMETOOLONG: "the name is too long",
  };
  const reason = reasons[code ?? ""] ?? (error instanceof Error ? error.message : String(error));
  return new ReparamError("io", `${path} could not be written: ${reason}.`, { cause: error });
}

export function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

const temporaryName = (path: string) => join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);

/**
 * Fills a temporary file beside `path` by `fill` and renames it, so that `path` is never seen half-written; the folder is
 * synced, so that after a power loss the name is there too.
 */
export async function replaceFile(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await fs.rm(temporary, { force: true });
    await fill(temporary);
    await fs.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw ioError(error, path);
  }
}

/** Not every system lets folders be opened or synced; there the rename has to do. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.open(folder, "r").catch(() => undefined);
  try {
    await handle?.sync().catch(() => {});
  } finally {
    await handle?.close();
  }
}

/** Writes a whole file, or nothing. Throws ReparamError "io". */
export function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  return replaceFile(path, (temporary) => fs.writeFile(temporary, content, { flush: true }));
}

export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Proves that files can be made in `folder`. Throws ReparamError "usage": nothing has begun yet, so choose another. */
export async function proveWritable(folder: string): Promise<void> {
  const probe = join(folder, `.probe.${process.pid}.tmp`);
  try {
    await fs.writeFile(probe, "probe");
    await fs.rm(probe);
  } catch (error) {
    await fs.rm(probe, { force: true }).catch(() => {});
    const full = ["ENOSPC", "EDQUOT"].includes(errorCode(error) ?? "");
    throw full ? ioError(error, folder) : new ReparamError("usage", ioError(error, folder).message, { cause: error });
  }
}

/** Reads a JSON file that a person may have written. Throws ReparamError with `code`. */
export async function readJson(path: string, code: "config" | "checkpoint" = "config"): Promise<unknown> {
  const text = await readText(path, code);
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new ReparamError(code, `${path} is not valid JSON: ${(error as Error).message}.`, { cause: error });
  }
}

async function readText(path: string, code: "config" | "checkpoint"): Promise<string> {
  try {
    return await fs.readFile(path, "utf8");
  } catch (error) {
    const reasons: Record<string, string> = { ENOENT: "there is no such file", EISDIR: "it is a folder" };
    const reason = reasons[errorCode(error) ?? ""] ?? (error as Error).message;
    throw new ReparamError(code, `${path} cannot be read: ${reason}.`, { cause: error });
  }
}
