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

const paintImage: Paint = (image, { left, top }, values, { field: { shape } }, given) => {
  const [height, width, channels] = shape;
  const ink = given ?? pageInk();
  const well = isDark() ? [34, 38, 45] : [239, 238, 234];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = 4 * ((top + y) * image.width + left + x);
      const from = (y * width + x) * channels;
      const value = within(values[from]);
      if (channels < 3) {
        for (let c = 0; c < 3; c++) image.data[to + c] = given === undefined ? well[c] + (ink - well[c]) * value : ink;
        image.data[to + 3] = given === undefined ? 255 : 255 * value;
      } else {
        for (let c = 0; c < 3; c++) image.data[to + c] = 255 * within(values[from + c]);
        image.data[to + 3] = channels > 3 ? 255 * within(values[from + 3]) : 255;
      }
    }
  }
};

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
