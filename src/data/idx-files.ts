import fs from "node:fs/promises";
import { join } from "node:path";
import { ReparamError } from "../errors.ts";
import { decodeIdx } from "../formats/idx.ts";
import { type Dataset, labels, pixels, type Split } from "./dataset.ts";

/** The names under which MNIST and its likes are handed round, without `.gz`. */
export const IDX_FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

export type IdxRole = keyof typeof IDX_FILES;

/** Where each of the four files of a folder is, for those that are there. */
export type FoundFiles = Partial<Record<IdxRole, string>>;

/** Looks for the four files in a folder, each plain or gzipped, also as `train-images.idx3-ubyte`. */
export async function findIdxFiles(folder: string): Promise<FoundFiles> {
  const present = new Set(await fs.readdir(folder).catch(() => []));
  const found: FoundFiles = {};
  for (const [role, name] of Object.entries(IDX_FILES) as [IdxRole, string][]) {
    const dotted = name.replace("-idx", ".idx");
    const file = [name, `${name}.gz`, dotted, `${dotted}.gz`].find((candidate) => present.has(candidate));
    if (file !== undefined) found[role] = join(folder, file);
  }
  return found;
}

/** Reads a data set from the files found in a folder; labels may be missing. Throws `data`. */
export async function readIdxFiles(name: string, folder: string, files: FoundFiles): Promise<Dataset> {
  const { trainImages, trainLabels, testImages, testLabels } = files;
  if (trainImages === undefined || testImages === undefined)
    throw missingFiles(folder, files, ["trainImages", "testImages"]);
  const train = await readSplit(trainImages, trainLabels);
  const test = await readSplit(testImages, testLabels);
  if (train.shape.join() !== test.shape.join()) {
    const shapes = `${describe(train.shape)} and those of ${testImages} are ${describe(test.shape)}`;
    throw new ReparamError("data", `The images of ${trainImages} are ${shapes}; both must have one shape.`);
  }
  // Labels of one split alone are of no use: a field is in both.
  const classes = train.split.values.label && test.split.values.label && classesIn(train.split, test.split);
  const withLabels = ({ count, values: { x, label } }: Split): Split => ({
    count,
    values: classes ? { x, label } : { x },
  });
  return {
    name,
    fields: { x: pixels(train.shape), ...(classes && { label: labels(classes) }) },
    train: withLabels(train.split),
    test: withLabels(test.split),
  };
}

/** As many classes as the largest label needs. */
const classesIn = (...splits: readonly Split[]): number =>
  1 + splits.reduce((largest, { values }) => (values.label as Uint8Array).reduce((a, b) => Math.max(a, b), largest), 0);

/** The error for a folder that lacks some of the files it must have. */
export function missingFiles(folder: string, files: FoundFiles, required: readonly IdxRole[]): ReparamError {
  const names = required.filter((role) => files[role] === undefined).map((role) => IDX_FILES[role]);
  return new ReparamError(
    "data",
    `${folder} lacks ${names.join(" and ")} (plain or as .gz); put ${names.length > 1 ? "them" : "it"} there.`,
  );
}

/**
 * Reads one IDX file of examples (rank 2 or more, the first size counts them) without labels. The last tenth of them,
 * at least one, becomes the test split. Throws `data`.
 */
export async function readSingleIdxFile(file: string): Promise<Dataset> {
  const { shape, split } = await readSplit(file);
  if (split.count < 2) {
    throw new ReparamError("data", `${file} holds a single example; at least two are needed to train and to test.`);
  }
  const trainCount = split.count - Math.max(1, Math.floor(split.count / 10));
  const { x } = split.values;
  const size = x.length / split.count;
  const part = (from: number, to: number): Split => ({
    count: to - from,
    values: { x: x.slice(from * size, to * size) },
  });
  return { name: file, fields: { x: pixels(shape) }, train: part(0, trainCount), test: part(trainCount, split.count) };
}

async function readSplit(imagesFile: string, labelsFile?: string): Promise<{ shape: number[]; split: Split }> {
  const images = decodeIdx(await readFile(imagesFile), imagesFile);
  const [count, ...sizes] = images.shape;
  if (sizes.length === 0) {
    throw new ReparamError("data", `${imagesFile} holds ${count} single numbers (labels?), expected images.`);
  }
  if (images.data.length === 0) {
    throw new ReparamError("data", `${imagesFile} holds no data: its shape is ${describe(images.shape)}.`);
  }
  const shape = sizes.length === 2 ? [...sizes, 1] : sizes;
  if (labelsFile === undefined) return { shape, split: { count, values: { x: images.data } } };

  const classes = decodeIdx(await readFile(labelsFile), labelsFile);
  if (classes.shape.length !== 1) {
    const found = `an array of ${describe(classes.shape)}`;
    throw new ReparamError("data", `${labelsFile} holds ${found}, expected a list of labels (one dimension).`);
  }
  if (classes.data.length !== count) {
    const counts = `${classes.data.length} labels and ${imagesFile} ${count} images`;
    throw new ReparamError("data", `${labelsFile} holds ${counts}; there must be one label for each image.`);
  }
  return { shape, split: { count, values: { x: images.data, label: classes.data } } };
}

async function readFile(path: string): Promise<Uint8Array> {
  try {
    return await fs.readFile(path);
  } catch (cause) {
    throw new ReparamError("data", `${path} cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

const describe = (shape: readonly number[]): string => shape.join(" x ");
