import { type Canvas, type Color, canvasPng, fillDisc, type Point, strokePaths } from "./canvas.ts";
import { createChart } from "./chart.ts";
import { LINE_COLORS } from "./palette.ts";
import { drawMarks, type Mark } from "./plot.ts";
import { niceAxis, position } from "./ticks.ts";

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
  readonly marks?: readonly Mark[];
}

/** A line chart as PNG, 1120 pixels wide (two pixels a point). Without one finite point it says "no data". */
export function lineChart({ title, xLabel, yLabel, series, marks = [] }: LineChart): Uint8Array<ArrayBuffer> {
  const finite = series.flatMap(({ points }) => points.filter(isFinitePoint));
  const [xs, ys] = [finite.map(([x]) => x), finite.map(([, y]) => y)];
  const colors = series.map((_, i): Color => LINE_COLORS[i % LINE_COLORS.length]!);
  const names = series.map(({ name, points }) => (points.some(isFinitePoint) ? name : `${name} (no data)`));
  const { canvas, area, x, y } = createChart({
    title,
    xLabel,
    yLabel,
    legend: names.map((name, i) => ({ name, color: colors[i]! })),
    xAxis: (ticks) => niceAxis(xs, ticks, "room"),
    y: niceAxis(ys, 6, "whole steps"),
    empty: finite.length === 0,
  });
  if (finite.length > 0) drawMarks(canvas, area, x, marks);
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
