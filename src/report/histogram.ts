import { type Color, canvasPng, fillRect } from "./canvas.ts";
import { type Chart, createChart } from "./chart.ts";
import { drawMarks, type Mark } from "./plot.ts";
import { niceAxis, position } from "./ticks.ts";
import { type Range, spread } from "./values.ts";

const BARS = 60;

export interface Histogram {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** Their bars stand on each other, the first at the bottom. */
  readonly groups: readonly { readonly name: string; readonly color: Color; readonly values: ArrayLike<number> }[];
  /** Thin vertical lines with a name beside each. */
  readonly marks?: readonly Mark[];
}

/**
 * How many values of each group lie in each of sixty steps from the smallest to the largest, as PNG. Values that are not finite
 * are left out; without a finite one it says "no data".
 */
export function histogram({ title, xLabel, yLabel, groups, marks = [] }: Histogram): Uint8Array<ArrayBuffer> {
  const range = spread(groups.map(({ values }) => values));
  const counts = groups.map(({ values }) => countsOf(values, range));
  const heights = Array.from({ length: BARS }, (_, bar) => counts.reduce((sum, of) => sum + of[bar], 0));
  const empty = heights.every((height) => height === 0);
  const xs = [range.low, range.high, ...marks.map(({ x }) => x)];
  const chart = createChart({
    title,
    xLabel,
    yLabel,
    legend: groups.length > 1 ? groups : [],
    xAxis: (ticks) => niceAxis(xs, ticks, "room"),
    y: niceAxis([0, ...heights], 6, "whole steps"),
    empty,
  });
  if (!empty) {
    drawBars(
      chart,
      range,
      counts,
      groups.map(({ color }) => color),
    );
    drawMarks(chart.canvas, chart.area, chart.x, marks);
  }
  return canvasPng(chart.canvas);
}

/** Of equal steps over a range, how many finite values lie in each. */
function countsOf(values: ArrayLike<number>, { low, high }: Range): number[] {
  const counts = new Array<number>(BARS).fill(0);
  for (let k = 0; k < values.length; k++) {
    if (Number.isFinite(values[k])) counts[Math.min(BARS - 1, Math.floor((BARS * (values[k] - low)) / (high - low)))]++;
  }
  return counts;
}

function drawBars(
  { canvas, area, x, y }: Chart,
  { low, high }: Range,
  counts: readonly (readonly number[])[],
  colors: readonly Color[],
): void {
  const at = (bar: number) => area.x + position(x, low + ((high - low) * bar) / BARS) * area.width;
  for (let bar = 0; bar < BARS; bar++) {
    let below = 0;
    counts.forEach((of, k) => {
      const [bottom, top] = [below, below + of[bar]].map((count) => area.y + (1 - position(y, count)) * area.height);
      fillRect(canvas, { x: at(bar), y: top, width: at(bar + 1) - at(bar) - 1, height: bottom - top }, colors[k]);
      below += of[bar];
    });
  }
}
