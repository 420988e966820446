import { type Canvas, type Color, fillDisc, fillRect, type Rect } from "./canvas.ts";
import { FAINT_INK, GRID, INK } from "./palette.ts";
import { drawText, fitText, measureText } from "./text.ts";
import type { Axis } from "./ticks.ts";
import { position } from "./ticks.ts";

/** Charts are drawn at two pixels a point, so that they stay sharp in print and on dense screens. */
export const TITLE_SIZE = 21;
export const TEXT_SIZE = 18;
const TICK_SIZE = 16;
const LINE = 2;
/** Numbers keep this distance from the edge of the picture. */
const EDGE = 14;

/** Room that ticks and labels take left of a plot and below it. */
export const BELOW = 98;

export function leftOf(axis: Axis): number {
  return 76 + Math.max(0, ...axis.ticks.map(({ text }) => measureText(text, TICK_SIZE)));
}

/** Draws grid lines, ticks with their numbers, and axis labels around `area`. */
export function drawAxes(canvas: Canvas, area: Rect, x: Axis, y: Axis, labels: { x: string; y: string }): void {
  const bottom = area.y + area.height;
  for (const { value, text } of y.ticks) {
    const at = Math.round(bottom - position(y, value) * area.height);
    fillRect(canvas, { x: area.x, y: at - LINE / 2, width: area.width, height: LINE }, GRID);
    drawText(canvas, text, [area.x - 14, at + TICK_SIZE / 2], { size: TICK_SIZE, color: FAINT_INK, align: "right" });
  }
  for (const { value, text } of x.ticks) {
    const at = Math.round(area.x + position(x, value) * area.width);
    fillRect(canvas, { x: at - LINE / 2, y: area.y, width: LINE, height: area.height }, GRID);
    // A long number at the end of the axis moves inwards rather than out of the picture.
    const rightmost = canvas.width - EDGE - measureText(text, TICK_SIZE) / 2;
    const place = [Math.min(at, rightmost), bottom + 20 + TICK_SIZE] as const;
    drawText(canvas, text, place, { size: TICK_SIZE, color: FAINT_INK, align: "center" });
  }
  fillRect(canvas, { x: area.x - LINE / 2, y: bottom - LINE / 2, width: area.width + LINE, height: LINE }, FAINT_INK);
  fillRect(canvas, { x: area.x - LINE / 2, y: area.y, width: LINE, height: area.height }, FAINT_INK);
  const style = { size: TEXT_SIZE, color: INK, align: "center" } as const;
  const [labelX, labelY] = [fitText(labels.x, TEXT_SIZE, area.width), fitText(labels.y, TEXT_SIZE, area.height)];
  drawText(canvas, labelX, [area.x + area.width / 2, bottom + BELOW - 24], style);
  const left = area.x - leftOf(y) + 24 + TEXT_SIZE;
  drawText(canvas, labelY, [left, area.y + area.height / 2], { ...style, upwards: true });
}

/** A place on the x axis, and what it is called. */
export interface Mark {
  readonly x: number;
  readonly name: string;
}

/** Draws thin vertical lines with a name beside each. */
export function drawMarks(canvas: Canvas, area: Rect, x: Axis, marks: readonly Mark[]): void {
  for (const { x: at, name } of marks) {
    const left = Math.round(area.x + position(x, at) * area.width);
    fillRect(canvas, { x: left - 1, y: area.y, width: 2, height: area.height }, FAINT_INK);
    const style = { size: TEXT_SIZE, color: FAINT_INK, align: "right", upwards: true } as const;
    // Left of the line, or right of it where the axis is too near.
    const baseline = left - 20 - TEXT_SIZE > area.x ? left - 11 : left + 11 + TEXT_SIZE;
    drawText(canvas, fitText(name, TEXT_SIZE, area.height - 16), [baseline, area.y + 8], style);
  }
}

/** The largest number of ticks of an x axis whose numbers keep a distance. */
export function ticksThatFit(axisWith: (target: number) => Axis, width: number): Axis {
  for (let target = 10; target > 1; target--) {
    const axis = axisWith(target);
    const widest = Math.max(0, ...axis.ticks.map(({ text }) => measureText(text, TICK_SIZE)));
    const gaps = axis.ticks.length - 1;
    const distance =
      gaps > 0 ? (position(axis, axis.ticks[1]!.value) - position(axis, axis.ticks[0]!.value)) * width : width;
    if (distance >= widest + 28 + Math.max(0, widest / 2 - 60)) return axis;
  }
  return axisWith(1);
}

export interface LegendEntry {
  readonly name: string;
  readonly color: Color;
}

const LEGEND_LINE = 38;
const MARK = 9;

/** Lays a legend out in lines of at most `width` pixels; draw it with the result. */
export function layOutLegend(entries: readonly LegendEntry[], width: number) {
  let [x, line] = [0, 0];
  const items = entries.map(({ name, color }) => {
    const text = fitText(name, TEXT_SIZE, width - 34);
    const needed = 34 + measureText(text, TEXT_SIZE);
    if (x > 0 && x + needed > width) [x, line] = [0, line + 1];
    const item = { x, line, text, color };
    x += needed + 36;
    return item;
  });
  const height = entries.length === 0 ? 0 : (line + 1) * LEGEND_LINE;
  const draw = (canvas: Canvas, left: number, top: number) => {
    for (const item of items) {
      const baseline = top + item.line * LEGEND_LINE + LEGEND_LINE / 2 + TEXT_SIZE / 2;
      fillDisc(canvas, [left + item.x + MARK, baseline - TEXT_SIZE / 2], MARK, item.color);
      drawText(canvas, item.text, [left + item.x + 30, baseline], { size: TEXT_SIZE, color: INK });
    }
  };
  return { height, draw };
}
