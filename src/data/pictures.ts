import { ReparamError } from "../errors.ts";
import { checkPixels, type ImageChannels, withChannels } from "../formats/image.ts";
import { checked, checkKeys, whole } from "../schema/constraints.ts";
import { type Field, pixels } from "./dataset.ts";
import { channelCount } from "./read-options.ts";

/** What a page has a picture in. */
export type Picture =
  | ImageData
  | ImageBitmap
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLImageElement
  | HTMLVideoElement;

export interface PicturesOptions {
  /** Grey (1), RGB (3) or RGBA (4); 3 unless given. */
  readonly channels?: ImageChannels;
  /** Pixels of each example, to which other pictures are stretched; that of the first picture unless given, and of all others then. */
  readonly width?: number;
  readonly height?: number;
}

/** Pictures as the values of a field. */
export interface PictureExamples {
  readonly count: number;
  /** `pixels([height, width, channels])` */
  readonly field: Field;
  /** [count, height, width, channels]: what a split, and `run.encode` and `run.reconstruct`, take. */
  readonly values: Uint8Array<ArrayBuffer>;
}

/**
 * The pixels of pictures as a page has them, as they are seen in sRGB. Colour becomes grey as `readDataset` has it; alpha that is not
 * asked for is dropped. An `ImageData` is read as it is, also where there is no canvas; other pictures are drawn on one, where half-transparent
 * colours lose some of their bits.
 * Throws ReparamError "config" for a wrong option, "data", with its place, for a picture that is empty, of another size, or that the
 * browser does not let this page read.
 */
export function imagesOf(pictures: Picture | readonly Picture[], options: PicturesOptions = {}): PictureExamples {
  checkKeys("imagesOf", options, ["channels", "width", "height"]);
  const list = Array.isArray(pictures) ? (pictures as readonly Picture[]) : [pictures as Picture];
  if (list.length === 0) throw new ReparamError("data", "imagesOf was given no pictures.");
  const channels = checked("imagesOf", "channels", options.channels ?? 3, channelCount());
  const first = sizeOf(list[0]);
  const { width = first.width, height = first.height } = options;
  for (const key of ["width", "height"] as const) {
    if (options[key] !== undefined) checked("imagesOf", key, options[key], whole(1));
  }
  checkPixels(width, height, (what) => refuse(`picture 0 cannot be used: ${what}`));
  const size = width * height * channels;
  const values = new Uint8Array(list.length * size);
  for (const [k, picture] of list.entries()) {
    const alike = options.width === undefined && options.height === undefined;
    if (alike) checkAlike(sizeOf(picture), k, first);
    const rgba = { width, height, channels: 4, pixels: rgbaOf(picture, k, { width, height }) } as const;
    values.set(withChannels(rgba, channels).pixels, k * size);
  }
  return { count: list.length, field: pixels([height, width, channels]), values };
}

function refuse(what: string, cause?: unknown): never {
  throw new ReparamError("data", `imagesOf: ${what}.`, { cause });
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function checkAlike({ width, height }: Size, k: number, first: Size): void {
  if (width === first.width && height === first.height) return;
  const sizes = `picture ${k} is ${width} x ${height}, and picture 0 is ${first.width} x ${first.height}`;
  refuse(`${sizes}: give the width and height that all shall have`);
}

/** A picture in this size: [height, width, 4] */
function rgbaOf(picture: Picture, k: number, { width, height }: Size): Uint8Array {
  const own = sizeOf(picture);
  if (own.width === 0 || own.height === 0) refuse(`picture ${k} has no pixels; is it loaded?`);
  const isReady = "data" in picture && own.width === width && own.height === height;
  const { buffer, byteOffset, length, BYTES_PER_ELEMENT } = isReady ? picture.data : drawn(picture, k, width, height);
  if (BYTES_PER_ELEMENT !== 1) refuse(`picture ${k} has pixels of more than 8 bits`);
  return new Uint8Array(buffer, byteOffset, length);
}

/** The pixels that a picture has of itself, however large it is shown. */
function sizeOf(picture: Picture): Size {
  if ("naturalWidth" in picture) return { width: picture.naturalWidth, height: picture.naturalHeight };
  if ("videoWidth" in picture) return { width: picture.videoWidth, height: picture.videoHeight };
  return { width: picture.width, height: picture.height };
}

/** A picture in this size, as RGBA. */
function drawn(picture: Picture, k: number, width: number, height: number): ImageData["data"] {
  const context = contextOf(width, height);
  context.drawImage("data" in picture ? canvasOf(picture) : picture, 0, 0, width, height);
  try {
    return context.getImageData(0, 0, width, height).data;
  } catch (cause) {
    return refuse(
      `picture ${k} comes from another origin, so its pixels are hidden: load it with crossOrigin, from a server that allows that`,
      cause,
    );
  }
}

/** drawImage takes no ImageData. */
function canvasOf(picture: ImageData): OffscreenCanvas {
  const context = contextOf(picture.width, picture.height);
  context.putImageData(picture, 0, 0);
  return context.canvas;
}

function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  return context;
}
