import { classColour, rgbaOf } from "./colours.ts";

/** So many dots are drawn one by one; more lie in the cells of one picture, so that a frame is as many calls at any count. */
const MOST_DISCS = 20_000;
/** Of more than this, a cell is the stronger the more dots lie in it. */
const MOST_DOTS = 100_000;
/** Of a cell, CSS pixels: what a small dot takes. */
const CELL = 1.5;
/** The least strength of a cell with a dot in it. */
const FAINTEST = 0.25;

/** Whether so many examples are shown as dots at all, and not as how dense they lie. */
export const areDots = (count: number): boolean => count <= MOST_DOTS;
export const fitsDiscs = (count: number): boolean => count <= MOST_DISCS;

/** Colours of classes, and the one of those without a colour of their own. */
const COLOURS = 11;
const NONE = COLOURS - 1;

/** How many dots lie in each cell of a map, and in which colour most of them are, 0 to 10. */
export interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** [rows, columns] */
  readonly counts: Uint32Array;
  readonly leading: Uint8Array;
}

export interface Dots {
  /** [count, 2] */
  readonly places: Float32Array;
  /** The class of each, and the colour of each class: 0 to 9, and −1 for those that have none of their own. */
  readonly labels: ArrayLike<number>;
  readonly slots: readonly number[];
  /** The classes that are shown; all where none is named. */
  readonly only: ReadonlySet<number>;
}

/** Where the plane's zero is on the map, and CSS pixels a unit; its second coordinate goes up. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly zero: readonly [x: number, y: number];
  readonly scale: number;
}

/** Votes of the cells for their colour: memory that every frame uses anew. */
let votes = new Uint32Array();

export function cellsOf({ places, labels, slots, only }: Dots, { width, height, zero, scale }: Frame): Cells {
  const [columns, rows] = [Math.ceil(width / CELL), Math.ceil(height / CELL)];
  const counts = new Uint32Array(columns * rows);
  const leading = new Uint8Array(columns * rows);
  const needed = columns * rows * COLOURS;
  if (votes.length < needed) votes = new Uint32Array(needed);
  else votes.fill(0, 0, needed);
  const colours = slots.map((slot) => (slot < 0 ? NONE : slot));
  for (let k = 0; k < places.length / 2; k++) {
    const label = labels[k];
    if (only.size > 0 && !only.has(label)) continue;
    const column = Math.floor((zero[0] + places[2 * k] * scale) / CELL);
    const row = Math.floor((zero[1] - places[2 * k + 1] * scale) / CELL);
    if (!(column >= 0 && row >= 0 && column < columns && row < rows)) continue; // NaN, too
    const cell = row * columns + column;
    counts[cell]++;
    const colour = colours[label] ?? NONE;
    if (++votes[cell * COLOURS + colour] > votes[cell * COLOURS + leading[cell]]) leading[cell] = colour;
  }
  return { columns, rows, counts, leading };
}

/**
 * Cells as a picture, [rows, columns] of red, green, blue and strength: in their leading colour, and, where they
 * are `dense`, the stronger the more dots lie in them, by the logarithm.
 */
export function pictureOf(
  { counts, leading }: Cells,
  colours: readonly (readonly number[])[],
  dense: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(4 * counts.length);
  const most = Math.log(counts.reduce((most, count) => Math.max(most, count), 1));
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell] === 0) continue;
    const [r, g, b] = colours[leading[cell]];
    const part = dense && most > 0 ? FAINTEST + (1 - FAINTEST) * (Math.log(counts[cell]) / most) : 1;
    bytes.set([255 * r, 255 * g, 255 * b, 255 * part], 4 * cell);
  }
  return bytes;
}

/** Draws very many dots: one picture, whatever their count. */
export function drawCells(context: CanvasRenderingContext2D, dots: Dots, frame: Frame): void {
  const cells = cellsOf(dots, frame);
  const { columns, rows } = cells;
  if (columns === 0 || rows === 0) return;
  const colours = Array.from({ length: COLOURS }, (_, slot) => rgbaOf(classColour(slot === NONE ? -1 : slot)));
  const bytes = pictureOf(cells, colours, !areDots(dots.places.length / 2));
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext("2d")!.putImageData(new ImageData(bytes, columns, rows), 0, 0);
  context.drawImage(canvas, 0, 0, CELL * columns, CELL * rows);
}
