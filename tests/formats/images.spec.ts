import { expect, test } from "@playwright/test";
import fc from "fast-check";
import jpeg from "jpeg-js";
import { decodeImage } from "../../src/formats/decode-image.ts";
import { type Image, withChannels } from "../../src/formats/image.ts";
import { encodePng } from "../../src/formats/png.ts";
import { damaged, damages, readOrRefused } from "./corruption.ts";
import { makePng, type PngParts } from "./make-png.ts";

const NUMBERS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** Numbers of a picture of 7 x 5 that use every bit. */
const numbersOf = (type: keyof typeof NUMBERS, depth: number) =>
  Array.from({ length: 35 * NUMBERS[type] }, (_, i) => (i * 40_503 + 17) % 2 ** depth);

test("grey, RGB and RGBA of 8 and 16 bits come out as they went in, by every filter, interlaced or not", () => {
  for (const interlaced of [false, true]) {
    for (const depth of [8, 16] as const) {
      for (const type of [0, 2, 6] as const) {
        const numbers = numbersOf(type, depth);
        const png = makePng({ width: 7, height: 5, depth, type, numbers, filters: [4, 3, 2, 1, 0], interlaced });
        const pixels = depth === 16 ? Uint16Array.from(numbers) : Uint8Array.from(numbers);
        expect(decodeImage(png, "a.png")).toEqual({ width: 7, height: 5, channels: NUMBERS[type], pixels });
      }
    }
  }
});

test("grey of fewer bits is 0 to 255, and a palette its colours", () => {
  for (const depth of [1, 2, 4] as const) {
    const grey = numbersOf(0, depth);
    const top = 2 ** depth - 1;
    expect(decodeImage(makePng({ width: 7, height: 5, depth, type: 0, numbers: grey }), "a.png")).toEqual({
      width: 7,
      height: 5,
      channels: 1,
      pixels: Uint8Array.from(grey, (number) => (255 * number) / top),
    });
  }
  const palette = [10, 20, 30, 40, 50, 60, 70, 80, 90, 0, 0, 0];
  const numbers = numbersOf(3, 2);
  for (const depth of [2, 8] as const) {
    const parts: PngParts = { width: 7, height: 5, depth, type: 3, numbers, palette, filters: [0, 2] };
    const { channels, pixels } = decodeImage(makePng(parts), "a.png");
    expect(channels).toBe(3);
    expect([...pixels]).toEqual(numbers.flatMap((k) => palette.slice(3 * k, 3 * k + 3)));
    const clear = decodeImage(makePng({ ...parts, transparency: [5, 6] }), "a.png");
    expect(clear.channels).toBe(4);
    expect([...clear.pixels]).toEqual(
      numbers.flatMap((k) => [...palette.slice(3 * k, 3 * k + 3), [5, 6, 255, 255][k]]),
    );
  }
});

test("grey with alpha, and one transparent shade or colour, are RGBA", () => {
  const alpha = makePng({ width: 2, height: 1, depth: 8, type: 4, numbers: [7, 100, 9, 255] });
  expect(decodeImage(alpha, "a.png")).toMatchObject({ channels: 4, pixels: Uint8Array.of(7, 7, 7, 100, 9, 9, 9, 255) });
  const shade = makePng({ width: 2, height: 1, depth: 4, type: 0, numbers: [3, 15], transparency: [0, 3] });
  expect(decodeImage(shade, "a.png").pixels).toEqual(Uint8Array.of(51, 51, 51, 0, 255, 255, 255, 255));
  const numbers = [1, 2, 3, 1, 2, 4, 9, 9, 9];
  const color = makePng({ width: 3, height: 1, depth: 8, type: 2, numbers, transparency: [0, 1, 0, 2, 0, 3] });
  expect(decodeImage(color, "a.png").pixels).toEqual(Uint8Array.of(1, 2, 3, 0, 1, 2, 4, 255, 9, 9, 9, 255));
});

