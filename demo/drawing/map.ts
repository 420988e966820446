import { apart } from "./apart.ts";
import { sharp } from "./canvas.ts";
import { classColour, isDark, token } from "./colours.ts";
import { drawCells, type Frame, fitsDiscs } from "./dots.ts";
import { type Cloud, drawCloud } from "./lens.ts";
import { imageOf, type Look } from "./picture.ts";

/** What part of the plane the map shows: its middle, and CSS pixels a unit. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface MapScene {
  /** [count, 2] */
  readonly places?: Float32Array;
  /** The class of each example, and what each class looks like. */
  readonly labels: ArrayLike<number>;
  readonly slots: readonly number[];
  readonly names: readonly string[];
  readonly look: Look;
  readonly sheet?: {
    readonly pictures: Float32Array;
    readonly columns: number;
    readonly reach: readonly [number, number];
  };
  /** Held-out pictures, to be shown instead of dots. */
  readonly thumbnails?: Float32Array;
  /** The classes that are shown; all where none is named. */
  readonly only: ReadonlySet<number>;
  readonly means: readonly (readonly [number, number] | undefined)[];
  readonly held?: readonly [number, number];
  readonly cloud?: Cloud;
  /** Room at the map's foot that is taken, in CSS pixels. */
  readonly foot?: number;
  readonly ends: readonly (readonly [number, number] | undefined)[];
  readonly cross?: readonly [number, number];
  /** Of a dot, CSS pixels. */
  readonly radius?: number;
  /** The dots are drawn on a canvas of their own. */
  readonly dotsElsewhere?: boolean;
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

/** The sheet of a model as a picture, made once. */
const sheets = {
  light: new WeakMap<Float32Array, OffscreenCanvas>(),
  dark: new WeakMap<Float32Array, OffscreenCanvas>(),
};
function sheetOf(pictures: Float32Array, columns: number, look: Look): OffscreenCanvas {
  const known = sheets[isDark() ? "dark" : "light"];
  let made = known.get(pictures);
  if (!made) {
    const image = imageOf(pictures, columns, look, true);
    made = new OffscreenCanvas(image.width, image.height);
    made.getContext("2d")!.putImageData(image, 0, 0);
    known.set(pictures, made);
  }
  return made;
}

/** Draws a map on one canvas. */
export function drawMap(canvas: HTMLCanvasElement, view: View, scene: MapScene): void {
  const on = sharp(canvas);
  paintGround(on, view, scene);
  paintMarks(on, view, scene);
}

/** Draws the lower part of a map: the sheet, the prior's circles, dots or pictures. */
export const drawGround = (canvas: HTMLCanvasElement, view: View, scene: MapScene): void =>
  paintGround(sharp(canvas), view, scene);

/** Draws the upper part of a map, that stands on dots: numerals, the walk, and what is held. */
export const drawMarks = (canvas: HTMLCanvasElement, view: View, scene: MapScene): void =>
  paintMarks(sharp(canvas), view, scene);

function paintGround({ context, width, height }: ReturnType<typeof sharp>, view: View, scene: MapScene): void {
  const at = (x: number, y: number) => toScreen(view, width, height, x, y);

  if (scene.sheet) {
    const { pictures, columns, reach } = scene.sheet;
    const [left, top] = at(-reach[0], reach[1]);
    const [right, bottom] = at(reach[0], -reach[1]);
    context.globalAlpha = isDark() ? 0.4 : 0.27;
    context.imageSmoothingQuality = "high";
    context.drawImage(sheetOf(pictures, columns, scene.look), left, top, right - left, bottom - top);
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

function paintMarks({ context, width, height }: ReturnType<typeof sharp>, view: View, scene: MapScene): void {
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
  if (scene.places && !scene.thumbnails) {
    const numerals = scene.means.flatMap((mean, label) =>
      mean && (scene.only.size === 0 || scene.only.has(label)) ? [{ label, place: at(...mean) }] : [],
    );
    const places = apart(
      numerals.map(({ place }) => place),
      BADGE,
    );
    for (const [k, { label }] of numerals.entries()) {
      badge(context, places[k], scene.names[label], ground, ink, classColour(scene.slots[label]));
    }
  }
  scene.ends.forEach((end, k) => {
    if (end) badge(context, at(...end), "AB"[k], ink, ground, ink, 8);
  });
  const { cloud } = scene;
  if (cloud) {
    const slotOf = (index: number) => scene.slots[scene.labels[index]];
    drawCloud(context, cloud, {
      width,
      height,
      scale: view.scale,
      places: scene.places,
      slotOf,
      foot: scene.foot ?? 0,
      at,
    });
  }
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

/** Of dots: smaller where there are many. */
export const radiusOf = (count: number): number => (fitsDiscs(count) ? 2.3 : 0.75);
/** Width of a dot's rim; small dots have none. */
export const RIM = 0.6;
export const hasRim = (radius: number): boolean => radius > 1;
export const rimColour = (): string => (isDark() ? "rgb(255 255 255 / .5)" : "rgb(22 24 29 / .5)");

type At = (x: number, y: number) => readonly [number, number];

function drawDiscs(
  context: CanvasRenderingContext2D,
  { places, labels, slots, only, radius: wanted }: MapScene,
  at: At,
): void {
  const count = places!.length / 2;
  const radius = wanted ?? radiusOf(count);
  context.lineWidth = RIM;
  context.strokeStyle = rimColour();
  for (let k = 0; k < count; k++) {
    const [x, y] = at(places![2 * k], places![2 * k + 1]);
    context.globalAlpha = only.size === 0 || only.has(labels[k]) ? 1 : 0.08;
    context.fillStyle = classColour(slots[labels[k]]);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    if (hasRim(radius)) context.stroke();
  }
  context.globalAlpha = 1;
}

/** Held-out pictures on a grid, one a cell: those of the cell's first example. */
function drawThumbnails(
  context: CanvasRenderingContext2D,
  { places, labels, slots, only, thumbnails, look }: MapScene,
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
    context.fillStyle = classColour(slots[labels[k]]);
    context.beginPath();
    context.roundRect(column * THUMBNAIL + 1, row * THUMBNAIL + 1, THUMBNAIL - 2, THUMBNAIL - 2, 3);
    context.fill();
    context.drawImage(
      sheetOf(thumbnailOf(thumbnails!, k, look), 1, look),
      column * THUMBNAIL + 2,
      row * THUMBNAIL + 2,
      THUMBNAIL - 4,
      THUMBNAIL - 4,
    );
  }
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
