import { ReparamError } from "../errors.ts";
import type { NumberArray } from "../formats/elements.ts";
import { decodeIdx } from "../formats/idx.ts";
import { arrayExamples, arrayLabels } from "./array-examples.ts";
import type { Dataset } from "./dataset.ts";
import { type Examples, type Parts, withRemarks } from "./examples.ts";
import type { Labels } from "./labels.ts";
import type { ReadOptions } from "./read-options.ts";
import type { Source } from "./source.ts";

/** The names under which MNIST and its likes are handed round, without `.gz`. */
export const IDX_FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

export type IdxRole = keyof typeof IDX_FILES;

/** Files that belong together, for those that are there; `mapping` says what EMNIST's classes stand for. */
export type IdxFiles = Partial<Record<IdxRole | "mapping", Source>>;

const NAME = /^(.*?)(train|t10k|test)(?:[-_.](images|labels))?[-_.]idx\d[-_]ubyte$/i;
const MAPPING = /^(.*?)mapping\.txt$/i;

/**
 * IDX files by what stands before `train-images-idx3-ubyte` and the like in their names: nothing, or `emnist-letters-`. They
 * may be gzipped, have a dot before idx, say test for t10k, and leave out `images`.
 */
export function groupIdxFiles(sources: readonly Source[]): Map<string, IdxFiles> {
  const groups = new Map<string, IdxFiles>();
  // A plain file goes before the same one gzipped.
  for (const source of sources.toSorted((a, b) => a.path.length - b.path.length)) {
    const [, prefix, part, what = "images"] = NAME.exec(source.path.replace(/\.gz$/i, "")) ?? [];
    if (prefix === undefined) continue;
    const split = part.toLowerCase() === "train" ? "train" : "test";
    const role: IdxRole = `${split}${what.toLowerCase() === "images" ? "Images" : "Labels"}`;
    const group = groups.get(prefix) ?? {};
    if (!group[role]) groups.set(prefix, { ...group, [role]: source });
  }
  for (const source of sources) {
    const prefix = MAPPING.exec(source.path)?.[1];
    const group = prefix === undefined ? undefined : groups.get(prefix);
    if (group) groups.set(prefix!, { ...group, mapping: source });
  }
  return groups;
}

/** The error for a folder that lacks some of the files it must have. */
export function missingFiles(folder: string, files: IdxFiles, required: readonly IdxRole[], prefix = ""): ReparamError {
  const names = required.filter((role) => files[role] === undefined).map((role) => `${prefix}${IDX_FILES[role]}`);
  return new ReparamError(
    "data",
    `${folder} lacks ${names.join(" and ")} (plain or as .gz); put ${names.length > 1 ? "them" : "it"} there.`,
  );
}

/** Reads files that belong together; labels may be missing. Throws ReparamError "data". */
export async function idxParts(
  folder: string,
  prefix: string,
  files: IdxFiles,
  options: ReadOptions,
  made?: Dataset["fields"],
): Promise<Parts> {
  const { trainImages, trainLabels, testImages, testLabels, mapping } = files;
  if (trainImages === undefined || testImages === undefined)
    throw missingFiles(folder, files, ["trainImages", "testImages"], prefix);
  // EMNIST's images lie on their side, as its makers' page says.
  const turned = /^emnist/i.test(prefix);
  const names = mapping && classNames(new TextDecoder().decode(await mapping.bytes()));
  const read = async (images: Source, labels?: Source): Promise<Examples> => {
    const array = decodeIdx(await images.bytes(), images.name);
    const own = labels && { ...(await idxLabels(labels)), ...(names && { names }) };
    return arrayExamples(images.name, turned ? rowsForColumns(array) : array, options, made, own);
  };
  const parts = { train: await read(trainImages, trainLabels), test: await read(testImages, testLabels) };
  return turned
    ? withRemarks(parts, ["EMNIST's images lie on their side in its files, and are turned upright"])
    : parts;
}

const idxLabels = async (source: Source): Promise<Labels> =>
  arrayLabels(source.name, decodeIdx(await source.bytes(), source.name));

/** EMNIST's mapping: a class, and the codes of the characters that it stands for, on each line. */
function classNames(text: string): ReadonlyMap<number, string> {
  const rows = text
    .split(/\r?\n/)
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([label, ...codes]) => Number.isInteger(label) && codes.length > 0 && codes.every((code) => code > 32));
  return new Map(rows.map(([label, ...codes]) => [label, String.fromCharCode(...codes)]));
}

/** Images [count, height, width] as [count, width, height]; other arrays as they are. */
function rowsForColumns(array: NumberArray): NumberArray {
  const { shape, data } = array;
  if (shape.length !== 3) return array;
  const [count, height, width] = shape;
  const result = data.slice() as typeof data;
  for (let k = 0, from = 0; k < count; k++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) result[(k * width + x) * height + y] = data[from++];
    }
  }
  return { shape: [count, width, height], data: result };
}
