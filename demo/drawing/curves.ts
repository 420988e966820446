import { sharp } from "./canvas.ts";
import { token } from "./colours.ts";

export interface CurveScene {
  /** The loss of each step. */
  readonly losses: readonly number[];
  readonly points: readonly { readonly step: number; readonly terms: Readonly<Record<string, number>> }[];
  /** The loss of always drawing the mean picture, where that can be compared. */
  readonly baseline?: number;
  /** Steps in all. */
  readonly steps: number;
  /** Of another run, dashed. */
  readonly other?: CurveScene["points"];
}

const PADDING = { left: 40, right: 96, top: 10, bottom: 22 };
/** The page's words for terms. */
const WORDS: Readonly<Record<string, string>> = { reconstruction: "redraw", kl: "KL" };
/** So many points of the training curve at most: each the mean of its steps. */
const MOST = 300;

/** Draws how a run goes: its training loss, held-out terms with their values at the ends, and the baseline. */
export function drawCurves(canvas: HTMLCanvasElement, { losses, points, baseline, steps, other }: CurveScene): void {
  const { context, width, height } = sharp(canvas);
  if (losses.length === 0) return;
  const [soft, accent, warn] = [token("soft"), token("accent"), token("warn")];
  const names = [...new Set(points.flatMap(({ terms }) => Object.keys(terms)))].filter((name) => name !== "loss");
  const shown = names.length > 0 ? names : ["loss"];
  const running = means(losses);
  const last = Math.max(steps, losses.length);
  const values = points.flatMap(({ terms }) => shown.map((name) => terms[name]));
  const high = Math.max(
    baseline ?? 0,
    ...values,
    running[Math.min(running.length - 1, Math.floor(running.length / 20))]?.[1] ?? 1,
  );
  const low = Math.min(0, ...values);
  const x = (step: number) => PADDING.left + ((width - PADDING.left - PADDING.right) * step) / last;
  const y = (value: number) =>
    PADDING.top +
    (height - PADDING.top - PADDING.bottom) * (1 - (Math.min(value, high * 1.05) - low) / (high * 1.05 - low || 1));

  context.font = "11px system-ui, sans-serif";
  context.fillStyle = soft;
  context.textBaseline = "middle";
  context.lineWidth = 1;
  for (const tick of ticks(low, high)) {
    context.strokeStyle = token("line");
    line(context, [
      [PADDING.left, y(tick)],
      [width - PADDING.right, y(tick)],
    ]);
    context.textAlign = "right";
    context.fillText(tick.toLocaleString(), PADDING.left - 6, y(tick));
  }
  for (const part of [0, 0.5, 1]) {
    // The last ends with the axis: behind it stand other words.
    context.textAlign = part === 1 ? "right" : "center";
    context.fillText(Math.round(last * part).toLocaleString(), x(last * part), height - 8);
  }
  const taken: number[] = [];
  const label = (text: string, name: string, at: number, colour: string) => {
    const free = taken.reduce((place, other) => (Math.abs(place - other) < 14 ? other + 14 : place), at);
    taken.push(free);
    context.textAlign = "left";
    context.fillStyle = token("ink");
    context.font = "600 12px system-ui, sans-serif";
    context.fillText(text, width - PADDING.right + 8, free);
    const wide = context.measureText(text).width;
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = colour;
    context.fillText(name, width - PADDING.right + 12 + wide, free);
  };
  if (baseline !== undefined) {
    context.strokeStyle = soft;
    context.setLineDash([3, 3]);
    line(context, [
      [PADDING.left, y(baseline)],
      [width - PADDING.right, y(baseline)],
    ]);
    context.setLineDash([]);
    label("", "mean picture", y(baseline), soft);
  }
  context.strokeStyle = accent;
  context.globalAlpha = 0.45;
  line(
    context,
    running.map(([step, value]) => [x(step), y(value)]),
  );
  context.globalAlpha = 1;
  shown.forEach((name, k) => {
    const colour = [accent, warn, soft, token("good")][k % 4];
    if (other) {
      context.strokeStyle = colour;
      context.setLineDash([5, 4]);
      line(
        context,
        other.filter(({ terms }) => terms[name] !== undefined).map(({ step, terms }) => [x(step), y(terms[name])]),
      );
      context.setLineDash([]);
    }
    const own = points.filter(({ terms }) => Number.isFinite(terms[name]));
    context.fillStyle = colour;
    for (const { step, terms } of own) {
      context.beginPath();
      context.arc(x(step), y(terms[name]), 2.2, 0, 2 * Math.PI);
      context.fill();
    }
    context.strokeStyle = colour;
    context.lineWidth = 1.4;
    line(
      context,
      own.map(({ step, terms }) => [x(step), y(terms[name])]),
    );
    const end = own.at(-1);
    if (end)
      label(end.terms[name].toFixed(end.terms[name] < 10 ? 2 : 1), WORDS[name] ?? name, y(end.terms[name]), colour);
  });
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

/** Three to five round numbers between two. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 4 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step) * step;
  return Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, k) => first + k * step);
}
