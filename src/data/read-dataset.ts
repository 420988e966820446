import { ReparamError } from "../errors.ts";
import { checked, checkKeys, keysOf, oneOf } from "../schema/constraints.ts";
import type { Dataset } from "./dataset.ts";
import { DEFAULT_READING, type ReadOptions, readConstraints } from "./read-options.ts";
import { readSources } from "./read-sources.ts";
import { type Scale, scales, withScale } from "./scaling.ts";
import { commonFolder, insideCommonFolder, type Source } from "./source.ts";

/** A file of a person's own: what an `<input type="file">` or a drop gives, or a name and bytes. */
export type DataFile = File | { readonly name: string; readonly bytes: Uint8Array };

export interface ReadDatasetOptions extends Partial<ReadOptions> {
  /** How `x` is scaled by what the training examples are like: not, to 0..1, or to mean 0 and standard deviation 1. */
  readonly scale?: Scale;
  /** What the data set is called; the file's name unless given. */
  readonly name?: string;
}

/**
 * Reads one file, or the files of a folder, as a data set: tables (.csv, .tsv), arrays (.npy, .npz, IDX), and PNG or JPEG files,
 * whose names may say folders (`train/cats/7.png`). A .zip alone is the folder that was packed. A file's `webkitRelativePath` goes before its name. docs/data.md says what
 * becomes of what. Throws ReparamError "config" for a wrong option, "data", naming file and place, for what cannot be used.
 */
export async function readDataset(files: readonly DataFile[], options: ReadDatasetOptions = {}): Promise<Dataset> {
  checkKeys("readDataset", options, [...keysOf(readConstraints), "scale", "name"]);
  const { scale = "none", name, ...given } = options;
  checked("readDataset", "scale", scale, oneOf(scales));
  for (const key of keysOf(readConstraints)) {
    if (given[key] !== undefined) checked<unknown>("readDataset", key, given[key], readConstraints[key]);
  }
  if (files.length === 0) throw new ReparamError("data", "readDataset was given no files.");
  const sources = files.map(sourceOf);
  const called = name ?? (files.length === 1 ? sources[0].name : commonFolder(sources).slice(0, -1) || "the files");
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return withScale(await readSources(called, insideCommonFolder(sources), { ...DEFAULT_READING, ...known }), scale);
}

function sourceOf(file: DataFile): Source {
  const given = ("webkitRelativePath" in file && file.webkitRelativePath) || file.name;
  const path = given.replaceAll("\\", "/");
  const { bytes } = file as { readonly bytes?: unknown };
  return {
    path,
    name: path,
    // A browser's File has a method of that name in new ones, and none in old ones.
    bytes: async () => (bytes instanceof Uint8Array ? bytes : new Uint8Array(await (file as File).arrayBuffer())),
  };
}
