import type { Ellipse } from "../lab/plane.ts";
import { classColour, token } from "./colours.ts";

/** The cloud of one code on the map. */
export interface Cloud {
  /** Its mean, in the plane's units. */
  readonly x: number;
  readonly y: number;
  readonly ellipse: Ellipse;
  /** Codes drawn from it, [draws, 2]. */
  readonly draws?: Float32Array;
  /** Whose it is. */
  readonly name: string;
}

/** What lies around it. */
export interface Surroundings {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  /** [count, 2], in the plane's units, and the colour slot of each. */
  readonly places?: Float32Array;
  readonly slotOf: (index: number) => number | undefined;
  /** Where numerals and the walk's ends stand, on the screen. */
  readonly labels: readonly (readonly [number, number])[];
  /** Room at the map's foot that is taken, in CSS pixels. */
  readonly foot: number;
  readonly at: (x: number, y: number) => readonly [number, number];
}

/** The lens' radius, and its distance from the edges of the map. */
const [RADIUS, MARGIN] = [54, 14];
/** Where one standard deviation is so wide, CSS pixels, the ellipse stands on the map itself. */
const WIDE = 8;
/** How much larger the lens shows things, at least and at most. */
const [LEAST, MOST] = [4, 16];

/** How a cloud is shown: on the map itself where it is wide enough to be seen, else so many times larger in a lens. */
export function magnification({ a }: Ellipse, scale: number): number {
  const wide = a * scale;
  if (wide > WIDE) return 1;
  // Two standard deviations fill three quarters of the lens.
  return Math.max(LEAST, Math.min(MOST, Math.round((0.75 * RADIUS) / (2 * wide || 1))));
}

/** Draws the ellipses of one and two standard deviations: on the map, or in a lens in its emptiest corner. */
export function drawCloud(context: CanvasRenderingContext2D, cloud: Cloud, around: Surroundings): void {
  const times = magnification(cloud.ellipse, around.scale);
  const [x, y] = around.at(cloud.x, cloud.y);
  if (times === 1) {
    ellipses(context, x, y, cloud.ellipse, around.scale, true);
    for (let k = 0; cloud.draws && k < cloud.draws.length / 2; k++) {
      dot(context, ...around.at(cloud.draws[2 * k], cloud.draws[2 * k + 1]), 3, token("map"), token("ink"));
    }
    dot(context, x, y, 3, token("ink"));
    return;
  }
  const corner = emptiestCorner(around, x, y);
  const [left, top] = corner;
  const [ink, ground] = [token("ink"), token("map")];
  ties(context, [x, y], [left, top], ink);
  ring(context, x, y, 6, ink, ground);

  context.save();
  context.beginPath();
  context.arc(left, top, RADIUS, 0, 2 * Math.PI);
  context.fillStyle = ground;
  context.fill();
  context.clip();
  const zoom = around.scale * times;
  const inLens = (px: number, py: number) => [left + (px - cloud.x) * zoom, top - (py - cloud.y) * zoom] as const;
  for (let k = 0; around.places && k < around.places.length / 2; k++) {
    const [dx, dy] = inLens(around.places[2 * k], around.places[2 * k + 1]);
    if (Math.hypot(dx - left, dy - top) > RADIUS + 5) continue;
    dot(context, dx, dy, 4, classColour(around.slotOf(k)));
  }
  ellipses(context, left, top, cloud.ellipse, zoom, false);
  for (let k = 0; cloud.draws && k < cloud.draws.length / 2; k++) {
    const [dx, dy] = inLens(cloud.draws[2 * k], cloud.draws[2 * k + 1]);
    dot(context, dx, dy, 3.5, ground, ink);
  }
  dot(context, left, top, 3.5, ink);
  context.restore();
  context.beginPath();
  context.arc(left, top, RADIUS, 0, 2 * Math.PI);
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.stroke();
  caption(context, cloud.name, `its cloud, ×${times}`, corner);
}

/** The room of a lens around its middle, CSS pixels; the words at it, whose lines between lens and place keep off there. */
const [BESIDE, WORDS, LINES] = [RADIUS + MARGIN, 110, 36];
/** What the page has at the head of the map, and at its right edge. */
const [HEAD, EDGE] = [78, 30];
/** Hiding a numeral is as bad as hiding so many dots. */
const LABEL = 100;

/** The middle of a lens in a corner, and where its words stand: below it or above. */
type Corner = readonly [x: number, y: number, words: 1 | -1];

