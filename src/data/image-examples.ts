import { ReparamError } from "../errors.ts";
import { channelNames, type Image, withChannels } from "../formats/image.ts";
import { type Examples, type Parts, withRemarks } from "./examples.ts";
import type { Labels } from "./labels.ts";
import type { ReadOptions } from "./read-options.ts";
import { lastPart, type Source } from "./source.ts";

/** Numbers of all images together, as stored. */
const MOST_BYTES = 2 ** 31;
const TEST_FOLDERS = ["test", "val", "valid", "validation"];

/**
 * Image files as examples. Where all lie in folders, the folders are their classes; folders `train` and `test` (or `val`) above
 * them are the splits. All images have one size, and the same channels and bits. Throws ReparamError "data", naming the first
 * file that differs.
 */
export async function imageParts(name: string, sources: readonly Source[], options: ReadOptions): Promise<Parts> {
  const folders = new Set(sources.map(({ path }) => firstFolder(path)));
  const held = TEST_FOLDERS.find((folder) => folders.has(folder));
  if (!folders.has("train")) return { all: await imageExamples(name, sources, options) };
  const inside = (folder: string) =>
    sources
      .filter(({ path }) => firstFolder(path) === folder)
      .map((source) => ({ ...source, path: source.path.slice(folder.length + 1) }));
  const left = [...folders].filter((folder) => folder !== "train" && folder !== held);
  const remarks = left.map(
    (folder) => `${lastPart(name)}: ${folder ? `the folder ${folder} is` : "files beside train are"} not used`,
  );
  const train = await imageExamples(`${name}/train`, inside("train"), options);
  if (held === undefined) return withRemarks({ all: train }, remarks);
  return withRemarks({ train, test: await imageExamples(`${name}/${held}`, inside(held), options, train) }, remarks);
}

const firstFolder = (path: string): string => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "");

/** `like`: examples whose size the images must have, too. */
async function imageExamples(
  source: string,
  sources: readonly Source[],
  { channels }: ReadOptions,
  like?: Examples,
): Promise<Examples> {
  const labels = folderLabels(source, sources);
  // Loaded where there are images: not every page wants the decoders.
  const { decodeImage } = await import("../formats/decode-image.ts");
  let first: { readonly image: Image; readonly name: string } | undefined;
  let values: Uint8Array | Uint16Array | undefined;
  let size = 0;
  for (const [k, file] of sources.entries()) {
    const decoded = decodeImage(await file.bytes(), file.name);
    const image = channels === null ? decoded : withChannels(decoded, channels);
    if (!first || !values) {
      first = { image, name: file.name };
      values = roomFor(source, sources.length, image);
      size = image.pixels.length;
    }
    checkAlike(first, image, file.name);
    values.set(image.pixels, k * size);
  }
  if (!first || !values) throw new ReparamError("data", `${source} holds no images.`);
  const { width, height, pixels, channels: found } = first.image;
  const shape = [height, width, found];
  if (like && like.x.shape.join() !== shape.join()) {
    const [h, w, c] = like.x.shape;
    throw unlike(first.name, describe(first.image), `the images of ${like.source}`, `${w} x ${h}, ${nameOf(c)}`);
  }
  const store = pixels instanceof Uint16Array ? "u16" : "u8";
  return {
    source,
    count: sources.length,
    x: { kind: "image", shape, store, unit: store === "u16" ? 65535 : 255 },
    values,
    ...(labels && { labels }),
    remarks:
      found === 4
        ? [`${lastPart(source)}: images have an alpha channel, which is learnt too; data.channels=3 drops it`]
        : [],
  };
}

function roomFor(source: string, count: number, { pixels }: Image): Uint8Array | Uint16Array {
  const bytes = count * pixels.byteLength;
  if (bytes > MOST_BYTES) {
    const needed = `${count} images of ${pixels.byteLength} bytes, and at most ${MOST_BYTES} bytes are taken`;
    throw new ReparamError("data", `${source} holds ${needed}; use fewer or smaller ones.`);
  }
  return pixels instanceof Uint16Array ? new Uint16Array(count * pixels.length) : new Uint8Array(bytes);
}

function checkAlike(first: { image: Image; name: string }, image: Image, name: string): void {
  const found = describe(image);
  const wanted = describe(first.image);
  if (found !== wanted) throw unlike(name, found, first.name, wanted);
}

const describe = ({ width, height, channels, pixels }: Image): string =>
  `${width} x ${height}, ${channelNames[channels]}${pixels instanceof Uint16Array ? " of 16 bits" : ""}`;

const nameOf = (channels: number): string => channelNames[channels as Image["channels"]] ?? `${channels} channels`;

const unlike = (name: string, found: string, first: string, wanted: string): ReparamError =>
  new ReparamError(
    "data",
    `${name} is ${found}, and ${first} is ${wanted}: all images need one size and the same channels and bits. Resize ` +
      "or convert them, or leave some out; data.channels=1, 3 or 4 makes all grey, RGB or RGBA.",
  );

/** The first folder that each file lies in; undefined where none lies in one. */
function folderLabels(source: string, sources: readonly Source[]): Labels | undefined {
  const values = sources.map(({ path }) => firstFolder(path));
  const outside = sources.findIndex((_, k) => values[k] === "");
  if (outside < 0) return { source, values };
  const inside = values.find((folder) => folder !== "");
  if (inside === undefined) return undefined;
  throw new ReparamError(
    "data",
    `${sources[outside].name} lies in no folder of a class, and others lie in ${inside}: put it into one, or all into none.`,
  );
}
