import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { ReparamError } from "../../src/errors.ts";
import { encodePng, type PngImage } from "../../src/formats/png.ts";
import { decodePng } from "./decode-png.ts";

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
  fc.assert(fc.property(images, (image) => expect(decodePng(encodePng(image))).toEqual(image)));
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
