import type { Canvas, Color } from "./canvas.ts";

/** How the examples of a field look: each in a rectangle of one size, in pixels. */
export interface Tile {
  readonly width: number;
  readonly height: number;
  /** What shows between tiles. */
  readonly background: Color;
  /**
   * Draws example `index` of each layer, `[count, ...shape]`, with its corner at x, y. Images have one layer; the lines of
   * a series' layers lie over each other.
   */
  draw(canvas: Canvas, x: number, y: number, layers: readonly Float32Array[], index: number): void;
}

export interface TileSize {
  /** Pixels that the longer side of a small image grows to, about: every pixel is a square of whole pixels. */
  readonly side: number;
  /** Images with a longer side are shrunk. */
  readonly largest: number;
  /** Series are `side` high and so many times as wide. */
  readonly stretch: number;
}
