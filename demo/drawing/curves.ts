import { sharp } from "./canvas.ts";
import { token } from "./colours.ts";
import { grouped, inWords } from "./words.ts";

export interface CurveScene {
  /** The loss of each step. */
  readonly losses: readonly number[];
  readonly points: readonly { readonly step: number; readonly terms: Readonly<Record<string, number>> }[];
  /** The loss of always drawing the mean picture, where that can be compared. */
  readonly baseline?: number;
  /** Steps in all. */
  readonly steps: number;
  /** What was set while the run went. */
  readonly changes?: readonly Mark[];
  /** Of another run, dashed. */
  readonly other?: CurveScene["points"];
  /** Nothing stands at the ends of the curves: they have all of the width, and `curveColours` says elsewhere which is which. */
  readonly bare?: boolean;
}

/** The terms that have a curve, each with the token of its colour. */
export function curveColours(points: CurveScene["points"]): { readonly name: string; readonly colour: string }[] {
  const terms = [...new Set(points.flatMap(({ terms }) => Object.keys(terms)))].filter((name) => name !== "loss");
  const names = terms.length > 0 ? terms : ["loss"];
  return names.map((name, k) => ({ name, colour: COLOURS[k % COLOURS.length] }));
}

/** Something that was set at a step. */
export interface Mark {
  readonly step: number;
  readonly name: string;
  readonly words: string;
}

/** Colours of curves, in turn. */
const COLOURS = ["accent", "warn", "soft", "good"];
const PADDING = { left: 40, top: 10, bottom: 22 };
/** What stands at the ends of curves has so much room at least, and this part of the width at most. */
const [LEAST_ENDS, MOST_ENDS] = [96, 0.45];
/** A value at an end, as wide as they come. */
const WIDEST = "000.00";
const [WORDS_FONT, VALUE_FONT] = ["11px system-ui, sans-serif", "600 12px system-ui, sans-serif"];
/** The loss of always drawing the average of all pictures, in words. */
const BASELINE = "guessing the average";
/** Marks of one name that are nearer than this, CSS pixels, are one: a slider that was pulled. */
const TOGETHER = 24;
/** Words of marks are so far apart, CSS pixels. */
const [MARK_GAP, MARK_ROW] = [6, 12];
/** The page's words for terms. */
const WORDS: Readonly<Record<string, string>> = { reconstruction: "redraw", kl: "KL" };
/** A term as the page calls it. */
export const termWords = (name: string): string => WORDS[name] ?? inWords(name);
/** So many points of the training curve at most: each the mean of its steps. */
const MOST = 300;
/** A term that stays below this part of the largest has an axis of its own, in the lower part of the chart. */
const SMALL = 0.35;
/** How much of the height the lower axis has, and what is between the two, CSS pixels. */
const [LOWER, BETWEEN] = [0.3, 10];
/** Of the steps, the first of which the axis need not show: there the loss falls out of all proportion. */
const FIRST = 1 / 20;
/** Values at the ends of curves are so far apart, CSS pixels; above them stand other words. */
const [LABEL, HEAD] = [14, 30];

/** Where values stand: between two heights of the canvas, CSS pixels from its top. */
interface Axis {
  readonly low: number;
  readonly high: number;
  readonly top: number;
  readonly bottom: number;
}

const heightOf = ({ low, high, top, bottom }: Axis, value: number): number =>
  bottom - ((Math.min(value, high) - low) / (high - low || 1)) * (bottom - top);

