import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { type Canvas, createCanvas } from "../../src/report/canvas.ts";
import { drawText, fitText, measureText } from "../../src/report/text.ts";

const WHITE = [255, 255, 255] as const;
const BLACK = [0, 0, 0] as const;
const PRINTABLE = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
const SIGNS = [..."–−±×·…°→αβελμσ₁₂²"];

/** The box of all pixels that are not white, or undefined. */
function inkBox({ width, height, pixels }: Canvas) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < pixels.length; i += 3) {
    if (pixels[i] === 255) continue;
    const [x, y] = [(i / 3) % width, Math.floor(i / 3 / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return right < 0 ? undefined : { left, top, right, bottom };
}

const drawn = (text: string, size: number) => {
  const canvas = createCanvas(Math.ceil(measureText(text, size)) + 60, 4 * size, WHITE);
  drawText(canvas, text, [30, 2 * size], { size, color: BLACK });
  return canvas;
};

test("every printable character and sign has a shape of its own", () => {
  const shapes = new Map<string, string>();
  for (const character of [...PRINTABLE, ...SIGNS]) {
    const shape = drawn(character, 20).pixels.join();
    expect(inkBox(drawn(character, 20)), character).toBeDefined();
    const same = shapes.get(shape);
    expect(same, `${character} looks like ${same}`).toBeUndefined();
    shapes.set(shape, character);
  }
});

test("a character that the font lacks is drawn as a box, an accented letter without its accent", () => {
  expect(drawn("漢", 20).pixels).toEqual(drawn("字", 20).pixels);
  expect(inkBox(drawn("漢", 20))).toBeDefined();
  expect(drawn("é", 20).pixels).toEqual(drawn("e", 20).pixels);
});

test("capitals are as high as the size says and stand on the baseline", () => {
  for (const size of [10, 18, 20, 40]) {
    const box = inkBox(drawn("HEX", size))!;
    const stroke = Math.max(1.2, 0.11 * size);
    expect(Math.abs(box.top - (size - stroke / 2))).toBeLessThanOrEqual(1);
    expect(Math.abs(box.bottom + 1 - (2 * size + stroke / 2))).toBeLessThanOrEqual(1);
  }
});

test("all digits are equally wide", () => {
  for (const digit of "123456789") expect(measureText(digit, 20)).toBe(measureText("0", 20));
});

const texts = fc.string({ unit: fc.constantFrom(...PRINTABLE, ...SIGNS, " "), maxLength: 30 });

test("the ink of a text keeps within its measured width and between ascenders and descenders", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 8, max: 30 }), (text, size) => {
      const box = inkBox(drawn(text, size));
      if (box === undefined) return text.trim() === "";
      const reach = 0.2 * size + 2; // half a stroke, and the few glyphs that overhang
      const within = box.left >= 30 - reach && box.right <= 30 + measureText(text, size) + reach;
      return within && box.top >= 2 * size - 1.2 * size - 1 && box.bottom <= 2 * size + 0.4 * size + 1;
    }),
  );
});

test("a text that runs upwards is the same text turned by a quarter to the left", () => {
  const [flat, turned] = [createCanvas(200, 200, WHITE), createCanvas(200, 200, WHITE)];
  drawText(flat, "nats (β = 4)", [20, 100], { size: 20, color: BLACK });
  drawText(turned, "nats (β = 4)", [100, 180], { size: 20, color: BLACK, upwards: true });
  let largest = 0;
  for (let y = 0; y < 200; y++) {
    for (let x = 0; x < 200; x++) {
      // (x, y) relative to (20, 100) goes to (y, −x) relative to (100, 180).
      const difference = flat.pixels[(y * 200 + x) * 3]! - turned.pixels[((199 - x) * 200 + y) * 3]!;
      largest = Math.max(largest, Math.abs(difference));
    }
  }
  expect(largest).toBeLessThanOrEqual(1);
  expect(inkBox(flat)).toBeDefined();
});

test("a fitted text fits, and is left alone where it fitted already", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 20, max: 600 }), (text, width) => {
      const fitted = fitText(text, 16, width);
      return measureText(text, 16) <= width
        ? fitted === text
        : fitted.endsWith("…") && measureText(fitted, 16) <= width;
    }),
  );
});
