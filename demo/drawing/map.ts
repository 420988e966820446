import { apart } from "./apart.ts";
import { sharp } from "./canvas.ts";
import { classColour, isDark, luminanceOf, rgbaOf, token } from "./colours.ts";
import { drawCells, type Frame, fitsDiscs } from "./dots.ts";
import { type Cloud, drawCloud, magnification } from "./lens.ts";
import { extentOf, INK, imageOf, type Look, pageInk } from "./picture.ts";

/** What part of the plane the map shows: its middle, and CSS pixels a unit. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** What the classes of examples look like. */
interface Classes {
  /** The class of each example, and what each class looks like. */
  readonly labels: ArrayLike<number>;
  readonly slots: readonly number[];
  readonly names: readonly string[];
  readonly look: Look;
  /** The classes that are shown; all where none is named. */
  readonly only: ReadonlySet<number>;
  /** [count, 2] */
  readonly places?: Float32Array;
  /** Held-out pictures, to be shown instead of dots. */
  readonly thumbnails?: Float32Array;
}

/** The lower part of a map. */
export interface Ground extends Classes {
  readonly sheet?: {
    readonly pictures: Float32Array;
    readonly columns: number;
    readonly reach: readonly [number, number];
  };
  /** Of a dot, CSS pixels. */
  readonly radius?: number;
  /** The dots are drawn on a canvas of their own. */
  readonly dotsElsewhere?: boolean;
}

/** The upper part of a map, which stands on the dots. */
export interface Marks extends Classes {
  readonly means: readonly (readonly [number, number] | undefined)[];
  readonly held?: readonly [number, number];
  readonly cloud?: Cloud;
  /** Room at the map's foot that is taken, in CSS pixels. */
  readonly foot?: number;
  readonly ends: readonly (readonly [number, number] | undefined)[];
  readonly cross?: readonly [number, number];
}

const THUMBNAIL = 24;
/** Width of the numeral of a class, CSS pixels. */
const BADGE = 24;

export const toScreen = ({ x, y, scale }: View, width: number, height: number, px: number, py: number) =>
  [width / 2 + (px - x) * scale, height / 2 - (py - y) * scale] as const;
export const toPlane = ({ x, y, scale }: View, width: number, height: number, sx: number, sy: number) =>
  [x + (sx - width / 2) / scale, y - (sy - height / 2) / scale] as const;

export const frameOf = (view: View, width: number, height: number): Frame => ({
  width,
  height,
  zero: toScreen(view, width, height, 0, 0),
  scale: view.scale,
});

/** Pictures without a ground, each in the middle of a square, made once an ink. */
const sheets = new Map<number, WeakMap<Float32Array, OffscreenCanvas>>();
function sheetOf(pictures: Float32Array, columns: number, look: Look, ink: number): OffscreenCanvas {
  let known = sheets.get(ink);
  if (!known) sheets.set(ink, (known = new WeakMap()));
  let made = known.get(pictures);
  if (!made) {
    const image = imageOf(pictures, columns, look, ink);
    const [height, width] = extentOf(look);
    const [side, rows] = [Math.max(width, height), image.height / height];
    made = new OffscreenCanvas(columns * side, rows * side);
    const context = made.getContext("2d")!;
    const [right, down] = [side - width, side - height];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [x, y] = [Math.floor((column + 0.5) * right), Math.floor((row + 0.5) * down)];
        context.putImageData(image, x, y, column * width, row * height, width, height);
      }
    }
    known.set(pictures, made);
  }
  return made;
}

/** Draws a map on one canvas. */
export function drawMap(canvas: HTMLCanvasElement, view: View, scene: Ground & Marks): void {
  const on = sharp(canvas);
  paintGround(on, view, scene);
  paintMarks(on, view, scene);
}

/** Draws the lower part of a map: the sheet, the prior's circles, dots or pictures. */
export const drawGround = (canvas: HTMLCanvasElement, view: View, scene: Ground): void =>
  paintGround(sharp(canvas), view, scene);

/** Draws the upper part of a map, that stands on dots: numerals, the walk, and what is held. */
export const drawMarks = (canvas: HTMLCanvasElement, view: View, scene: Marks): void =>
  paintMarks(sharp(canvas), view, scene);