/** In the corners of a map: words at the edge, so that what ties the lens to its place does not cross them. */
function cornersOf({ width, height, foot }: Surroundings): Corner[] {
  const [left, right] = [BESIDE, width - BESIDE - EDGE];
  const [top, bottom] = [HEAD + LINES + BESIDE, height - foot - LINES - BESIDE];
  return [
    [right, bottom, 1],
    [left, bottom, 1],
    [left, top, -1],
    [right, top, -1],
  ];
}

/** How many dots, and what is worth as many, a lens and its words would hide. */
function hiddenAt({ places, labels, at }: Surroundings, [cx, cy, words]: Corner): number {
  const hides = (x: number, y: number) => {
    const beyond = words * (y - cy) - RADIUS;
    return Math.hypot(x - cx, y - cy) < BESIDE || (Math.abs(x - cx) < WORDS / 2 && beyond > 0 && beyond < LINES);
  };
  let hidden = LABEL * labels.filter(([x, y]) => hides(x, y)).length;
  for (let k = 0; places && k < places.length / 2; k++) {
    if (hides(...at(places[2 * k], places[2 * k + 1]))) hidden++;
  }
  return hidden;
}

let known: { readonly places: Float32Array | undefined; readonly key: string; readonly hidden: readonly number[] };

/** The corner in which a lens hides least, as its middle there; never that where the cloud itself is. */
function emptiestCorner(around: Surroundings, x: number, y: number): Corner {
  const corners = cornersOf(around);
  const { places, labels, width, height, foot } = around;
  // While somebody points, nothing of this changes: the dots are not counted at each move.
  const key = JSON.stringify([around.at(0, 0), around.at(1, 1), width, height, foot, labels]);
  if (known?.places !== places || known.key !== key) {
    known = { places, key, hidden: corners.map((corner) => hiddenAt(around, corner)) };
  }
  const costs = corners.map(([cx, cy], k) =>
    Math.hypot(cx - x, cy - y) < RADIUS + 24 ? Number.POSITIVE_INFINITY : known.hidden[k],
  );
  return corners[costs.indexOf(Math.min(...costs))];
}

/** The two lines from a place that touch the lens. */
function ties(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  [left, top]: readonly [number, number],
  ink: string,
): void {
  const distance = Math.hypot(left - x, top - y);
  if (distance <= RADIUS) return;
  const towards = Math.atan2(top - y, left - x);
  const turn = Math.asin(RADIUS / distance);
  const long = Math.sqrt(distance ** 2 - RADIUS ** 2);
  context.strokeStyle = ink;
  context.lineWidth = 1;
  for (const angle of [towards - turn, towards + turn]) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + long * Math.cos(angle), y + long * Math.sin(angle));
    context.stroke();
  }
}

/** One and two standard deviations, at true shape; with a halo where dots lie beneath. */
function ellipses(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  { a, b, angle }: Ellipse,
  scale: number,
  halo: boolean,
): void {
  for (const times of [2, 1]) {
    context.beginPath();
    context.ellipse(x, y, Math.max(0.5, a * scale * times), Math.max(0.5, b * scale * times), -angle, 0, 2 * Math.PI);
    if (halo) {
      context.strokeStyle = token("map");
      context.lineWidth = 4;
      context.stroke();
    }
    context.globalAlpha = 0.1;
    context.fillStyle = token("ink");
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = token("ink");
    context.lineWidth = 1.5;
    context.stroke();
  }
}

function dot(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  fill: string,
  rim?: string,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  if (!rim) return;
  context.strokeStyle = rim;
  context.lineWidth = 1.5;
  context.stroke();
}

function ring(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  ink: string,
  ground: string,
): void {
  for (const [colour, width] of [
    [ground, 4],
    [ink, 1.5],
  ] as const) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}

function caption(context: CanvasRenderingContext2D, name: string, words: string, [left, top, side]: Corner): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  const [middle, most] = [top + side * (RADIUS + 22), 2 * BESIDE];
  for (const [text, dy, font] of [
    [name, -8, "600 12px system-ui, sans-serif"],
    [words, 8, "12px system-ui, sans-serif"],
  ] as const) {
    context.font = font;
    context.strokeStyle = token("map");
    context.lineWidth = 4;
    context.strokeText(text, left, middle + dy, most);
    context.fillStyle = token("ink");
    context.fillText(text, left, middle + dy, most);
  }
}
