import { encodePng } from "../formats/png.ts";

/**
 * A small rasteriser into 8-bit RGB. Pixel (i, j) covers [i, i + 1) x [j, j + 1); anti-aliasing is by the part of a pixel
 * that a shape covers. Nothing here depends on fonts, browsers or the locale: the same calls give the same bytes.
 */

/** Red, green, blue, each 0..255. */
export type Color = readonly [number, number, number];

/** x to the right, y down, in pixels. */
export type Point = readonly [x: number, y: number];

/** A rectangle in pixels; `x, y` is its top left corner. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Row-major `[height, width, 3]`. */
  readonly pixels: Uint8Array;
}

export function createCanvas(width: number, height: number, background: Color): Canvas {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = background[i % 3]!;
  return { width, height, pixels };
}

/** The finished picture as PNG. */
export const canvasPng = ({ width, height, pixels }: Canvas): Uint8Array<ArrayBuffer> =>
  encodePng({ width, height, channels: 3, pixels });

/** Mixes a colour into one pixel; `opacity` 0 leaves it, 1 replaces it. Pixels outside are ignored. */
function blend(canvas: Canvas, x: number, y: number, color: Color, opacity: number): void {
  if (x < 0 || y < 0 || x >= canvas.width || y >= canvas.height) return;
  const at = (y * canvas.width + x) * 3;
  for (let c = 0; c < 3; c++) {
    const under = canvas.pixels[at + c]!;
    canvas.pixels[at + c] = Math.round(under + (color[c]! - under) * opacity);
  }
}

/** Fills a rectangle whose edges are rounded to whole pixels, so that they stay sharp. */
export function fillRect(canvas: Canvas, rect: Rect, color: Color): void {
  const [left, top] = [Math.round(rect.x), Math.round(rect.y)];
  const [right, bottom] = [Math.round(rect.x + rect.width), Math.round(rect.y + rect.height)];
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) blend(canvas, x, y, color, 1);
}

/** Fills a disc; `opacity` 0..1. */
export function fillDisc(canvas: Canvas, [cx, cy]: Point, radius: number, color: Color, opacity = 1): void {
  for (let y = Math.floor(cy - radius - 0.5); y <= cy + radius + 0.5; y++) {
    for (let x = Math.floor(cx - radius - 0.5); x <= cx + radius + 0.5; x++) {
      const coverage = radius + 0.5 - distance(x + 0.5 - cx, y + 0.5 - cy);
      if (coverage > 0) blend(canvas, x, y, color, Math.min(coverage, 1) * opacity);
    }
  }
}

/** Strokes polylines with round caps and joints. A path of one point is a dot. */
export function strokePaths(canvas: Canvas, paths: readonly (readonly Point[])[], width: number, color: Color): void {
  const points = paths.flat();
  if (points.length === 0) return;
  // Coverage is gathered for all segments before it is blended once: where segments meet, nothing is painted twice.
  const reach = width / 2 + 1;
  const bounds = { left: canvas.width, top: canvas.height, right: -1, bottom: -1 };
  for (const [x, y] of points) {
    bounds.left = Math.max(0, Math.min(bounds.left, Math.floor(x - reach)));
    bounds.top = Math.max(0, Math.min(bounds.top, Math.floor(y - reach)));
    bounds.right = Math.min(canvas.width - 1, Math.max(bounds.right, Math.ceil(x + reach)));
    bounds.bottom = Math.min(canvas.height - 1, Math.max(bounds.bottom, Math.ceil(y + reach)));
  }
  const columns = bounds.right - bounds.left + 1;
  const rows = bounds.bottom - bounds.top + 1;
  if (columns <= 0 || rows <= 0) return;
  const coverage = new Float32Array(columns * rows);
  for (const path of paths) {
    path.forEach((from, i) => {
      const to = path[i + 1] ?? (path.length === 1 ? from : undefined);
      if (to === undefined) return;
      const top = Math.max(bounds.top, Math.floor(Math.min(from[1], to[1]) - reach));
      const bottom = Math.min(bounds.bottom, Math.ceil(Math.max(from[1], to[1]) + reach));
      const left = Math.max(bounds.left, Math.floor(Math.min(from[0], to[0]) - reach));
      const right = Math.min(bounds.right, Math.ceil(Math.max(from[0], to[0]) + reach));
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          const covered = Math.min(1, width / 2 + 0.5 - distanceToSegment(x + 0.5, y + 0.5, from, to));
          const at = (y - bounds.top) * columns + x - bounds.left;
          if (covered > coverage[at]!) coverage[at] = covered;
        }
      }
    });
  }
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const covered = coverage[y * columns + x]!;
      if (covered > 0) blend(canvas, bounds.left + x, bounds.top + y, color, covered);
    }
  }
}

function distanceToSegment(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / squared));
  return distance(x - ax - along * dx, y - ay - along * dy);
}

/** Math.hypot guards against overflow and is many times slower. */
const distance = (x: number, y: number): number => Math.sqrt(x * x + y * y);
