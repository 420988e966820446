import { canvasPng, createCanvas } from "./canvas.ts";
import { FAINT_INK, INK, PAPER } from "./palette.ts";
import { TEXT_SIZE } from "./plot.ts";
import { drawText, measureText } from "./text.ts";
import { minus } from "./ticks.ts";
import type { Tile } from "./tile.ts";

const MARGIN = 28;

/**
 * The decoded examples of a grid of codes `[ys.length · xs.length, ...]` as PNG, row after row, without gaps. `xs` and `ys`
 * are the first and second number of the codes, of the columns from the left and of the rows from the top; they mark the
 * axes.
 */
export function tilePlane(
  tile: Tile,
  values: Float32Array,
  xs: readonly number[],
  ys: readonly number[],
): Uint8Array<ArrayBuffer> {
  const size = TEXT_SIZE;
  const [textsX, textsY] = [xs, ys].map(coordinates);
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => measureText(text, size)));
  const left = MARGIN + size + 20 + Math.ceil(widest(textsY)) + 14;
  const grid = { width: xs.length * tile.width, height: ys.length * tile.height };
  const canvas = createCanvas(left + grid.width + MARGIN, MARGIN + grid.height + 92, PAPER);
  for (let i = 0; i < xs.length * ys.length; i++) {
    const [column, row] = [i % xs.length, Math.floor(i / xs.length)];
    tile.draw(canvas, left + column * tile.width, MARGIN + row * tile.height, [values], i);
  }
  spaced(textsX, tile.width, widest(textsX) + 24).forEach((text, i) => {
    const place = [left + (i + 0.5) * tile.width, MARGIN + grid.height + 12 + size] as const;
    drawText(canvas, text, place, { size, color: FAINT_INK, align: "center" });
  });
  spaced(textsY, tile.height, 3 * size).forEach((text, i) => {
    const place = [left - 14, Math.round(MARGIN + (i + 0.5) * tile.height + size / 2)] as const;
    drawText(canvas, text, place, { size, color: FAINT_INK, align: "right" });
  });
  const label = { size, color: INK, align: "center" } as const;
  drawText(canvas, "z₁", [left + grid.width / 2, MARGIN + grid.height + 68], label);
  drawText(canvas, "z₂", [MARGIN + size, MARGIN + grid.height / 2], { ...label, upwards: true });
  return canvasPng(canvas);
}

/** With as many digits as neighbours need to differ. */
function coordinates(values: readonly number[]): string[] {
  const step = Math.abs(values[1] - values[0]);
  const digits = Math.max(0, Math.ceil(-Math.log10(step)));
  return values.map((value) => {
    if (Math.abs(value) >= 1e6 || digits > 5) return minus(value.toExponential(2).replace("+", ""));
    return minus(value.toFixed(digits)).replace(/^−(0\.?0*)$/, "$1");
  });
}

/** As many coordinates as fit, spread from the middle. */
function spaced(texts: readonly string[], cell: number, needed: number): string[] {
  const every = Math.ceil(needed / cell);
  const middle = Math.floor(texts.length / 2);
  return texts.map((text, i) => ((i - middle) % every === 0 ? text : ""));
}
