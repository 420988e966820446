import type { Field } from "../../src/data/dataset.ts";
import { isDark, token } from "./colours.ts";

/** How examples are drawn: what they are, and between what their values lie. */
export interface Look {
  readonly field: Field;
  readonly range: readonly [number, number];
}

/** Side of the picture of an example that is no image, in pixels. */
const PLOT = 56;

/** Height and width of an example's picture, in pixels. */
export function extentOf({ field: { kind, shape } }: Look): readonly [height: number, width: number] {
  return kind === "image" ? [shape[0], shape[1]] : [PLOT, PLOT];
}

/** Width and height of an example's picture, as parts of the longer of both. */
export function proportionsOf(look: Look): readonly [width: number, height: number] {
  const [height, width] = extentOf(look);
  const longer = Math.max(width, height);
  return [width / longer, height / longer];
}

/** Ink on a light ground, and on a dark one: grey, 0..255. */
export const INK = { onLight: 22, onDark: 240 } as const;

/** The ink of the page's own ground. */
export const pageInk = (): number => (isDark() ? INK.onDark : INK.onLight);

/**
 * Examples side by side. Grey images are ink on the well in light, light on dark in dark; colours are as they are; numbers that
 * are no image are a line from the first to the last, and pairs of numbers a dot at their place. With an `ink` they have no ground.
 */
export function imageOf(values: Float32Array, columns: number, look: Look, ink?: number): ImageData {
  const [height, width] = extentOf(look);
  const size = look.field.shape.reduce((product, extent) => product * extent, 1);
  const count = Math.floor(values.length / size);
  const image = new ImageData(columns * width, Math.max(1, Math.ceil(count / columns)) * height);
  const paint = look.field.kind === "image" ? paintImage : paintPlot;
  for (let k = 0; k < count; k++) {
    const at = { left: (k % columns) * width, top: Math.floor(k / columns) * height };
    paint(image, at, values.subarray(k * size, (k + 1) * size), look, ink);
  }
  return image;
}

type Paint = (
  image: ImageData,
  at: { readonly left: number; readonly top: number },
  values: Float32Array,
  look: Look,
  ink: number | undefined,
) => void;

const paintImage: Paint = (image, { left, top }, values, { field: { shape } }, ink) => {
  const [height, width, channels] = shape;
  // Taken out once: each reading of it asks the browser.
  const { data, width: across } = image;
  const pixels = new Uint32Array(data.buffer);
  const grey = channels < 3 ? greysOf(ink) : undefined;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = (top + y) * across + left + x;
      const from = (y * width + x) * channels;
      if (grey) pixels[to] = grey[Math.round(255 * within(values[from]))];
      else {
        const rest = channels > 3 ? 255 * within(values[from + 3]) : 255;
        data.set([...values.subarray(from, from + 3).map((value) => 255 * within(value)), rest], 4 * to);
      }
    }
  }
};

const greys = new Map<string, Uint32Array>();

/** The pixel of each grey, 0..255: from the well to the page's ink, or an ink's strength. */
function greysOf(ink: number | undefined): Uint32Array {
  const key = `${ink} ${isDark()}`;
  let found = greys.get(key);
  if (!found) greys.set(key, (found = paintedGreys(ink)));
  return found;
}

function paintedGreys(given: number | undefined): Uint32Array {
  const ink = given ?? pageInk();
  const well = isDark() ? [34, 38, 45] : [239, 238, 234];
  const bytes = new Uint8ClampedArray(4 * 256);
  for (let grey = 0; grey < 256; grey++) {
    const on = well.map((ground) => ground + (ink - ground) * (grey / 255));
    bytes.set(given === undefined ? [...on, 255] : [ink, ink, ink, grey], 4 * grey);
  }
  return new Uint32Array(bytes.buffer);
}

const within = (value: number): number => Math.min(1, Math.max(0, value));

const paintPlot: Paint = (image, { left, top }, values, { range: [low, high] }, ink) => {
  const canvas = new OffscreenCanvas(PLOT, PLOT);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  if (ink === undefined) {
    context.fillStyle = token("well");
    context.fillRect(0, 0, PLOT, PLOT);
  }
  const place = (value: number) => 4 + (PLOT - 8) * within((value - low) / (high - low || 1));
  context.strokeStyle = context.fillStyle = ink === undefined ? token("ink") : `rgb(${ink} ${ink} ${ink})`;
  context.lineWidth = 2;
  context.beginPath();
  if (values.length === 2) {
    context.arc(place(values[0]), PLOT - place(values[1]), 5, 0, 2 * Math.PI);
    context.fill();
  } else {
    for (const [k, value] of values.entries()) {
      const x = 4 + ((PLOT - 8) * k) / Math.max(1, values.length - 1);
      if (k === 0) context.moveTo(x, PLOT - place(value));
      else context.lineTo(x, PLOT - place(value));
    }
    context.stroke();
  }
  const { data } = context.getImageData(0, 0, PLOT, PLOT);
  for (let y = 0; y < PLOT; y++) {
    image.data.set(data.subarray(4 * y * PLOT, 4 * (y + 1) * PLOT), 4 * ((top + y) * image.width + left));
  }
};

/** Draws pictures as a grid that is the whole canvas. */
export function drawPictures(canvas: HTMLCanvasElement, values: Float32Array, columns: number, look: Look): void {
  const image = imageOf(values, columns, look);
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d")!.putImageData(image, 0, 0);
}
