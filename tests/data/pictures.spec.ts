import { expect, test } from "@playwright/test";
import { pixels } from "../../src/data/dataset.ts";
import { imagesOf, type Picture } from "../../src/data/pictures.ts";

// An `ImageData` needs no page; what canvases and images give is in tests/train/fit-in-browser.spec.ts.

/** Width times height pixels, each of this colour. */
const flat = (width: number, height: number, colour: readonly number[]): Picture =>
  ({
    width,
    height,
    data: Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => colour[i % 4]),
  }) as unknown as Picture;

test("pictures become bytes of a field, row by row, in the channels that are asked for", () => {
  const two = [flat(1, 2, [255, 0, 0, 255]), flat(1, 2, [1, 2, 3, 128])];
  const red = [255, 0, 0];
  const rgb = imagesOf(two);
  expect(rgb).toEqual({ count: 2, field: pixels([2, 1, 3]), values: Uint8Array.of(...red, ...red, 1, 2, 3, 1, 2, 3) });
  expect(imagesOf(two[1], { channels: 4 }).values).toEqual(Uint8Array.of(1, 2, 3, 128, 1, 2, 3, 128));
  // 0.299 · 255 = 76.2
  expect(imagesOf(two[0], { channels: 1 })).toEqual({
    count: 1,
    field: pixels([2, 1, 1]),
    values: Uint8Array.of(76, 76),
  });
});

test("what is no picture of the same size is refused by its place", () => {
  const one = flat(2, 2, [0, 0, 0, 0]);
  expect(() => imagesOf([])).toThrow("imagesOf was given no pictures.");
  expect(() => imagesOf([one, flat(3, 2, [0, 0, 0, 0])])).toThrow(
    "imagesOf: picture 1 is 3 x 2, and picture 0 is 2 x 2: give the width and height that all shall have.",
  );
  expect(() => imagesOf(flat(0, 2, []))).toThrow(/^imagesOf: picture 0 cannot be used: .* 0 x 2 pixels/);
  expect(() => imagesOf(one, { channels: 2 as never })).toThrow("imagesOf: channels must be 1, 3 or 4, but it is 2.");
  expect(() => imagesOf(one, { widht: 3 } as never)).toThrow("did you mean width?");
  const wide = { width: 1, height: 1, data: new Float32Array(4) } as unknown as Picture;
  expect(() => imagesOf(wide)).toThrow("imagesOf: picture 0 has pixels of more than 8 bits.");
});
