import { ReparamError } from "../errors.ts";
import { decodeJpeg } from "./decode-jpeg.ts";
import { decodePng } from "./decode-png.ts";
import { type Image, isJpeg, isPng } from "./image.ts";

/** Decodes a PNG or JPEG file, told apart by how it begins. Throws `data`, naming the file. */
export function decodeImage(bytes: Uint8Array, fileName: string): Image {
  if (isPng(bytes)) return decodePng(bytes, fileName);
  if (isJpeg(bytes)) return decodeJpeg(bytes, fileName);
  throw new ReparamError("data", `${fileName} is neither a PNG nor a JPEG file: it does not begin like one.`);
}
