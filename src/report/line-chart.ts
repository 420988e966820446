import {
  type Canvas,
  type Color,
  canvasPng,
  createCanvas,
  fillDisc,
  fillRect,
  type Point,
  strokePaths,
} from "./canvas.ts";
import { FAINT_INK, INK, LINE_COLORS, PAPER } from "./palette.ts";
import { BELOW, drawAxes, layOutLegend, leftOf, TEXT_SIZE, TITLE_SIZE, ticksThatFit } from "./plot.ts";
import { drawText, fitText } from "./text.ts";
import { niceAxis, position } from "./ticks.ts";

const WIDTH = 1120;
const PLOT_HEIGHT = 500;
const MARGIN = 36;
/** Up to this many points, each is marked. */
const MARKED_POINTS = 40;

export interface Series {
  readonly name: string;
  /** `[x, y]` in the order in which they are joined; where either is not finite, the line is interrupted. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** Thin vertical lines with a name beside each. */
  readonly marks?: readonly { readonly x: number; readonly name: string }[];
}

/** A line chart as PNG, 1120 pixels wide (two pixels a point). Without one finite point it says "no data". */
export function lineChart({ title, xLabel, yLabel, series, marks = [] }: LineChart): Uint8Array<ArrayBuffer> {
  const finite = series.flatMap(({ points }) => points.filter(isFinitePoint));
  const [xs, ys] = [finite.map(([x]) => x), finite.map(([, y]) => y)];
  const y = niceAxis(ys, 6, "whole steps");
  const left = Math.ceil(leftOf(y));
  const right = WIDTH - MARGIN - 12;
  const x = ticksThatFit((target) => niceAxis(xs, target, "room"), right - left);

  const colors = series.map((_, i): Color => LINE_COLORS[i % LINE_COLORS.length]!);
  const names = series.map(({ name, points }) => (points.some(isFinitePoint) ? name : `${name} (no data)`));
  const legend = layOutLegend(
    names.map((name, i) => ({ name, color: colors[i]! })),
    right - left,
  );
  const top = MARGIN + TITLE_SIZE + 20 + legend.height + 16;
  const area = { x: left, y: top, width: right - left, height: PLOT_HEIGHT };
  const canvas = createCanvas(WIDTH, top + PLOT_HEIGHT + BELOW, PAPER);

  const heading = fitText(title, TITLE_SIZE, right - left);
  drawText(canvas, heading, [left, MARGIN + TITLE_SIZE], { size: TITLE_SIZE, color: INK, bold: true });
  legend.draw(canvas, left, MARGIN + TITLE_SIZE + 20);
  if (finite.length === 0) {
    const middle = [left + area.width / 2, top + area.height / 2] as const;
    drawText(canvas, "no data", middle, { size: TEXT_SIZE, color: FAINT_INK, align: "center" });
    return canvasPng(canvas);
  }
  drawAxes(canvas, area, x, y, { x: xLabel, y: yLabel });
  for (const { x: at, name } of marks) {
    const left = Math.round(area.x + position(x, at) * area.width);
    fillRect(canvas, { x: left - 1, y: area.y, width: 2, height: area.height }, FAINT_INK);
    const style = { size: TEXT_SIZE, color: FAINT_INK, align: "right", upwards: true } as const;
    // Left of the line, or right of it where the axis is too near.
    const baseline = left - 20 - TEXT_SIZE > area.x ? left - 11 : left + 11 + TEXT_SIZE;
    drawText(canvas, fitText(name, TEXT_SIZE, area.height - 16), [baseline, area.y + 8], style);
  }
  series.forEach(({ points }, i) => {
    const placed = points.map((point): Point | undefined =>
      isFinitePoint(point)
        ? [area.x + position(x, point[0]) * area.width, area.y + (1 - position(y, point[1])) * area.height]
        : undefined,
    );
    drawSeries(canvas, placed, colors[i]!);
  });
  return canvasPng(canvas);
}

function drawSeries(canvas: Canvas, points: readonly (Point | undefined)[], color: Color): void {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (point === undefined) runs.push([]);
    else runs.at(-1)!.push(point);
  }
  const lines = runs.filter((run) => run.length > 1);
  const marked = points.length <= MARKED_POINTS ? runs.flat() : runs.filter((run) => run.length === 1).flat();
  strokePaths(canvas, lines, 4, color);
  for (const point of marked) fillDisc(canvas, point, 6, color);
}

const isFinitePoint = ([x, y]: readonly [number, number]): boolean => Number.isFinite(x) && Number.isFinite(y);
