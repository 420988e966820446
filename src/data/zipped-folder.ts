import { isZip, readZip } from "../formats/zip.ts";
import { insideCommonFolder, isHidden, type Source } from "./source.ts";

/**
 * A zip archive is the folder that was packed; any other file, and an archive of arrays under this name, is itself. Files of an
 * archive are unpacked as they are read, one at a time. Throws ReparamError "data" for a damaged archive.
 */
export async function unpackedFolder(source: Source): Promise<readonly Source[]> {
  if (!/\.zip$/i.test(source.path)) return [source];
  const content = await source.bytes();
  if (!isZip(content)) return [source];
  const entries = readZip(content, source.name);
  if (entries.some(({ name }) => name.endsWith(".npy"))) return [source];
  const files = entries
    .filter(({ name }) => !name.endsWith("/"))
    .map((entry) => ({
      path: entry.name.replaceAll("\\", "/"),
      name: `${entry.name} in ${source.name}`,
      bytes: async () => entry.bytes(),
    }));
  return insideCommonFolder(files.filter((file) => !isHidden(file)));
}