function paintGround({ context, width, height }: ReturnType<typeof sharp>, view: View, scene: Ground): void {
  const at = (x: number, y: number) => toScreen(view, width, height, x, y);

  if (scene.sheet) {
    const { pictures, columns, reach } = scene.sheet;
    const [left, top] = at(-reach[0], reach[1]);
    const [right, bottom] = at(reach[0], -reach[1]);
    context.globalAlpha = isDark() ? 0.4 : 0.27;
    context.imageSmoothingQuality = "high";
    context.drawImage(sheetOf(pictures, columns, scene.look, pageInk()), left, top, right - left, bottom - top);
    context.globalAlpha = 1;
  }
  // One, two and three standard deviations of the prior.
  context.strokeStyle = token("line");
  context.setLineDash([2, 4]);
  for (const radius of [1, 2, 3]) {
    const [x, y] = at(0, 0);
    context.beginPath();
    context.arc(x, y, radius * view.scale, 0, 2 * Math.PI);
    context.stroke();
  }
  context.setLineDash([]);

  if (scene.places) {
    if (scene.thumbnails) drawThumbnails(context, scene, at, width, height);
    else if (!scene.dotsElsewhere && fitsDiscs(scene.places.length / 2)) drawDiscs(context, scene, at);
    else if (!scene.dotsElsewhere) drawCells(context, { ...scene, places: scene.places }, frameOf(view, width, height));
  }
}

function paintMarks({ context, width, height }: ReturnType<typeof sharp>, view: View, scene: Marks): void {
  const at = (x: number, y: number) => toScreen(view, width, height, x, y);
  const [ink, ground] = [token("ink"), token("map")];
  const [a, b] = scene.ends;
  if (a && b) {
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(...at(...a));
    context.lineTo(...at(...b));
    context.stroke();
    context.setLineDash([]);
  }
  const ends = scene.ends.map((end) => end && at(...end));
  const numerals = scene.places && !scene.thumbnails ? numeralsOf(scene, at, ends) : [];
  const paintLabels = () => {
    for (const { label, place } of numerals) {
      badge(context, place, scene.names[label], ground, ink, classColour(scene.slots[label]));
    }
    ends.forEach((end, k) => {
      if (end) badge(context, end, "AB"[k], ink, ground, ink, 8);
    });
  };
  const { cloud } = scene;
  // An ellipse lies on the map, beneath what names things on it; a lens hangs above it.
  const onMap = cloud && magnification(cloud.ellipse, view.scale) === 1;
  if (!onMap) paintLabels();
  if (cloud) {
    const slotOf = (index: number) => scene.slots[scene.labels[index]];
    const { places } = scene;
    const labels = [...numerals.map(({ place }) => place), ...ends.filter((end) => end !== undefined)];
    drawCloud(context, cloud, { width, height, scale: view.scale, places, slotOf, labels, foot: scene.foot ?? 0, at });
  }
  if (onMap) paintLabels();
  if (scene.held) {
    const [x, y] = at(...scene.held);
    for (const [colour, lineWidth] of [
      [ground, 3.5],
      [ink, 1.5],
    ] as const) {
      for (const radius of [5, 10]) {
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.strokeStyle = colour;
        context.lineWidth = lineWidth;
        context.stroke();
      }
    }
  }
  if (scene.cross) {
    const [x, y] = at(...scene.cross);
    for (const [colour, lineWidth] of [
      [ground, 4],
      [ink, 1.5],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = lineWidth;
      context.beginPath();
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        context.moveTo(x + 5 * dx, y + 5 * dy);
        context.lineTo(x + 12 * dx, y + 12 * dy);
      }
      context.stroke();
    }
  }
}

/** Where the numerals of the shown classes stand: at their middles, as far as they hide neither each other nor the walk's ends. */
function numeralsOf({ means, only }: Marks, at: At, ends: readonly (readonly [number, number] | undefined)[]) {
  const numerals = means.flatMap((mean, label) =>
    mean && (only.size === 0 || only.has(label)) ? [{ label, place: at(...mean) }] : [],
  );
  const fixed = ends.filter((end) => end !== undefined);
  const places = apart(
    numerals.map(({ place }) => place),
    BADGE,
    fixed,
  );
  return numerals.map(({ label }, k) => ({ label, place: places[k] }));
}

/** Of dots: smaller where there are many. */
export const radiusOf = (count: number): number => (fitsDiscs(count) ? 2.3 : 0.75);
/** Width of a dot's rim; small dots have none. */
export const RIM = 0.6;
export const hasRim = (radius: number): boolean => radius > 1;
export const rimColour = (): string => (isDark() ? "rgb(255 255 255 / .5)" : "rgb(22 24 29 / .5)");

type At = (x: number, y: number) => readonly [number, number];

