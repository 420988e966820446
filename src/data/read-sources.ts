import { ReparamError } from "../errors.ts";
import { gunzip, isGzip } from "../formats/gzip.ts";
import { decodeIdx, isIdx } from "../formats/idx.ts";
import { isJpeg, isPng } from "../formats/image.ts";
import { decodeNpy, isNpy } from "../formats/npy.ts";
import { decodeNpz } from "../formats/npz.ts";
import { decodeTable } from "../formats/table.ts";
import { isZip } from "../formats/zip.ts";
import { arrayExamples, arrayLabels } from "./array-examples.ts";
import type { Dataset } from "./dataset.ts";
import { datasetOf, type Examples, type Parts, withRemarks } from "./examples.ts";
import { groupIdxFiles, idxParts } from "./idx-files.ts";
import { imageParts } from "./image-examples.ts";
import { npzParts } from "./npz-parts.ts";
import type { ReadOptions } from "./read-options.ts";
import { inReadingOrder, isHidden, kindOfName, type Source, type SourceKind } from "./source.ts";
import { tableExamples } from "./table-examples.ts";
import { unpackedFolder } from "./zipped-folder.ts";

const READABLE = "IDX, .npy, .npz, .csv, .tsv and .txt files, and folders, or a .zip, of .png or .jpg files";

/**
 * Reads one file, or the files of a folder, as a data set; a .zip alone is the folder that was packed. Of a folder: IDX files under their usual names; else two files called
 * train and test; else images, in folders of their classes; else the only file. `made`: the fields of a model that is to be used
 * on it. Throws ReparamError "data", naming file and place, for what cannot be used.
 */
export async function readSources(
  name: string,
  given: readonly Source[],
  options: ReadOptions,
  made?: Dataset["fields"],
): Promise<Dataset> {
  const seen = given.filter((source) => !isHidden(source));
  const sources = inReadingOrder(seen.length === 1 ? await unpackedFolder(seen[0]) : seen);
  const parts =
    sources.length === 1
      ? await readOne(name, sources[0], options, made)
      : await readFolder(name, sources, options, made);
  return datasetOf(name, parts, options.seed, made);
}

type Reading = readonly [options: ReadOptions, made?: Dataset["fields"]];

async function readFolder(name: string, sources: readonly Source[], ...reading: Reading): Promise<Parts> {
  const [options, made] = reading;
  const top = sources.filter(({ path }) => !path.includes("/"));
  const [group, ...others] = groupIdxFiles(top);
  if (others.length > 0) {
    const sets = [group, ...others].map(([prefix]) => prefix.replace(/[-_.]$/, "") || "train-images…");
    const advice = `give one of them, such as ${name}/${sets.at(-1)}`;
    throw new ReparamError("data", `${name} holds several sets of IDX files: ${sets.join(", ")}; ${advice}.`);
  }
  if (group) {
    const [prefix, files] = group;
    const rest = ofKind(top, "idx").filter((source) => !Object.values(files).includes(source));
    const remarks = rest.map(({ path }) => `${path} is not used`);
    return withRemarks(await idxParts(name, prefix, files, options, made), remarks);
  }

  for (const kind of ["npz", "npy", "table", "text"] as const) {
    const { train, test } = roles(ofKind(top, kind));
    if (!train.examples || !test.examples) continue;
    const first = await readExamples(train.examples, train.labels, ...reading);
    // The columns of the test table are those of the training table, whatever their order.
    return { train: first, test: await readExamples(test.examples, test.labels, options, made ?? { x: first.x }) };
  }
  const images = ofKind(sources, "image");
  if (images.length > 0) return imageParts(name, images, options);

  const files = (["npz", "npy", "table", "idx"] as const).flatMap((kind) => ofKind(top, kind));
  const { whole } = roles(files);
  if (whole.examples && files.length === (whole.labels ? 2 : 1)) {
    if (!whole.labels) return readOne(name, whole.examples, ...reading);
    return { all: await readExamples(whole.examples, whole.labels, ...reading) };
  }
  const seen = (files.length > 0 ? files : sources).map(({ path }) => path);
  const shown = seen.length > 6 ? `${seen.slice(0, 6).join(", ")} and ${seen.length - 6} more` : seen.join(", ");
  if (files.length > 0) {
    const advice = "give one of them, or call two of them train and test";
    throw new ReparamError("data", `${name} holds several data files: ${shown}; ${advice}.`);
  }
  const found = seen.length > 0 ? ` It holds ${shown}.` : " It is empty.";
  throw new ReparamError("data", `${name} holds nothing that is read: ${READABLE}.${found}`);
}

const ofKind = (sources: readonly Source[], kind: SourceKind): Source[] =>
  sources.filter(({ path }) => kindOfName(path) === kind);

/** Files by the words of their names: train or test or neither, and labels or else examples; the first of each. */
function roles(sources: readonly Source[]) {
  const found: Record<"train" | "test" | "whole", { examples?: Source; labels?: Source }> = {
    train: {},
    test: {},
    whole: {},
  };
  for (const source of sources) {
    const words = source.path.toLowerCase().split(/[^a-z]+/);
    const has = (...some: string[]) => some.some((word) => words.includes(word));
    const split = has("train", "training") ? "train" : has("test", "testing") ? "test" : "whole";
    found[split][has("y", "labels", "label", "targets", "target") ? "labels" : "examples"] ??= source;
  }
  return found;
}

/** A file of one array or table, and one of its classes. */
async function readExamples(source: Source, labels: Source | undefined, ...reading: Reading): Promise<Examples> {
  const [options, made] = reading;
  const content = await contentOf(source);
  const kind = kindOf(source, content);
  if (kind === "table" || kind === "text") return tableOf(source, content, ...reading);
  if (kind === "npz") {
    const parts = npzParts(source.name, decodeNpz(content, source.name), ...reading);
    if ("all" in parts) return parts.all;
    throw new ReparamError("data", `${source.name} holds a test split of its own; give it alone.`);
  }
  const read = kind === "npy" ? decodeNpy : decodeIdx;
  const classes = labels && arrayLabels(labels.name, read(await contentOf(labels), labels.name));
  return arrayExamples(source.name, read(content, source.name), options, made, classes);
}

/** A file alone. */
async function readOne(name: string, source: Source, ...reading: Reading): Promise<Parts> {
  const content = await contentOf(source);
  const kind = kindOf(source, content);
  if (kind === "npz") return npzParts(source.name, decodeNpz(content, source.name), ...reading);
  if (kind === "table" || kind === "text") return { all: tableOf(source, content, ...reading) };
  if (kind === "image") throw new ReparamError("data", `${source.name} is one image; give a folder of images.`);
  if (kind === undefined) {
    throw new ReparamError("data", `${name} is none of the files that are read: ${READABLE}.`);
  }
  const array = (kind === "npy" ? decodeNpy : decodeIdx)(content, source.name);
  return { all: arrayExamples(source.name, array, ...reading) };
}

const tableOf = (source: Source, content: Uint8Array, ...[options, made]: Reading): Examples =>
  tableExamples(source.name, decodeTable(content, source.name, options.header ?? undefined), options, made);

async function contentOf(source: Source): Promise<Uint8Array> {
  const bytes = await source.bytes();
  return isGzip(bytes) ? gunzip(bytes, source.name) : bytes;
}

/** By what a file begins with, else by its name. */
function kindOf(source: Source, content: Uint8Array): SourceKind | undefined {
  if (isNpy(content)) return "npy";
  if (isZip(content)) return "npz";
  if (isPng(content) || isJpeg(content)) return "image";
  return isIdx(content) ? "idx" : kindOfName(source.path);
}
