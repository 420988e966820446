import { type Ceilings, type KernelResult, keyOf } from "../bench/report.ts";
import { formatGiga, formatPercent } from "./bench-text.ts";
import { escapeHtml } from "./html-text.ts";

/** One kernel in the plot. */
export interface RooflinePoint {
  /** What stands beside the point: its number in the table. */
  readonly label: string;
  /** Shown when the pointer rests on it. */
  readonly title: string;
  /** FLOP a byte. */
  readonly intensity: number;
  readonly flopsPerSecond: number;
}

const WIDTH = 860;
const HEIGHT = 460;
const BOX = { left: 64, right: 840, top: 16, bottom: 404 };

/** The kernels that were timed and compute something, numbered as they stand in the table. */
export function rooflinePoints(kernels: readonly KernelResult[]): RooflinePoint[] {
  return kernels.flatMap(({ time, flops, bytes, ...named }, index) => {
    if (!time || flops === 0 || bytes === 0) return [];
    const title = `${keyOf(named)}: ${formatGiga(time.flopsPerSecond)} GFLOP/s, ${formatPercent(time.roofline)} of the roofline`;
    return [{ label: String(index + 1), title, intensity: flops / bytes, flopsPerSecond: time.flopsPerSecond }];
  });
}

/**
 * The roofline plot (Williams, Waterman, Patterson 2009) as an inline SVG: operations a second against operations a byte,
 * both by powers of ten or two, under the two ceilings. Colours are those of the page's style sheet.
 */
export function rooflineSvg(points: readonly RooflinePoint[], { flopsPerSecond, bytesPerSecond }: Ceilings): string {
  const [arithmetic, bandwidth] = [flopsPerSecond.median, bytesPerSecond.median];
  const ridge = arithmetic / bandwidth;
  const x = logAxis([ridge / 8, ridge * 8, ...points.map(({ intensity }) => intensity)], 2, BOX.left, BOX.right);
  const rates = points.map((point) => point.flopsPerSecond);
  const y = logAxis([arithmetic, bandwidth * x.min, ...rates], 10, BOX.bottom, BOX.top);
  const roof = [
    [x.min, bandwidth * x.min],
    [ridge, arithmetic],
    [x.max, arithmetic],
  ];
  const path = roof.map(([intensity, rate]) => `${x.at(intensity)},${y.at(rate)}`).join(" ");
  const spots = points.map((point) => ({ ...point, x: x.at(point.intensity), y: y.at(point.flopsPerSecond) }));
  const ridgeX = Number(x.at(ridge));
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Roofline plot: ${points.length} kernels under ${formatGiga(arithmetic)} GFLOP/s and ${formatGiga(bandwidth)} GB/s">
${x.ticks.map(({ at, text }) => `<path class="grid" d="M${at} ${BOX.top}V${BOX.bottom}"/><text x="${at}" y="${BOX.bottom + 20}" text-anchor="middle">${text}</text>`).join("\n")}
${y.ticks.map(({ at, text }) => `<path class="grid" d="M${BOX.left} ${at}H${BOX.right}"/><text x="${BOX.left - 9}" y="${Number(at) + 4}" text-anchor="end">${text}</text>`).join("\n")}
<text x="${(BOX.left + BOX.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">FLOP a byte</text>
<text transform="translate(16 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)" text-anchor="middle">GFLOP/s</text>
<polyline class="roof" points="${path}"/>
<text class="ceiling" x="${BOX.right - 6}" y="${Number(y.at(arithmetic)) - 8}" text-anchor="end">multiply-add ${formatGiga(arithmetic)} GFLOP/s</text>
<text class="ceiling" x="${ridgeX - 14}" y="${Number(y.at(arithmetic)) + 4}" text-anchor="end">copy ${formatGiga(bandwidth)} GB/s</text>
${placeLabels(spots).map(drawPoint).join("\n")}
</svg>`;
}

interface Spot extends RooflinePoint {
  readonly x: string;
  readonly y: string;
}

interface Placed extends Spot {
  readonly labelX: number;
  readonly labelY: number;
}

const drawPoint = ({ label, title, x, y, labelX, labelY }: Placed): string =>
  `<g><title>${escapeHtml(title)}</title><path class="leader" d="M${x} ${y}L${labelX} ${labelY}"/>` +
  `<circle cx="${x}" cy="${y}" r="4"/><text class="number" x="${labelX}" y="${labelY + 4}" text-anchor="middle">${escapeHtml(label)}</text></g>`;

/** Room that a label takes, half of it in each direction. */
const LABEL = { x: 11, y: 9 };

/** Gives each point's label the nearest free place around it: kernels of one family lie close together. */
function placeLabels(spots: readonly Spot[]): Placed[] {
  const taken = spots.map((spot) => ({ x: Number(spot.x), y: Number(spot.y), half: 5 }));
  return spots.map((spot) => {
    const [x, y] = [Number(spot.x), Number(spot.y)];
    const free = candidatesAround(x, y).find(
      (place) =>
        place.x > BOX.left + LABEL.x &&
        place.x < BOX.right - LABEL.x &&
        place.y > BOX.top &&
        place.y < BOX.bottom - LABEL.y &&
        taken.every((other) => {
          const label = other.half === 5 ? { x: 5, y: 5 } : LABEL;
          return Math.abs(other.x - place.x) >= LABEL.x + label.x || Math.abs(other.y - place.y) >= LABEL.y + label.y;
        }),
    ) ?? { x, y: y - 16 };
    taken.push({ ...free, half: 0 });
    return { ...spot, labelX: round(free.x), labelY: round(free.y) };
  });
}

function candidatesAround(x: number, y: number): { x: number; y: number }[] {
  return [18, 30, 44, 60, 80, 104].flatMap((radius) =>
    Array.from({ length: 16 }, (_, k) => {
      const angle = -Math.PI / 2 + ((k % 2 === 0 ? k : -k - 1) / 2) * (Math.PI / 8);
      return { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) };
    }),
  );
}

interface LogAxis {
  readonly min: number;
  readonly max: number;
  /** Pixels, as text. */
  at(value: number): string;
  readonly ticks: readonly { readonly at: string; readonly text: string }[];
}

/** An axis over whole powers of `base`, with at most some ten ticks; values of the y axis are shown in billions. */
function logAxis(values: readonly number[], base: number, from: number, to: number): LogAxis {
  const logs = values.map((value) => Math.log(value) / Math.log(base));
  const [low, high] = [Math.floor(Math.min(...logs) - 1e-9), Math.ceil(Math.max(...logs) + 0.2)];
  const at = (value: number) =>
    (from + ((Math.log(value) / Math.log(base) - low) / (high - low)) * (to - from)).toFixed(1);
  const every = Math.ceil((high - low) / 10);
  const ticks = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, k) => base ** (low + k * every));
  const text = (value: number) => (base === 10 ? formatPower(value / 1e9) : formatPower(value));
  return {
    min: base ** low,
    max: base ** high,
    at,
    ticks: ticks.map((value) => ({ at: at(value), text: text(value) })),
  };
}

/** Powers of ten and two as people write them: 0.01, 1/8, 64. */
function formatPower(value: number): string {
  const inverse = Math.round(1 / value);
  if (value < 1 && Number.isInteger(Math.log2(inverse))) return `1/${inverse}`;
  return value >= 1 ? String(Math.round(value)) : String(Number(value.toPrecision(1)));
}

const round = (value: number): number => Math.round(value * 10) / 10;