test("what our own writer writes is read", () => {
  const pixels = Uint8Array.from(numbersOf(2, 8));
  expect(decodeImage(encodePng({ width: 7, height: 5, channels: 3, pixels }), "a.png")).toEqual({
    width: 7,
    height: 5,
    channels: 3,
    pixels,
  });
});

test("PNG files that are cut, lie about their size or are of no known kind are refused with the place", () => {
  const parts: PngParts = { width: 7, height: 5, depth: 8, type: 0, numbers: numbersOf(0, 8) };
  const good = makePng(parts);
  const refused: [Uint8Array, string][] = [
    [good.subarray(0, 60), "it is truncated: it ends at byte 60, within the chunk at byte 33"],
    [good.subarray(0, 20), "it is truncated: it ends at byte 20, within the chunk at byte 8"],
    [
      good.subarray(0, -12),
      `it is truncated: it ends at byte ${good.length - 12}, within the chunk at byte ${good.length - 12}`,
    ],
    [
      makePng({ ...parts, says: [2 ** 31 - 1, 2 ** 31 - 1] }),
      "its header says 2147483647 x 2147483647 pixels, and 1 to 67108864 pixels are read",
    ],
    [makePng({ ...parts, says: [0, 5] }), "its header says 0 x 5 pixels, and 1 to 67108864 pixels are read"],
    [makePng({ ...parts, says: [8192, 8192] }), "packed bytes cannot hold 8192 x 8192 pixels"],
    [
      makePng({ ...parts, depth: 4, numbers: numbersOf(0, 4), interlaced: true }),
      "it is interlaced with 4 bits a number",
    ],
    [
      makePng({
        ...parts,
        width: 80,
        height: 80,
        numbers: Array.from({ length: 6400 }, (_, i) => Math.floor(65_536 * Math.abs(Math.sin(i * i))) % 256),
        says: [2, 2],
      }),
      "far more than 2 x 2 pixels take",
    ],
  ];
  for (const [bytes, what] of refused) {
    expect(() => decodeImage(bytes, "a.png")).toThrow("a.png is a damaged or unusable PNG file: ");
    expect(() => decodeImage(bytes, "a.png")).toThrow(what);
  }
  expect(() => decodeImage(Buffer.from("GIF89a"), "a.png")).toThrow("a.png is neither a PNG nor a JPEG file");
});

/** A JPEG of a soft pattern; of a grey one the encoder makes three equal components all the same. */
function jpegOf(width: number, height: number, color: boolean): { file: Uint8Array; pixels: number[] } {
  const pixels = Array.from({ length: width * height }, (_, k) => {
    const [x, y] = [k % width, Math.floor(k / width)];
    const wave = 128 + 100 * Math.sin(x / 5) * Math.cos(y / 7);
    return color ? [wave, 255 - wave, 128 + x, 255] : [wave, wave, wave, 255];
  }).flat();
  const file = jpeg.encode({ width, height, data: Uint8Array.from(pixels) }, 95).data;
  return { file: new Uint8Array(file), pixels };
}

test("a JPEG comes back nearly as it was", () => {
  for (const [width, height] of [
    [24, 16],
    [19, 13],
  ]) {
    const { file, pixels } = jpegOf(width, height, true);
    const image = decodeImage(file, "a.jpg");
    expect({ ...image, pixels: undefined }).toEqual({ width, height, channels: 3, pixels: undefined });
    const errors = [...image.pixels].map((value, i) => Math.abs(value - pixels[Math.floor(i / 3) * 4 + (i % 3)]));
    expect(Math.max(...errors)).toBeLessThan(16);
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(3);
  }
});

