import { ReparamError } from "../errors.ts";
import { encodePng } from "../formats/png.ts";
import { type Canvas, type Color, canvasPng, createCanvas } from "./canvas.ts";
import { FAINT_INK, INK, PAPER } from "./palette.ts";
import { TEXT_SIZE } from "./plot.ts";
import { drawText, measureText } from "./text.ts";
import { minus } from "./ticks.ts";

/** The shape of a batch of images: grey or RGB, values from 0 (black) to 1, row-major `[count, height, width, channels]`. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Between the images of a grid: lighter than a black image and darker than a white one. */
const GAP_COLOR: Color = [88, 92, 102];
/** The side, in pixels, that small images are enlarged to: 28 x 28 becomes 84 x 84. */
const COMFORTABLE_SIDE = 84;

/**
 * Images side by side as PNG (grey stays grey), row after row. Each pixel becomes a square of `scale` pixels; without one,
 * small images grow to about 84 pixels. Throws `usage` when `images` is not `[count, height, width, channels]`.
 */
export function imageGrid(
  images: Float32Array,
  options: ImageShape & { count: number; columns?: number; scale?: number; gap?: number },
): Uint8Array<ArrayBuffer> {
  const { count, columns = Math.ceil(Math.sqrt(count)), gap = 2 } = options;
  const { width, height, channels, scale } = checkImages(images, options);
  const rows = Math.ceil(count / columns);
  const [stepX, stepY] = [width * scale + gap, height * scale + gap];
  // The gap also runs around the grid.
  const grid = { width: columns * stepX + gap, height: rows * stepY + gap };
  const pixels = new Uint8Array(grid.width * grid.height * channels);
  for (let i = 0; i < pixels.length; i++) pixels[i] = GAP_COLOR[channels === 1 ? 1 : i % 3]!;
  for (let i = 0; i < count; i++) {
    const [x, y] = [gap + (i % columns) * stepX, gap + Math.floor(i / columns) * stepY];
    blit(images, i, { width, height, channels, scale }, pixels, grid.width, channels, x, y);
  }
  return encodePng({ ...grid, channels, pixels });
}

/**
 * Originals above their reconstructions as PNG, in rows with captions. Both arrays are `[count, height, width, channels]`;
 * throws `usage` when they are not.
 */
export function reconstructionGrid(
  originals: Float32Array,
  reconstructions: Float32Array,
  options: ImageShape & { count: number; columns?: number },
): Uint8Array<ArrayBuffer> {
  const { count, columns = Math.min(count, 10) } = options;
  const shape = checkImages(originals, options);
  checkImages(reconstructions, options);
  const { width, height, scale } = shape;
  const captions = ["original", "reconstruction"];
  const margin = 24;
  const left = margin + Math.ceil(Math.max(...captions.map((text) => measureText(text, TEXT_SIZE)))) + 20;
  const [gap, pairGap] = [4, 24];
  const rowHeight = Math.max(height * scale, TEXT_SIZE * 2);
  const pairHeight = 2 * rowHeight + gap;
  const rows = Math.ceil(count / columns);
  const canvas = createCanvas(
    left + columns * (width * scale + gap) - gap + margin,
    2 * margin + rows * (pairHeight + pairGap) - pairGap,
    PAPER,
  );
  for (let i = 0; i < count; i++) {
    const x = left + (i % columns) * (width * scale + gap);
    const top = margin + Math.floor(i / columns) * (pairHeight + pairGap);
    [originals, reconstructions].forEach((images, part) => {
      const y = top + part * (rowHeight + gap);
      blitOnCanvas(canvas, images, i, shape, x, y);
      if (i % columns > 0) return;
      const middle = Math.round(y + (height * scale + TEXT_SIZE) / 2);
      drawText(canvas, captions[part]!, [left - 20, middle], { size: TEXT_SIZE, color: INK, align: "right" });
    });
  }
  return canvasPng(canvas);
}

/**
 * The decoded images of a grid of two-dimensional codes as PNG, without gaps. `xs` and `ys` are the first and second
 * coordinate of the columns (from the left) and rows (from the top), and mark the axes; `images` is
 * `[ys.length · xs.length, height, width, channels]`, row after row. Throws `usage` when it is not.
 */