function drawDiscs(
  context: CanvasRenderingContext2D,
  { places, labels, slots, only, radius: wanted }: Ground,
  at: At,
): void {
  const count = places!.length / 2;
  const radius = wanted ?? radiusOf(count);
  const side = 2 * Math.ceil(radius + RIM);
  const discs = new Map<number, OffscreenCanvas>();
  for (let k = 0; k < count; k++) {
    const label = labels[k];
    let disc = discs.get(label);
    if (!disc) discs.set(label, (disc = discOf(classColour(slots[label]), radius, side)));
    const [x, y] = at(places![2 * k], places![2 * k + 1]);
    context.globalAlpha = only.size === 0 || only.has(label) ? 1 : 0.08;
    context.drawImage(disc, x - side / 2, y - side / 2, side, side);
  }
  context.globalAlpha = 1;
}

const drawnDiscs = new Map<string, OffscreenCanvas>();

/** A dot, drawn once: a frame copies it for each example. */
function discOf(colour: string, radius: number, side: number): OffscreenCanvas {
  const rim = hasRim(radius) ? rimColour() : "";
  const ratio = globalThis.devicePixelRatio || 1;
  const key = [colour, radius, rim, ratio].join();
  let disc = drawnDiscs.get(key);
  if (disc) return disc;
  const pixels = Math.ceil(side * ratio);
  disc = new OffscreenCanvas(pixels, pixels);
  const context = disc.getContext("2d")!;
  context.scale(pixels / side, pixels / side);
  context.beginPath();
  context.arc(side / 2, side / 2, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = RIM;
  context.strokeStyle = rim;
  if (rim) context.stroke();
  drawnDiscs.set(key, disc);
  return disc;
}

/** Held-out pictures on a grid, one a cell: those of the cell's first example. */
function drawThumbnails(
  context: CanvasRenderingContext2D,
  { places, labels, slots, only, thumbnails, look }: Ground,
  at: At,
  width: number,
  height: number,
): void {
  const taken = new Set<string>();
  context.imageSmoothingQuality = "high";
  for (let k = 0; k < places!.length / 2; k++) {
    if (only.size > 0 && !only.has(labels[k])) continue;
    const [x, y] = at(places![2 * k], places![2 * k + 1]);
    if (x < 0 || y < 0 || x > width || y > height) continue;
    const [column, row] = [Math.floor(x / THUMBNAIL), Math.floor(y / THUMBNAIL)];
    if (taken.has(`${column} ${row}`)) continue;
    taken.add(`${column} ${row}`);
    const colour = classColour(slots[labels[k]]);
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(column * THUMBNAIL + 1, row * THUMBNAIL + 1, THUMBNAIL - 2, THUMBNAIL - 2, 3);
    context.fill();
    context.drawImage(
      sheetOf(thumbnailOf(thumbnails!, k, look), 1, look, inkOn(colour)),
      column * THUMBNAIL + 2,
      row * THUMBNAIL + 2,
      THUMBNAIL - 4,
      THUMBNAIL - 4,
    );
  }
}

/** The ink that is read best on a colour, by the contrast of relative luminances (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). */
export function inkOn(colour: string): number {
  const luminance = luminanceOf(rgbaOf(colour));
  const [light, dark] = [INK.onDark, INK.onLight].map((ink) => luminanceOf([ink / 255, ink / 255, ink / 255]));
  return (light + 0.05) / (luminance + 0.05) > (luminance + 0.05) / (dark + 0.05) ? INK.onDark : INK.onLight;
}

const cut = new WeakMap<Float32Array, Map<number, Float32Array>>();
function thumbnailOf(thumbnails: Float32Array, index: number, { field }: Look): Float32Array {
  const size = field.shape.reduce((product, extent) => product * extent, 1);
  let known = cut.get(thumbnails);
  if (!known) cut.set(thumbnails, (known = new Map()));
  let one = known.get(index);
  if (!one) known.set(index, (one = thumbnails.slice(index * size, (index + 1) * size)));
  return one;
}

function badge(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  text: string,
  ground: string,
  ink: string,
  rim: string,
  radius = 11,
): void {
  context.font = `600 ${radius > 8 ? 13 : 10}px system-ui, sans-serif`;
  // A name of several letters makes it longer.
  const wide = Math.max(radius, context.measureText(text).width / 2 + 7);
  context.beginPath();
  context.roundRect(x - wide, y - radius, 2 * wide, 2 * radius, radius);
  context.fillStyle = ground;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = rim;
  context.stroke();
  context.fillStyle = ink;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y + 0.5);
}
