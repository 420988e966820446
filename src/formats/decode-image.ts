import { ReparamError } from "../errors.ts";
import { decodeJpeg, isJpeg } from "./decode-jpeg.ts";
import { decodePng, isPng } from "./decode-png.ts";
import type { Image } from "./image.ts";

export const isImage = (bytes: Uint8Array): boolean => isPng(bytes) || isJpeg(bytes);

/** Decodes a PNG or JPEG file, told apart by how it begins. Throws `data`, naming the file. */
export function decodeImage(bytes: Uint8Array, fileName: string): Image {
  if (isPng(bytes)) return decodePng(bytes, fileName);
  if (isJpeg(bytes)) return decodeJpeg(bytes, fileName);
  throw new ReparamError("data", `${fileName} is neither a PNG nor a JPEG file: it does not begin like one.`);
}
