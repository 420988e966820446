import { crc32, inflateSync } from "node:zlib";
import { expect } from "@playwright/test";
import type { PngImage } from "../../src/formats/png.ts";

/** Reads back what encodePng writes, with Node's own inflate and checksum; anything else fails the test. */
export function decodePng(png: Uint8Array): PngImage {
  const view = new DataView(png.buffer, png.byteOffset, png.length);
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks: Record<string, Uint8Array> = {};
  let offset = 8;
  while (offset < png.length) {
    const length = view.getUint32(offset);
    const typed = png.subarray(offset + 4, offset + 8 + length);
    expect(view.getUint32(offset + 8 + length)).toBe(crc32(typed));
    chunks[String.fromCharCode(...typed.subarray(0, 4))] = typed.subarray(4);
    offset += length + 12;
  }
  expect(Object.keys(chunks)).toEqual(["IHDR", "IDAT", "IEND"]);
  const header = new DataView(chunks.IHDR!.buffer, chunks.IHDR!.byteOffset, 13);
  const [width, height] = [header.getUint32(0), header.getUint32(4)];
  expect([header.getUint8(8), header.getUint8(10), header.getUint8(11), header.getUint8(12)]).toEqual([8, 0, 0, 0]);
  const channels = header.getUint8(9) === 0 ? 1 : 3;
  const rows = inflateSync(chunks.IDAT!);
  const stride = width * channels + 1;
  expect(rows.length).toBe(height * stride);
  const pixels = new Uint8Array(height * (stride - 1));
  for (let y = 0; y < height; y++) {
    if (rows[y * stride] !== 0) throw new Error(`row ${y} has filter ${rows[y * stride]}`);
    pixels.set(rows.subarray(y * stride + 1, (y + 1) * stride), y * (stride - 1));
  }
  return { width, height, channels, pixels };
}
