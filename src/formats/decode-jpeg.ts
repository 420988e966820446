import jpeg from "jpeg-js";
import { checkPixels, type Image, MAX_PIXELS, refuseImage } from "./image.ts";

/** An 8 x 8 block takes at least a bit. */
const MAX_PIXELS_OF_A_BYTE = 512;
const MAX_MEGABYTES = 2048;
/** Every scan goes over the whole image, and a few bytes can make one; encoders make some ten, and a preview has its own. */
const MAX_SCANS = 100;

/**
 * Decodes a JPEG file, baseline or progressive, of 8 bits: grey stays grey, all else becomes RGB. Colours are not smoothed
 * between the samples of a file that has fewer of them than pixels, and a camera's turn (EXIF) is not applied. Throws `data`,
 * naming the file; changed pixels cannot be told, since the format has no checksum.
 */
export function decodeJpeg(bytes: Uint8Array, fileName: string): Image {
  const refuse = (what: string, cause?: unknown): never => refuseImage(fileName, "JPEG", what, cause);
  const { width, height, components } = readFrame(bytes, refuse);
  checkPixels(width, height, refuse);
  if (width * height > bytes.length * MAX_PIXELS_OF_A_BYTE) {
    refuse(`its ${bytes.length} bytes cannot hold the ${width} x ${height} pixels that its header says`);
  }
  const scans = countScans(bytes);
  if (scans > MAX_SCANS) refuse(`it has ${scans} scans, and at most ${MAX_SCANS} are read`);
  let data: Uint8Array;
  try {
    ({ data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: MAX_MEGABYTES,
    }));
  } catch (cause) {
    return refuse(`${(cause as Error).message}; it has ${bytes.length} bytes, is it truncated?`, cause);
  }
  if (data.length !== 3 * width * height) refuse(`it has more than one frame`);
  if (components > 1) return { width, height, channels: 3, pixels: data };
  return { width, height, channels: 1, pixels: new Uint8Array(width * height).map((_, k) => data[3 * k]) };
}

/** Packed pixels never have the bytes that begin a scan. */
function countScans(bytes: Uint8Array): number {
  let scans = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xda) scans++;
  }
  return scans;
}

/** The sizes in the frame's header, which lies behind other segments. */
function readFrame(bytes: Uint8Array, refuse: (what: string) => never) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) refuse(`it has no segment at byte ${at}`);
    const marker = bytes[at + 1];
    // Fill bytes, and markers that stand alone.
    if (marker === 0xff || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!isFrame && marker !== 0xda && marker !== 0xd9) {
      at += 2 + view.getUint16(at + 2);
      continue;
    }
    if (!isFrame) refuse(`its pixels at byte ${at} have no header`);
    if (marker > 0xc2) refuse(`it is packed by method ${marker - 0xc0}; baseline and progressive files are read`);
    const components = bytes[at + 9];
    if (at + 10 + 3 * components > bytes.length) break;
    if (![1, 3, 4].includes(components)) refuse(`it has ${components} components, and grey, colour and CMYK are read`);
    for (let k = 0; k < components; k++) {
      const sampling = bytes[at + 11 + 3 * k];
      if ([sampling >> 4, sampling & 15].some((factor) => factor < 1 || factor > 4)) {
        refuse(`component ${k} is sampled by ${sampling >> 4} x ${sampling & 15}, and 1 to 4 are possible`);
      }
    }
    if (bytes[at + 4] !== 8) refuse(`it has ${bytes[at + 4]} bits a number, and 8 are read`);
    return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), components };
  }
  return refuse(`it is truncated: its header is not complete at byte ${bytes.length}`);
}
