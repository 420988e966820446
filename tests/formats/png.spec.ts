import { crc32 } from "node:zlib";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { unzlibSync } from "fflate";
import { ReparamError } from "../../src/errors.ts";
import { encodePng, type PngImage } from "../../src/formats/png.ts";

/** Reads back what encodePng writes, with Node's own checksum; anything else throws. */
function decode(png: Uint8Array): PngImage {
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
  const rows = unzlibSync(chunks.IDAT!);
  const stride = width * channels + 1;
  expect(rows.length).toBe(height * stride);
  const pixels = rows.filter((_, i) => i % stride !== 0);
  expect(rows.filter((_, i) => i % stride === 0).every((filter) => filter === 0)).toBe(true);
  return { width, height, channels, pixels };
}

const images = fc
  .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }), rgb: fc.boolean() })
  .chain(({ width, height, rgb }) => {
    const channels: 1 | 3 = rgb ? 3 : 1;
    const length = width * height * channels;
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((pixels) => ({ width, height, channels, pixels }));
  });

test("a PNG decodes to the pixels it was made from, and every checksum is right", () => {
  fc.assert(fc.property(images, (image) => expect(decode(encodePng(image))).toEqual(image)));
});

test("the same image gives the same bytes", () => {
  fc.assert(
    fc.property(images, (image) =>
      expect(encodePng(image)).toEqual(encodePng({ ...image, pixels: image.pixels.slice() })),
    ),
  );
});

test("sizes that do not describe the pixels are refused in words", () => {
  const wrong = [
    { width: 2, height: 2, channels: 3, pixels: new Uint8Array(11) },
    { width: 0, height: 2, channels: 1, pixels: new Uint8Array(0) },
    { width: 1.5, height: 2, channels: 1, pixels: new Uint8Array(3) },
    { width: 1, height: 1, channels: 4, pixels: new Uint8Array(4) },
  ];
  for (const image of wrong) expect(() => encodePng(image as PngImage)).toThrow(ReparamError);
  expect(() => encodePng(wrong[0] as PngImage)).toThrow(/2x2 pixels and 3 channels .* from 11 bytes/);
});
