import { type Canvas, type Color, canvasPng, createCanvas, fillRect } from "./canvas.ts";
import { CATEGORIES, FAINT_INK, GRID, INK, PAPER } from "./palette.ts";
import { TEXT_SIZE } from "./plot.ts";
import { drawText, fitText, measureText } from "./text.ts";

const MARGIN = 28;
const NUMBER_SIZE = 16;
const WIDEST_NAME = 240;
/** With more classes than this, cells are too small for their counts. */
const MOST_COUNTED = 30;
/** The side of a table without counts, about. */
const PLAIN_SIDE = 1000;

const RIGHT: Color = CATEGORIES[0];
const WRONG: Color = CATEGORIES[2];

/** Counts `[true class][predicted class]` as PNG: a row a true class, shaded by its share of the row. */
export function confusionTable(
  counts: readonly (readonly number[])[],
  names?: readonly string[],
): Uint8Array<ArrayBuffer> {
  const classes = counts.length;
  const numbered = classes <= MOST_COUNTED;
  const most = Math.max(...counts.flat());
  const cell = numbered
    ? Math.max(44, Math.ceil(measureText(`${most}`, NUMBER_SIZE)) + 18)
    : Math.max(4, Math.floor(PLAIN_SIDE / classes));
  const gap = numbered ? 2 : 0;
  const texts = counts.map((_, k) => fitText(names?.[k] ?? `${k}`, TEXT_SIZE, WIDEST_NAME));
  const widest = Math.ceil(Math.max(...texts.map((text) => measureText(text, TEXT_SIZE))));
  // Names of columns stand upright where they are wider than a column.
  const upright = widest > cell - 8;
  const side = classes * (cell + gap) + gap;
  const [left, top] = [
    MARGIN + TEXT_SIZE + 20 + widest + 14,
    MARGIN + TEXT_SIZE + 20 + (upright ? widest : TEXT_SIZE) + 14,
  ];
  const canvas = createCanvas(left + side + MARGIN, top + side + MARGIN, PAPER);
  fillRect(canvas, { x: left, y: top, width: side, height: side }, GRID);
  counts.forEach((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    row.forEach((count, j) => {
      const [x, y] = [left + gap + j * (cell + gap), top + gap + i * (cell + gap)];
      const share = total > 0 ? count / total : 0;
      fillRect(canvas, { x, y, width: cell, height: cell }, shade(i === j ? RIGHT : WRONG, share));
      if (!numbered || count === 0) return;
      const place = [x + cell / 2, Math.round(y + cell / 2 + NUMBER_SIZE / 2)] as const;
      drawText(canvas, `${count}`, place, { size: NUMBER_SIZE, color: share > 0.45 ? PAPER : INK, align: "center" });
    });
  });
  drawNames(canvas, texts, cell + gap, { left, top, upright });
  const label = { size: TEXT_SIZE, color: INK, align: "center" } as const;
  drawText(canvas, "predicted", [left + side / 2, MARGIN + TEXT_SIZE], label);
  drawText(canvas, "true", [MARGIN + TEXT_SIZE, top + side / 2], { ...label, upwards: true });
  return canvasPng(canvas);
}

/** From paper to the colour. A square root shows what is rare. */
function shade(color: Color, share: number): Color {
  const [r, g, b] = color.map((value, c) => Math.round(PAPER[c] + (value - PAPER[c]) * Math.sqrt(share)));
  return [r, g, b];
}

/** The classes' names above the columns and left of the rows; where not all fit, every so many. */
function drawNames(
  canvas: Canvas,
  texts: readonly string[],
  step: number,
  { left, top, upright }: { left: number; top: number; upright: boolean },
): void {
  const every = Math.ceil((TEXT_SIZE + 8) / step);
  const style = { size: TEXT_SIZE, color: FAINT_INK } as const;
  texts.forEach((text, k) => {
    if (k % every !== 0) return;
    const middle = (k + 0.5) * step;
    drawText(canvas, text, [left - 14, Math.round(top + middle + TEXT_SIZE / 2)], { ...style, align: "right" });
    if (upright)
      drawText(canvas, text, [Math.round(left + middle + TEXT_SIZE / 2), top - 14], { ...style, upwards: true });
    else drawText(canvas, text, [left + middle, top - 14], { ...style, align: "center" });
  });
}
