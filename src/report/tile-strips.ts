import { type Canvas, canvasPng, createCanvas } from "./canvas.ts";
import { PAPER } from "./palette.ts";
import { layOutLegend, TEXT_SIZE } from "./plot.ts";
import { layerStyles } from "./series-tile.ts";
import { measureText } from "./text.ts";
import type { Tile } from "./tile.ts";
import { drawRowName } from "./tile-grid.ts";

const MARGIN = 24;
const NAME_GAP = 20;

/** Rows of examples above each other, `layers` of `[count, ...]`, named at the left; after `columns` they go on below. */
export function stackedStrips(
  tile: Tile,
  layers: readonly Float32Array[],
  names: readonly string[],
  count: number,
  columns: number,
): Uint8Array<ArrayBuffer> {
  const [gap, stripGap] = [4, 24];
  const left = MARGIN + Math.ceil(Math.max(...names.map((name) => measureText(name, TEXT_SIZE)))) + NAME_GAP;
  const rowHeight = Math.max(tile.height, TEXT_SIZE * 2);
  const stripHeight = layers.length * (rowHeight + gap) - gap;
  const strips = Math.ceil(count / columns);
  const canvas = createCanvas(
    left + columns * (tile.width + gap) - gap + MARGIN,
    2 * MARGIN + strips * (stripHeight + stripGap) - stripGap,
    PAPER,
  );
  for (let i = 0; i < count; i++) {
    const x = left + (i % columns) * (tile.width + gap);
    const top = MARGIN + Math.floor(i / columns) * (stripHeight + stripGap);
    layers.forEach((layer, row) => {
      const y = top + row * (rowHeight + gap);
      tile.draw(canvas, x, y, [layer], i);
      if (i % columns === 0) drawRowName(canvas, names[row], left - NAME_GAP, y + tile.height / 2);
    });
  }
  return canvasPng(canvas);
}

/** Plots in rows, each with all layers as lines over each other, named above. */
export function overlaidPlots(
  tile: Tile,
  layers: readonly Float32Array[],
  names: readonly string[],
  count: number,
  columns: number,
): Uint8Array<ArrayBuffer> {
  const gap = 10;
  const styles = layerStyles(layers.length);
  const entries = names.map((name, layer) => ({ name, color: styles[layer].color(0) }));
  const width = Math.max(columns * (tile.width + gap) - gap, 420);
  const legend = layOutLegend(entries, width);
  const top = MARGIN + legend.height + 8;
  const rows = Math.ceil(count / columns);
  const canvas: Canvas = createCanvas(width + 2 * MARGIN, top + rows * (tile.height + gap) - gap + MARGIN, PAPER);
  legend.draw(canvas, MARGIN, MARGIN - 8);
  for (let i = 0; i < count; i++) {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    tile.draw(canvas, MARGIN + column * (tile.width + gap), top + row * (tile.height + gap), layers, i);
  }
  return canvasPng(canvas);
}
