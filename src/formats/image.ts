import { ReparamError } from "../errors.ts";

/** Grey, RGB or RGBA. */
export type ImageChannels = 1 | 3 | 4;

/** Row-major [height, width, channels]: 16 bits a number in a Uint16Array, else 8. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: ImageChannels;
  readonly pixels: Uint8Array | Uint16Array;
}

const PNG = [137, 80, 78, 71, 13, 10, 26, 10];

export const isPng = (bytes: Uint8Array): boolean => PNG.every((byte, i) => bytes[i] === byte);

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** Larger images are refused before anything is made for them. */
export const MAX_PIXELS = 2 ** 26;

export const channelNames: Readonly<Record<ImageChannels, string>> = { 1: "grey", 3: "RGB", 4: "RGBA" };

/** Throws `data` for an image of no pixels or of more than are read. */
export function checkPixels(width: number, height: number, refuse: (what: string) => never): void {
  if (width > 0 && height > 0 && width * height <= MAX_PIXELS) return;
  refuse(`its header says ${width} x ${height} pixels, and 1 to ${MAX_PIXELS} pixels are read`);
}

/**
 * The same image in other channels: grey is repeated, alpha that is not there is full and alpha that is not wanted goes;
 * colour becomes grey by its luma (ITU-R BT.601, as Pillow rounds it).
 */
export function withChannels(image: Image, channels: ImageChannels): Image {
  const { width, height, channels: from, pixels } = image;
  if (from === channels) return image;
  const count = width * height;
  const wide = pixels instanceof Uint16Array;
  const result = wide ? new Uint16Array(count * channels) : new Uint8Array(count * channels);
  for (let k = 0; k < count; k++) {
    const red = pixels[k * from];
    const [green, blue] = from === 1 ? [red, red] : [pixels[k * from + 1], pixels[k * from + 2]];
    const at = k * channels;
    if (channels === 1) {
      result[at] = Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);
      continue;
    }
    result[at] = red;
    result[at + 1] = green;
    result[at + 2] = blue;
    if (channels === 4) result[at + 3] = wide ? 65535 : 255;
  }
  return { width, height, channels, pixels: result };
}

/** Throws `data`: an image file that cannot be used, and why. */
export function refuseImage(fileName: string, format: string, what: string, cause?: unknown): never {
  throw new ReparamError("data", `${fileName} is a damaged or unusable ${format} file: ${what}.`, { cause });
}