export function manifoldGrid(
  images: Float32Array,
  { xs, ys, ...shape }: ImageShape & { xs: readonly number[]; ys: readonly number[] },
): Uint8Array<ArrayBuffer> {
  const side = Math.max(shape.width * xs.length, shape.height * ys.length);
  const scale = Math.max(1, Math.round(1100 / side));
  const checked = checkImages(images, { ...shape, count: xs.length * ys.length, scale });
  const [cellX, cellY] = [shape.width * scale, shape.height * scale];
  const texts = (values: readonly number[]) => values.map((value) => minus(value.toFixed(1)).replace(/^−0\.0$/, "0.0"));
  const [margin, size] = [28, TEXT_SIZE];
  const widest = (values: readonly number[]) => Math.max(...texts(values).map((text) => measureText(text, size)));
  const left = margin + TEXT_SIZE + 20 + Math.ceil(widest(ys)) + 14;
  const grid = { width: xs.length * cellX, height: ys.length * cellY };
  const canvas = createCanvas(left + grid.width + margin, margin + grid.height + 92, PAPER);
  for (let i = 0; i < xs.length * ys.length; i++) {
    const [column, row] = [i % xs.length, Math.floor(i / xs.length)];
    blitOnCanvas(canvas, images, i, checked, left + column * cellX, margin + row * cellY);
  }
  // As many coordinates as fit, spread from the middle so that 0 is among them.
  const marked = (texts: readonly string[], cell: number, needed: number) => {
    const every = Math.ceil(needed / cell);
    const middle = Math.floor(texts.length / 2);
    return texts.map((text, i) => ((i - middle) % every === 0 ? text : ""));
  };
  marked(texts(xs), cellX, widest(xs) + 24).forEach((text, i) => {
    const place = [left + (i + 0.5) * cellX, margin + grid.height + 12 + size] as const;
    drawText(canvas, text, place, { size, color: FAINT_INK, align: "center" });
  });
  marked(texts(ys), cellY, 3 * size).forEach((text, i) => {
    const place = [left - 14, Math.round(margin + (i + 0.5) * cellY + size / 2)] as const;
    drawText(canvas, text, place, { size, color: FAINT_INK, align: "right" });
  });
  const label = { size: TEXT_SIZE, color: INK, align: "center" } as const;
  drawText(canvas, "z₁", [left + grid.width / 2, margin + grid.height + 68], label);
  drawText(canvas, "z₂", [margin + TEXT_SIZE, margin + grid.height / 2], { ...label, upwards: true });
  return canvasPng(canvas);
}

interface ScaledShape extends ImageShape {
  readonly channels: 1 | 3;
  readonly scale: number;
}

function checkImages(images: Float32Array, options: ImageShape & { count: number; scale?: number }): ScaledShape {
  const { count, height, width, channels } = options;
  if ((channels !== 1 && channels !== 3) || count < 1 || images.length !== count * height * width * channels) {
    throw new ReparamError(
      "usage",
      `A picture of [${count}, ${height}, ${width}, ${channels}] images (1 or 3 channels) cannot be made from ${images.length} values.`,
    );
  }
  const scale = options.scale ?? Math.max(1, Math.round(COMFORTABLE_SIDE / Math.max(height, width)));
  return { height, width, channels, scale };
}

const blitOnCanvas = (canvas: Canvas, images: Float32Array, index: number, shape: ScaledShape, x: number, y: number) =>
  blit(images, index, shape, canvas.pixels, canvas.width, 3, x, y);

/** Copies image `index`, enlarged, into `pixels` (rows of `stride` pixels of `depth` channels) with its corner at x, y. */
function blit(
  images: Float32Array,
  index: number,
  { width, height, channels, scale }: ScaledShape,
  pixels: Uint8Array,
  stride: number,
  depth: 1 | 3,
  x: number,
  y: number,
): void {
  const start = index * height * width * channels;
  for (let row = 0; row < height * scale; row++) {
    for (let column = 0; column < width * scale; column++) {
      const source = start + (Math.floor(row / scale) * width + Math.floor(column / scale)) * channels;
      const target = ((y + row) * stride + x + column) * depth;
      for (let c = 0; c < depth; c++) {
        // Clamped before it is rounded; NaN becomes 0.
        const value = images[source + (channels === 3 ? c : 0)]!;
        pixels[target + c] = value > 0 ? Math.round(Math.min(value, 1) * 255) : 0;
      }
    }
  }
}
