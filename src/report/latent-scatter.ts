import { ReparamError } from "../errors.ts";
import { type Canvas, type Color, canvasPng, createCanvas, fillDisc, type Rect } from "./canvas.ts";
import { classColors, OTHER } from "./class-colors.ts";
import { CATEGORIES, FAINT_INK, INK, PAPER } from "./palette.ts";
import { BELOW, drawAxes, layOutLegend, leftOf, TEXT_SIZE, TITLE_SIZE, ticksThatFit } from "./plot.ts";
import { drawText, fitText } from "./text.ts";
import { type Axis, niceAxis, position } from "./ticks.ts";

const SIDE = 960;
const MARGIN = 36;

export interface LatentScatter {
  /** `[count, 2]` */
  readonly points: Float32Array;
  readonly count: number;
  /** `[count]`: the class of each point. */
  readonly labels?: ArrayLike<number>;
  /** What the classes are called. */
  readonly names?: readonly string[];
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

/**
 * Latent codes, or other points of the plane, as PNG, with one scale on both axes. Points that are not finite are left out; without one
 * finite point it says "no data". Throws `usage` when the arrays do not have the sizes that `count` says.
 */
export function latentScatter(scatter: LatentScatter): Uint8Array<ArrayBuffer> {
  const { points, count, labels, names, title, xLabel, yLabel } = scatter;
  if (points.length !== 2 * count || (labels !== undefined && labels.length !== count)) {
    const found = `${points.length} coordinates and ${labels?.length ?? "no"} labels`;
    throw new ReparamError("usage", `A scatter of ${count} points cannot be drawn from ${found}.`);
  }
  const shown: number[] = [];
  for (let i = 0; i < count; i++) {
    if (Number.isFinite(points[2 * i]) && Number.isFinite(points[2 * i + 1])) shown.push(i);
  }
  const colors =
    labels &&
    classColors(
      shown.map((i) => labels[i]),
      names,
    );
  const width = SIDE - 2 * MARGIN;
  const legend = layOutLegend(colors?.legend ?? [], width - 90);
  const top = MARGIN + TITLE_SIZE + 20 + legend.height + 16;
  const [rangeX, rangeY] = equalRanges(points, shown);
  const y = niceAxis(rangeY, 7, "room");
  const left = Math.ceil(leftOf(y));
  const area = { x: left, y: top, width: SIDE - MARGIN - 12 - left, height: SIDE - MARGIN - 12 - left };
  const x = ticksThatFit((target) => niceAxis(rangeX, Math.min(target, 7), "room"), area.width);
  const canvas = createCanvas(SIDE, top + area.height + BELOW, PAPER);

  const heading = fitText(title, TITLE_SIZE, SIDE - MARGIN - left);
  drawText(canvas, heading, [left, MARGIN + TITLE_SIZE], { size: TITLE_SIZE, color: INK, bold: true });
  if (shown.length === 0) {
    const middle = [left + area.width / 2, top + area.height / 2] as const;
    drawText(canvas, "no data", middle, { size: TEXT_SIZE, color: FAINT_INK, align: "center" });
    return canvasPng(canvas);
  }
  legend.draw(canvas, left, MARGIN + TITLE_SIZE + 20);
  drawAxes(canvas, area, x, y, { x: xLabel, y: yLabel });
  const colorOf = (i: number) => (labels && colors ? colors.of(labels[i]) : CATEGORIES[0]);
  drawPoints(canvas, area, x, y, points, shown, colorOf);
  return canvasPng(canvas);
}

/**
 * In the order given, so that no class lies on top of the others, but for those without a colour of their own: they lie
 * below. The more points, the smaller and fainter.
 */
function drawPoints(
  canvas: Canvas,
  area: Rect,
  x: Axis,
  y: Axis,
  points: Float32Array,
  shown: readonly number[],
  colorOf: (i: number) => Color | undefined,
): void {
  const crowd = Math.min(1, Math.max(0, Math.log10(shown.length / 300) / 2)); // 0 up to 300 points, 1 from 30,000 on
  const radius = 6 - 3.4 * crowd;
  const opacity = 0.85 - 0.4 * crowd;
  const below = shown.filter((i) => !colorOf(i));
  for (const i of [...below, ...shown.filter(colorOf)]) {
    const px = area.x + position(x, points[2 * i]) * area.width;
    const py = area.y + (1 - position(y, points[2 * i + 1])) * area.height;
    fillDisc(canvas, [px, py], radius, colorOf(i) ?? OTHER, opacity);
  }
}

/** The ranges of both coordinates, the shorter one widened to the longer one's length. */
function equalRanges(points: Float32Array, shown: readonly number[]): [x: number[], y: number[]] {
  const centers: number[] = [];
  let length = 0;
  for (const axis of [0, 1]) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const i of shown) {
      low = Math.min(low, points[2 * i + axis]);
      high = Math.max(high, points[2 * i + axis]);
    }
    centers.push(shown.length === 0 ? 0 : (low + high) / 2);
    length = Math.max(length, high - low);
  }
  const half = (length > 0 ? length : 2) / 2;
  return [
    [centers[0] - half, centers[0] + half],
    [centers[1] - half, centers[1] + half],
  ];
}
