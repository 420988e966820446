import { type Canvas, canvasPng, createCanvas, fillRect } from "./canvas.ts";
import { INK, PAPER } from "./palette.ts";
import { TEXT_SIZE } from "./plot.ts";
import { drawText, fitText, measureText } from "./text.ts";
import type { Tile } from "./tile.ts";

const GAP = 2;
const WIDEST_NAME = 240;

export interface GridOptions {
  /** About as many as make the grid a square, when not given. */
  readonly columns?: number;
  /** What stands left of each row. */
  readonly rows?: readonly string[];
}

/** Examples `[count, ...]` side by side as PNG, row after row. */
export function tileGrid(
  tile: Tile,
  values: Float32Array,
  count: number,
  options: GridOptions,
): Uint8Array<ArrayBuffer> {
  const { columns = Math.ceil(Math.sqrt((count * tile.height) / tile.width)), rows: names = [] } = options;
  const rows = Math.ceil(count / columns);
  const [stepX, stepY] = [tile.width + GAP, tile.height + GAP];
  const texts = names.map((name) => fitText(name, TEXT_SIZE, WIDEST_NAME));
  const left = texts.length === 0 ? 0 : Math.ceil(Math.max(...texts.map((text) => measureText(text, TEXT_SIZE)))) + 36;
  // The gap also runs around the grid.
  const grid = { x: left, y: 0, width: columns * stepX + GAP, height: rows * stepY + GAP };
  const canvas = createCanvas(left + grid.width, grid.height, PAPER);
  fillRect(canvas, grid, tile.background);
  for (let i = 0; i < count; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    tile.draw(canvas, left + GAP + column * stepX, GAP + row * stepY, [values], i);
  }
  texts.forEach((text, row) => {
    drawRowName(canvas, text, left - 16, GAP + row * stepY + tile.height / 2);
  });
  return canvasPng(canvas);
}

/** A text that ends at x, its middle at y. */
export function drawRowName(canvas: Canvas, text: string, x: number, y: number): void {
  drawText(canvas, text, [x, Math.round(y + TEXT_SIZE / 2)], { size: TEXT_SIZE, color: INK, align: "right" });
}
