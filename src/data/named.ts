import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReparamError } from "../errors.ts";
import { encodeIdx } from "../formats/idx.ts";
import { nearest } from "../nearest.ts";
import { loadBuiltIn } from "./built-in.ts";
import { isBuiltIn } from "./built-in-names.ts";
import { cacheFolder } from "./cache-folder.ts";
import type { Dataset } from "./dataset.ts";
import { downloadDataset, PUBLIC_DATASETS, sha256 } from "./download.ts";
import { datasetOf } from "./examples.ts";
import { fileSource, filesBelow, filesNamed, kindOf } from "./files.ts";
import { groupIdxFiles, IDX_FILES, type IdxFiles, type IdxRole, idxParts, missingFiles } from "./idx-files.ts";
import { datasetNames } from "./names.ts";
import { DEFAULT_READING, type ReadOptions } from "./read-options.ts";
import { readSources } from "./read-sources.ts";

export interface LoadOptions extends Partial<ReadOptions> {
  /** Searched first for `mnist` and `fashion-mnist`: its folder of the set's name, then itself. */
  readonly directory?: string;
  /** Whether a set that is found nowhere is downloaded; true unless given. */
  readonly download?: boolean;
  /** Base address to download from in place of the set's public mirror; the checksums stay the same. */
  readonly mirror?: string;
  /** The fields of a model that is to be used on the data: their columns and classes are taken as it knows them. */
  readonly made?: Dataset["fields"];
}

const ROLES = Object.keys(IDX_FILES) as IdxRole[];

/**
 * Loads a data set by name or path (Node only):
 * - `digits`, `shapes`, `ring`, `expression`: the built-in sets.
 * - `mnist`, `fashion-mnist`: from `directory`, then the folder in REPARAM_DATA, then the cache folder; what is nowhere is
 *   downloaded into the cache folder and checked.
 * - a file or folder: docs/data.md says what is read. `folder/emnist-letters` is what begins with that name in a folder.
 *
 * @throws ReparamError "usage" for an unknown name, "data" for files that are missing, damaged or do not fit together.
 */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  if (isBuiltIn(name)) return (await loadBuiltIn(name)).draw({});
  if (Object.hasOwn(PUBLIC_DATASETS, name)) return loadPublicDataset(name, options);
  return loadPath(name, options);
}

async function loadPublicDataset(name: string, options: LoadOptions): Promise<Dataset> {
  const { directory, download = true, mirror } = options;
  if (directory !== undefined && (await kindOf(directory)) !== "folder") {
    throw new ReparamError("data", `The data folder ${directory} does not exist or is not a folder.`);
  }
  const roots = [directory, process.env.REPARAM_DATA].filter((root) => root !== undefined && root !== "");
  const folders = roots.flatMap((root) => [join(root!, name), root!]);
  for (const folder of folders) {
    const files = await findIdxFiles(folder);
    const missing = missingRoles(files);
    if (missing.length === ROLES.length) continue;
    if (missing.length > 0) throw missingFiles(folder, files, ROLES);
    return readPublicDataset(name, folder, files, options);
  }

  const cache = join(cacheFolder(), name);
  // A cache that cannot be read has nothing.
  const missing = missingRoles(await findIdxFiles(cache).catch(() => ({})));
  if (missing.length > 0) {
    const places = `${name} was not found in ${[...folders, cache].join(", ")}`;
    const remedy = `put ${ROLES.map((role) => `${IDX_FILES[role]}.gz`).join(", ")} into ${folders[0] ?? cache}`;
    if (!download) throw new ReparamError("data", `${places}; ${remedy}.`);
    const source = mirror === undefined ? PUBLIC_DATASETS[name] : { ...PUBLIC_DATASETS[name], mirror };
    const fetchInto = (folder: string, roles: readonly IdxRole[]) =>
      downloadDataset(source, folder, roles).catch((cause: unknown) => {
        if (!(cause instanceof ReparamError)) throw cause;
        throw new ReparamError("data", `${places}, and ${cause.message.replace(/\.$/, "")}; ${remedy}.`, { cause });
      });
    if (!(await isWritable(cache))) return forThisRunAlone(name, cache, (folder) => fetchInto(folder, ROLES), options);
    await fetchInto(cache, missing);
  }
  return readPublicDataset(name, cache, await findIdxFiles(cache), options);
}

const isWritable = (folder: string): Promise<boolean> =>
  fs
    .mkdir(folder, { recursive: true })
    .then(() => fs.access(folder, fs.constants.W_OK))
    .then(
      () => true,
      () => false,
    );

/** Where nothing can be kept, as in a container without a home: what is downloaded is read, and is gone again. */
async function forThisRunAlone(
  name: string,
  cache: string,
  fetchInto: (folder: string) => Promise<void>,
  options: LoadOptions,
): Promise<Dataset> {
  const folder = await fs.mkdtemp(join(tmpdir(), "reparam-download-"));
  try {
    await fetchInto(folder);
    const dataset = await readPublicDataset(name, folder, await findIdxFiles(folder), options);
    const remark = `${cache} cannot be written: ${name} was downloaded for this run alone (XDG_CACHE_HOME names another place)`;
    return { ...dataset, remarks: [...(dataset.remarks ?? []), remark] };
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** The four files of a folder, under their usual names. */
const findIdxFiles = async (folder: string): Promise<IdxFiles> =>
  groupIdxFiles(await filesBelow(folder, 1)).get("") ?? {};

/** MNIST and Fashion-MNIST have the same file names, so one is easily taken for the other. */
async function readPublicDataset(
  name: string,
  folder: string,
  files: IdxFiles,
  options: LoadOptions,
): Promise<Dataset> {
  const reading = { ...DEFAULT_READING, ...options };
  const dataset = datasetOf(name, await idxParts(folder, "", files, reading, options.made), reading.seed, options.made);
  const labels = dataset.test.values.label as Uint8Array;
  const checksum = sha256(encodeIdx({ shape: [labels.length], data: labels }));
  const actual = Object.keys(PUBLIC_DATASETS).find((known) => PUBLIC_DATASETS[known].sha256.testLabels === checksum);
  if (actual !== undefined && actual !== name) {
    throw new ReparamError(
      "data",
      `The files in ${folder} are ${actual}, not ${name}; name the set or folder you mean.`,
    );
  }
  return dataset;
}

async function loadPath(path: string, { made, ...options }: LoadOptions): Promise<Dataset> {
  const reading = { ...DEFAULT_READING, ...options };
  const kind = await kindOf(path);
  if (kind === "file") return readSources(path, [fileSource(path)], reading, made);
  if (kind === "folder") return readSources(path, await filesBelow(path), reading, made);
  const files = await filesNamed(path);
  if (files.length > 0) return readSources(path, files, reading, made);
  if (/[/\\.]/.test(path)) throw new ReparamError("data", `There is no data file or folder ${path}.`);
  throw new ReparamError(
    "usage",
    `There is no data set or file named ${path}; did you mean ${nearest(path, datasetNames)}? Known are ${datasetNames.join(", ")} and paths.`,
  );
}

const missingRoles = (files: IdxFiles): IdxRole[] => ROLES.filter((role) => files[role] === undefined);
