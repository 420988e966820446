import { type Canvas, createCanvas, type Rect } from "./canvas.ts";
import { FAINT_INK, INK, PAPER } from "./palette.ts";
import {
  BELOW,
  drawAxes,
  type LegendEntry,
  layOutLegend,
  leftOf,
  TEXT_SIZE,
  TITLE_SIZE,
  ticksThatFit,
} from "./plot.ts";
import { drawText, fitText } from "./text.ts";
import type { Axis } from "./ticks.ts";

const WIDTH = 1120;
const PLOT_HEIGHT = 500;
const MARGIN = 36;

export interface ChartParts {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly legend: readonly LegendEntry[];
  /** The x axis with about so many ticks. */
  readonly xAxis: (ticks: number) => Axis;
  readonly y: Axis;
  /** There is nothing to draw: it says "no data" in place of the axes. */
  readonly empty: boolean;
}

/** Where what a chart shows is drawn. */
export interface Chart {
  readonly canvas: Canvas;
  readonly area: Rect;
  readonly x: Axis;
  readonly y: Axis;
}

/** A chart 1120 pixels wide (two pixels a point) with title, legend and axes, and nothing in it yet. */
export function createChart({ title, xLabel, yLabel, legend: entries, xAxis, y, empty }: ChartParts): Chart {
  const left = Math.ceil(leftOf(y));
  const right = WIDTH - MARGIN - 12;
  const x = ticksThatFit(xAxis, right - left);
  const legend = layOutLegend(entries, right - left);
  const top = MARGIN + TITLE_SIZE + 20 + legend.height + 16;
  const area = { x: left, y: top, width: right - left, height: PLOT_HEIGHT };
  const canvas = createCanvas(WIDTH, top + PLOT_HEIGHT + BELOW, PAPER);
  const heading = fitText(title, TITLE_SIZE, right - left);
  drawText(canvas, heading, [left, MARGIN + TITLE_SIZE], { size: TITLE_SIZE, color: INK, bold: true });
  legend.draw(canvas, left, MARGIN + TITLE_SIZE + 20);
  if (empty) {
    const middle = [left + area.width / 2, top + area.height / 2] as const;
    drawText(canvas, "no data", middle, { size: TEXT_SIZE, color: FAINT_INK, align: "center" });
  } else drawAxes(canvas, area, x, y, { x: xLabel, y: yLabel });
  return { canvas, area, x, y };
}