/** Draws how a run goes: its training loss, held-out terms with their values at the ends, and the baseline. */
export function drawCurves(canvas: HTMLCanvasElement, scene: CurveScene): void {
  const { context, width, height } = sharp(canvas);
  const { losses, points, baseline, steps, other, bare } = scene;
  if (losses.length === 0) return;
  const { upper, lower, isSmall, coloured, running } = axesOf(scene, height);
  const last = Math.max(steps, losses.length);
  const ends = [...coloured.map(({ name }) => termWords(name)), ...(baseline === undefined ? [] : [BASELINE])];
  const right = width - (bare ? 4 : Math.min(MOST_ENDS * width, roomOf(context, ends)));
  const x = (step: number) => PADDING.left + ((right - PADDING.left) * step) / last;
  const curve = (curvePoints: readonly (readonly [number, number])[], axis: Axis) =>
    line(
      context,
      curvePoints.map(([step, value]) => [x(step), heightOf(axis, value)]),
    );
  context.font = WORDS_FONT;
  context.textBaseline = "middle";
  for (const axis of lower ? [upper, lower] : [upper]) drawScale(context, axis, right);
  context.fillStyle = token("soft");
  for (const part of [0, 0.5, 1]) {
    // The last ends with the axis: behind it is the room of the values.
    context.textAlign = part === 1 ? "right" : "center";
    context.fillText(grouped(Math.round(last * part)), x(last * part), height - 8);
  }

  const marks = withoutPulls(scene.changes ?? [], x);
  drawMarks(
    context,
    marks.map(({ step, words }) => ({ x: x(step), words })),
    { top: upper.top, bottom: height - PADDING.bottom, middle: width / 2 },
  );
  const labels: EndLabel[] = [];
  if (baseline !== undefined) {
    const at = heightOf(upper, baseline);
    context.strokeStyle = token("soft");
    context.setLineDash([3, 3]);
    line(context, [
      [PADDING.left, at],
      [right, at],
    ]);
    context.setLineDash([]);
    labels.push({ value: "", name: BASELINE, at, colour: token("soft") });
  }
  context.strokeStyle = token("accent");
  context.globalAlpha = 0.45;
  curve(running, upper);
  context.globalAlpha = 1;
  for (const { name, colour: named } of coloured) {
    const axis = lower && isSmall(name) ? lower : upper;
    const colour = token(named);
    const valuesOf = (found: CurveScene["points"]) =>
      found.filter(({ terms }) => Number.isFinite(terms[name])).map(({ step, terms }) => [step, terms[name]] as const);
    context.strokeStyle = context.fillStyle = colour;
    context.setLineDash([5, 4]);
    if (other) curve(valuesOf(other), axis);
    context.setLineDash([]);
    const own = valuesOf(points);
    for (const [step, value] of own) {
      context.beginPath();
      context.arc(x(step), heightOf(axis, value), 2.2, 0, 2 * Math.PI);
      context.fill();
    }
    context.lineWidth = 1.4;
    curve(own, axis);
    const [, end] = own.at(-1) ?? [];
    if (end !== undefined) {
      const value = end.toFixed(end < 10 ? 2 : 1);
      labels.push({ value, name: termWords(name), at: heightOf(axis, end), colour });
    }
  }
  if (!bare) drawEnds(context, labels, right + 8, height - 8);
}

/** The terms of a run, its smoothed training loss, and the axes on which these stand. */
function axesOf({ losses, points, baseline, other = [] }: CurveScene, height: number) {
  const coloured = curveColours([...points, ...other]);
  const names = coloured.map(({ name }) => name);
  const running = means(losses);
  const valuesOf = (name: string) =>
    [...points, ...other].map(({ terms }) => terms[name]).filter((value) => Number.isFinite(value));
  const settled = running.slice(Math.floor(running.length * FIRST)).map(([, value]) => value);
  const large = Math.max(...settled, ...names.flatMap(valuesOf));
  const isSmall = (name: string) => valuesOf(name).every((value) => Math.abs(value) < SMALL * large);
  const [small, rest] = [names.filter(isSmall), names.filter((name) => !isSmall(name))];
  const [top, bottom] = [PADDING.top, height - PADDING.bottom];
  const split = small.length > 0 && rest.length > 0;
  const border = bottom - LOWER * (bottom - top);
  const values = [...settled, ...rest.flatMap(valuesOf), ...(baseline === undefined ? [] : [baseline])];
  const upper = around(values, top, split ? border - BETWEEN : bottom);
  const lower = split ? around([0, ...small.flatMap(valuesOf)], border, bottom) : undefined;
  return { upper, lower, isSmall, coloured, running };
}

/** An axis on which some values have room; one that begins at 0 stands on it. */
function around(values: readonly number[], top: number, bottom: number): Axis {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const room = 0.05 * (high - low || 1);
  return { low: low === 0 ? 0 : low - room, high: high + room, top, bottom };
}

