import { type Canvas, type Color, fillRect, type Point, strokePaths } from "./canvas.ts";
import { FAINT_INK, GRID, LINE_COLORS, PAPER } from "./palette.ts";
import type { Tile } from "./tile.ts";
import type { Range } from "./values.ts";

const PADDING = 8;
const FRAME = 2;

/** How one of several lines over each other looks. */
interface LineStyle {
  readonly width: number;
  color(channel: number): Color;
}

const full = (channel: number): Color => LINE_COLORS[channel % LINE_COLORS.length];
const onPaper = (color: Color, opacity: number): Color => {
  const [r, g, b] = color.map((value, c) => Math.round(PAPER[c] + (value - PAPER[c]) * opacity));
  return [r, g, b];
};

const ALONE: LineStyle = { width: 2.5, color: full };
const UNDER: LineStyle = { width: 7, color: (channel) => onPaper(full(channel), 0.4) };
const DISTURBED: LineStyle = { width: 1.5, color: () => onPaper(FAINT_INK, 0.45) };

/** The looks of one, two or three layers: what is given lies broad and pale under what is made of it. */
export function layerStyles(count: number): LineStyle[] {
  return count === 1 ? [ALONE] : count === 2 ? [UNDER, ALONE] : [UNDER, DISTURBED, ALONE];
}

/** Series `[length]` or `[length, channels]` as small plots, a line a channel. What is not finite interrupts a line. */
export function seriesTile(shape: readonly number[], range: Range, size: { width: number; height: number }): Tile {
  const [length, channels = 1] = shape;
  const { width, height } = size;
  const inner = { width: width - 2 * PADDING, height: height - 2 * PADDING };
  const place = (at: number, value: number, x: number, y: number): Point => [
    x + PADDING + (length > 1 ? at / (length - 1) : 0.5) * inner.width,
    y + PADDING + (1 - (value - range.low) / (range.high - range.low)) * inner.height,
  ];
  const draw = (canvas: Canvas, x: number, y: number, layers: readonly Float32Array[], index: number) => {
    fillRect(canvas, { x, y, width, height }, GRID);
    fillRect(canvas, { x: x + FRAME, y: y + FRAME, width: width - 2 * FRAME, height: height - 2 * FRAME }, PAPER);
    const styles = layerStyles(layers.length);
    // Noise lies below all else.
    const order = layers.length === 3 ? [1, 0, 2] : layers.keys();
    for (const layer of order) {
      const [values, style] = [layers[layer], styles[layer]];
      for (let channel = 0; channel < channels; channel++) {
        const line = Float32Array.from({ length }, (_, at) => values[(index * length + at) * channels + channel]);
        const paths = runsOf(line, inner.width).map((run) => run.map(([at, value]) => place(at, value, x, y)));
        strokePaths(canvas, paths, style.width, style.color(channel));
      }
    }
  };
  return { width, height, background: PAPER, draw };
}

/**
 * The finite stretches of a line as [place, value]. Of a line with more points than two a pixel, each pixel keeps its
 * lowest and its highest: the picture is the same.
 */
function runsOf(line: Float32Array, pixels: number): [number, number][][] {
  const runs: [number, number][][] = [];
  const step = line.length > 2 * pixels ? line.length / pixels : 1;
  let open = false;
  for (let column = 0; Math.floor(column * step) < line.length; column++) {
    const [start, end] = [Math.floor(column * step), Math.min(line.length, Math.floor((column + 1) * step))];
    let [low, high] = [-1, -1];
    let broken = false;
    for (let at = start; at < end; at++) {
      if (!Number.isFinite(line[at])) broken = true;
      else {
        if (low < 0 || line[at] < line[low]) low = at;
        if (high < 0 || line[at] > line[high]) high = at;
      }
    }
    if (broken) open = false;
    if (low < 0) continue;
    if (!open) runs.push([]);
    open = true;
    for (const at of new Set([Math.min(low, high), Math.max(low, high)])) runs[runs.length - 1].push([at, line[at]]);
  }
  return runs;
}
