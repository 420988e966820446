import type { DataFile } from "../../src/data/read-dataset.ts";
import { isZip, readZip } from "../../src/formats/zip.ts";
import { bytesOf } from "./files.ts";

/** A zip archive alone is the folder that it holds; NumPy's, .npz, is one too, and a data file by itself. */
export async function unzipped(files: readonly DataFile[]): Promise<readonly DataFile[]> {
  if (files.length !== 1 || !/\.zip$/i.test(files[0].name)) return files;
  const bytes = await bytesOf(files[0]);
  if (!isZip(bytes)) return files;
  return readZip(bytes, files[0].name)
    .filter(({ name }) => !name.endsWith("/"))
    .map((entry) => ({ name: entry.name, bytes: entry.bytes() }));
}
