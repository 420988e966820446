import fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ReparamError } from "../errors.ts";
import type { Source } from "./source.ts";

/** A split, a class, and folders below it as people have them. */
const DEEPEST = 8;
const MOST_FILES = 2_000_000;

/** A file of this machine; `path` is where it lies below a folder, its name unless given. */
export const fileSource = (file: string, path = basename(file)): Source => ({
  path,
  name: file,
  async bytes() {
    try {
      return await fs.readFile(file);
    } catch (cause) {
      throw new ReparamError("data", `${file} cannot be read: ${(cause as Error).message}.`, { cause });
    }
  },
});

/** The files below a folder, through links, down to `depth` folders. Throws ReparamError "data". */
export async function filesBelow(folder: string, depth = DEEPEST): Promise<Source[]> {
  const found: Source[] = [];
  const look = async (place: string, path: string, left: number): Promise<void> => {
    for (const entry of await entriesOf(place)) {
      const file = join(place, entry.name);
      const below = path === "" ? entry.name : `${path}/${entry.name}`;
      const kind = entry.isSymbolicLink()
        ? await kindOf(file)
        : entry.isDirectory()
          ? "folder"
          : entry.isFile() && "file";
      if (kind === "file" && found.push(fileSource(file, below)) > MOST_FILES) {
        throw new ReparamError("data", `${folder} holds more than ${MOST_FILES} files: is it the folder you mean?`);
      }
      if (kind === "folder" && left > 1 && !entry.name.startsWith(".")) await look(file, below, left - 1);
    }
  };
  await look(folder, "", depth);
  return found;
}

async function entriesOf(folder: string) {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new ReparamError("data", `${folder} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

/** The files of a folder whose names begin with a name and go on behind - or _ or a point: `folder/emnist-letters`. */
export async function filesNamed(path: string): Promise<Source[]> {
  const begin = basename(path);
  if (begin === "" || (await kindOf(dirname(path))) !== "folder") return [];
  const files = await filesBelow(dirname(path), 1);
  return files.filter(({ path }) => path.startsWith(begin) && /^[-_.]/.test(path.slice(begin.length)));
}

/** Whether there is a file or a folder. */
export async function kindOf(path: string): Promise<"file" | "folder" | undefined> {
  const status = await fs.stat(path).catch(() => undefined);
  if (status === undefined) return undefined;
  return status.isDirectory() ? "folder" : "file";
}