test("a JPEG cut anywhere is refused, or gives all of its pixels where only its end is missing", () => {
  const { file } = jpegOf(24, 16, true);
  const whole = decodeImage(file, "a.jpg");
  for (let length = 3; length < file.length; length += 3) {
    const image = readOrRefused(() => decodeImage(file.subarray(0, length), "a.jpg"), "a.jpg");
    if (image) expect(image).toEqual(whole);
  }
  expect(() => decodeImage(file.subarray(0, 100), "a.jpg")).toThrow(
    /^a\.jpg is a damaged or unusable JPEG file: .*byte 100/,
  );
});

test("a JPEG that claims more pixels than it can hold is refused before they are made", () => {
  const { file } = jpegOf(24, 16, true);
  const at = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
  const says = (height: number, width: number, precision = 8) => {
    const copy = Uint8Array.from(file);
    copy.set([precision, height >> 8, height & 255, width >> 8, width & 255], at + 4);
    return () => decodeImage(copy, "a.jpg");
  };
  expect(says(8000, 8000)).toThrow(/bytes cannot hold the 8000 x 8000 pixels that its header says/);
  expect(says(65_535, 65_535)).toThrow(/its header says 65535 x 65535 pixels, and 1 to 67108864 pixels are read/);
  expect(says(0, 16)).toThrow(/its header says 16 x 0 pixels/);
  expect(says(16, 24, 12)).toThrow(/it has 12 bits a number, and 8 are read/);
});

test("no damage gives anything but an image as its header says, or one refusal", () => {
  const files = [
    makePng({ width: 7, height: 5, depth: 8, type: 6, numbers: numbersOf(6, 8), filters: [4, 3, 2, 1, 0] }),
    makePng({
      width: 7,
      height: 5,
      depth: 2,
      type: 3,
      numbers: numbersOf(3, 2),
      palette: [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1],
    }),
    makePng({ width: 7, height: 5, depth: 16, type: 0, numbers: numbersOf(0, 16), interlaced: true }),
    jpegOf(24, 16, true).file,
    jpegOf(9, 9, false).file,
  ];
  const images = files.map((file) => decodeImage(file, "a"));
  fc.assert(
    fc.property(fc.nat(files.length - 1), damages, (k, damage) => {
      const image = readOrRefused(() => decodeImage(damaged(files[k], damage), "some-image"), "some-image");
      if (!image) return;
      expect(image.pixels.length).toBe(image.width * image.height * image.channels);
      // A PNG's chunks have checksums.
      if (k < 3) expect(image).toEqual(images[k]);
    }),
    { numRuns: 300 },
  );
});

test("channels are repeated, filled up, left out, or made grey as Pillow does", () => {
  const of = (channels: Image["channels"], ...pixels: number[]): Image => ({
    width: 1,
    height: 1,
    channels,
    pixels: Uint8Array.from(pixels),
  });
  expect(withChannels(of(1, 9), 3)).toEqual(of(3, 9, 9, 9));
  expect(withChannels(of(1, 9), 4)).toEqual(of(4, 9, 9, 9, 255));
  expect(withChannels(of(3, 1, 2, 3), 4)).toEqual(of(4, 1, 2, 3, 255));
  expect(withChannels(of(4, 1, 2, 3, 77), 3)).toEqual(of(3, 1, 2, 3));
  // Pillow: L = (19595 R + 38470 G + 7471 B + 32768) >> 16.
  expect(withChannels(of(3, 255, 0, 0), 1)).toEqual(of(1, 76));
  expect(withChannels(of(3, 0, 255, 0), 1)).toEqual(of(1, 150));
  expect(withChannels(of(4, 0, 0, 255, 0), 1)).toEqual(of(1, 29));
  const wide: Image = { width: 1, height: 1, channels: 3, pixels: Uint16Array.of(65_535, 65_535, 65_535) };
  expect(withChannels(wide, 1).pixels).toEqual(Uint16Array.of(65_535));
  expect(withChannels(wide, 4).pixels).toEqual(Uint16Array.of(65_535, 65_535, 65_535, 65_535));
});