function drawScale(context: CanvasRenderingContext2D, axis: Axis, right: number): void {
  context.lineWidth = 1;
  context.strokeStyle = token("line");
  context.fillStyle = token("soft");
  context.textAlign = "right";
  for (const tick of ticks(axis.low, axis.high, axis.bottom - axis.top < 40 ? 2 : 4)) {
    const at = heightOf(axis, tick);
    line(context, [
      [PADDING.left, at],
      [right, at],
    ]);
    context.fillText(grouped(tick), PADDING.left - 6, at);
  }
}

/** How much room values and these names need at the ends of curves; whatever the values are, it stays. */
function roomOf(context: CanvasRenderingContext2D, names: readonly string[]): number {
  context.font = VALUE_FONT;
  const value = context.measureText(WIDEST).width + 4;
  context.font = WORDS_FONT;
  const widths = names.map((name) => context.measureText(name).width + (name === BASELINE ? 0 : value));
  return Math.max(LEAST_ENDS, ...widths.map((width) => width + 8));
}

/** The marks without those that another one of their name follows closely. */
export const withoutPulls = (marks: readonly Mark[], x: (step: number) => number): readonly Mark[] =>
  marks.filter((mark, k) => {
    const next = marks.find(({ name }, later) => later > k && name === mark.name);
    return next === undefined || x(next.step) - x(mark.step) >= TOGETHER;
  });

interface MarkRoom {
  readonly top: number;
  readonly bottom: number;
  /** Right of it, words stand on the left of their line. */
  readonly middle: number;
}

/** Lines at steps, with their words in as many rows as it takes for none to lie on another. */
function drawMarks(
  context: CanvasRenderingContext2D,
  marks: readonly { readonly x: number; readonly words: string }[],
  { top, bottom, middle }: MarkRoom,
): void {
  const rows: (readonly [from: number, to: number])[][] = [];
  context.strokeStyle = context.fillStyle = token("soft");
  context.textAlign = "left";
  for (const { x, words } of marks) {
    line(context, [
      [x, top],
      [x, bottom],
    ]);
    const wide = context.measureText(words).width;
    const from = x > middle ? x - wide - 4 : x + 4;
    const to = from + wide + MARK_GAP;
    const free = rows.findIndex((row) => row.every((other) => to < other[0] || other[1] < from));
    const row = free < 0 ? rows.length : free;
    (rows[row] ??= []).push([from, to]);
    context.fillText(words, from, top + 2 + MARK_ROW * row);
  }
}

/** What stands at the end of a curve. */
interface EndLabel {
  readonly value: string;
  readonly name: string;
  /** Its height on the canvas. */
  readonly at: number;
  readonly colour: string;
}

/** Values and names one below the other, as near to the ends of their curves as they have room. */
function drawEnds(context: CanvasRenderingContext2D, labels: readonly EndLabel[], left: number, lowest: number): void {
  context.textAlign = "left";
  let next = HEAD;
  const placed = labels
    .toSorted((a, b) => a.at - b.at)
    .map((label, k) => {
      const below = (labels.length - 1 - k) * LABEL;
      const at = Math.min(Math.max(label.at, next), Math.max(next, lowest - below));
      next = at + LABEL;
      return { ...label, at };
    });
  for (const { value, name, at, colour } of placed) {
    context.fillStyle = token("ink");
    context.font = VALUE_FONT;
    context.fillText(value, left, at);
    const wide = value ? context.measureText(value).width + 4 : 0;
    context.font = WORDS_FONT;
    context.fillStyle = colour;
    context.fillText(name, left + wide, at);
  }
}

function line(context: CanvasRenderingContext2D, points: readonly (readonly [number, number])[]): void {
  context.beginPath();
  points.forEach(([x, y], k) => {
    if (k === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.stroke();
}

/** Means of neighbouring steps, so many at most: [step, mean]. */
function means(losses: readonly number[]): [number, number][] {
  const each = Math.max(1, Math.ceil(losses.length / MOST));
  return Array.from({ length: Math.ceil(losses.length / each) }, (_, k) => {
    const own = losses.slice(k * each, (k + 1) * each);
    return [k * each + own.length / 2, own.reduce((sum, value) => sum + value, 0) / own.length];
  });
}

/** Round numbers between two, about as many as are wanted. */
function ticks(low: number, high: number, wanted: number): number[] {
  const rough = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step);
  // As so many steps, and not by adding them up, which 0.1 does not survive.
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) =>
    Number(((first + k) * step).toPrecision(12)),
  );
}
