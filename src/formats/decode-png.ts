import { convertIndexedToRgb, type DecodedPng, decode } from "fast-png";
import { Unzlib } from "fflate";
import { ReparamError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { MAX_RATIO } from "./gzip.ts";
import { checkPixels, type Image, type ImageChannels, refuseImage } from "./image.ts";

/** By the colour type of the header: numbers of a pixel, and the bits that one may have. */
const TYPES: Readonly<Record<number, { readonly numbers: number; readonly depths: readonly number[] }>> = {
  0: { numbers: 1, depths: [1, 2, 4, 8, 16] },
  2: { numbers: 3, depths: [8, 16] },
  3: { numbers: 1, depths: [1, 2, 4, 8] },
  4: { numbers: 2, depths: [8, 16] },
  6: { numbers: 4, depths: [8, 16] },
};
/** What a compressor may add to rows that do not shrink. */
const SLACK = { ratio: 1.25, bytes: 4096 };

/**
 * Decodes a PNG file: grey of less than 8 bits becomes 8 (0..255), a palette RGB or RGBA, grey with alpha or with a
 * transparent shade RGBA, and so does RGB with a transparent colour; 16 bits stay. Throws `data`, naming the file.
 */
export function decodePng(bytes: Uint8Array, fileName: string): Image {
  const refuse = (what: string, cause?: unknown): never => refuseImage(fileName, "PNG", what, cause);
  const needed = checkChunks(bytes, refuse);
  try {
    return imageOf(decode(neededParts(bytes, needed, refuse), { checkCrc: true }));
  } catch (cause) {
    if (cause instanceof ReparamError) throw cause;
    return refuse((cause as Error).message.replace(/[.:]$/, ""), cause);
  }
}

/** The chunks that pixels are made of. */
const NEEDED = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];

/** Packed pixels that could unpack to no more than this beyond what they should are not unpacked twice. */
const HARMLESS_BYTES = 2 ** 24;

/**
 * The file without what else it has, such as colour profiles, which the decoder would unpack whatever their size. Refuses
 * pixels that unpack to more than the header says, and a chunk whose checksum is wrong, be it needed or not.
 */
function neededParts(bytes: Uint8Array, needed: number, refuse: (what: string) => never): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  const packed: Uint8Array[] = [];
  for (let at = 8, last = ""; last !== "IEND"; ) {
    const end = at + 12 + view.getUint32(at);
    last = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (NEEDED.includes(last)) kept.push(bytes.subarray(at, end));
    else if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
      refuse(`the checksum of its chunk at byte ${at} is wrong`);
    }
    if (last === "IDAT") packed.push(bytes.subarray(at + 8, end - 4));
    at = end;
  }
  // Interlaced rows are shorter, and each has its own first byte.
  const most = 2 * needed + SLACK.bytes;
  if (packed.reduce((sum, { length }) => sum + length, 0) * MAX_RATIO > most + HARMLESS_BYTES) {
    let unpacked = 0;
    const inflate = new Unzlib((chunk) => {
      unpacked += chunk.length;
      if (unpacked > most) refuse(`its pixels unpack to more than the ${most} bytes that its header allows`);
    });
    for (const part of packed) inflate.push(part);
  }
  return joined(kept);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Refuses what would make the decoder allocate more than the file can hold, and files that are cut off. Returns the bytes that
 * the unpacked rows should have.
 */
function checkChunks(bytes: Uint8Array, refuse: (what: string) => never): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const typeAt = (at: number) => String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  let packed = 0;
  let last = "";
  for (let at = 8; last !== "IEND"; ) {
    const end = at + 12 > bytes.length ? Number.POSITIVE_INFINITY : at + 12 + view.getUint32(at);
    if (end > bytes.length) refuse(`it is truncated: it ends at byte ${bytes.length}, within the chunk at byte ${at}`);
    last = typeAt(at);
    if ((at === 8) !== (last === "IHDR") || (at === 8 && end !== 33)) refuse("its header is not where it should be");
    if (last === "IDAT") packed += end - at - 12;
    at = end;
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, type, interlaced] = [bytes[24], bytes[25], bytes[28] !== 0];
  checkPixels(width, height, refuse);
  if (!TYPES[type]?.depths.includes(depth))
    refuse(`it has the colour type ${type} with ${depth} bits, which there is not`);
  // The decoder does not unpack these.
  if (interlaced && depth < 8) refuse(`it is interlaced with ${depth} bits a number; save it without interlacing`);
  const needed = height * (1 + Math.ceil((width * TYPES[type].numbers * depth) / 8));
  if (needed > packed * MAX_RATIO) refuse(`its ${packed} packed bytes cannot hold ${width} x ${height} pixels`);
  if (packed > needed * SLACK.ratio + SLACK.bytes) {
    refuse(`it has ${packed} packed bytes, far more than ${width} x ${height} pixels take`);
  }
  return needed;
}

function imageOf(png: DecodedPng): Image {
  const { width, height, depth, palette, transparency } = png;
  const count = width * height;
  if (palette && png.channels === 1) {
    const pixels = convertIndexedToRgb(png);
    return { width, height, channels: (pixels.length / count) as ImageChannels, pixels };
  }
  const top = depth === 16 ? 65535 : 255;
  const data = depth < 8 ? unpackBits(png) : (png.data as Uint8Array | Uint16Array);
  const from = png.channels;
  if (!transparency && from !== 2) return { width, height, channels: from as ImageChannels, pixels: data };
  // Grey with alpha, or one transparent shade or colour.
  const scale = depth < 8 ? 255 / (2 ** depth - 1) : 1;
  const pixels = depth === 16 ? new Uint16Array(4 * count) : new Uint8Array(4 * count);
  for (let k = 0; k < count; k++) {
    const own = data.subarray(k * from, (k + 1) * from);
    const [red, green, blue] = from === 3 ? own : [own[0], own[0], own[0]];
    const hidden = transparency?.every((number, i) => number * scale === own[i]);
    pixels.set([red, green, blue, from === 2 ? own[1] : hidden ? 0 : top], 4 * k);
  }
  return { width, height, channels: 4, pixels };
}

/** Grey of 1, 2 or 4 bits, whose rows begin at whole bytes, as 0..255. */
function unpackBits({ width, height, depth, data }: DecodedPng): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = 2 ** depth - 1;
  return new Uint8Array(width * height).map((_, k) => {
    const bit = (k % width) * depth;
    const byte = data[Math.floor(k / width) * rowBytes + (bit >> 3)];
    return (255 / mask) * ((byte >> (8 - depth - (bit & 7))) & mask);
  });
}
