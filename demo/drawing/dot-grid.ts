import type { Frame } from "./dots.ts";

/** A press so near to a dot takes its example, CSS pixels; the width of a cell, too. */
const NEAR = 8;

/** Dots of a map by cells: what lies near a place is found in nine of them, however many dots there are. */
export interface DotGrid {
  /** The dots of the nine cells around a place of the screen. */
  around(sx: number, sy: number): number[];
  /** The dot at a place of the screen, if there is one. */
  nearest(sx: number, sy: number): number | undefined;
}

/** places: [count, 2] */
export function dotGrid(places: Float32Array, { width, height, zero, scale }: Frame): DotGrid {
  const [columns, rows] = [Math.ceil(width / NEAR), Math.ceil(height / NEAR)];
  const onScreen = (k: number) => [zero[0] + places[2 * k] * scale, zero[1] - places[2 * k + 1] * scale] as const;
  const cells = new Map<number, number[]>();
  for (let k = 0; k < places.length / 2; k++) {
    const [x, y] = onScreen(k);
    const [column, row] = [Math.floor(x / NEAR), Math.floor(y / NEAR)];
    if (!(column >= -1 && row >= -1 && column <= columns && row <= rows)) continue; // NaN, too
    const cell = row * (columns + 2) + column;
    const dots = cells.get(cell);
    if (dots) dots.push(k);
    else cells.set(cell, [k]);
  }
  const around = (sx: number, sy: number) => {
    const [column, row] = [Math.floor(sx / NEAR), Math.floor(sy / NEAR)];
    return [-1, 0, 1].flatMap((down) =>
      [-1, 0, 1].flatMap((right) => cells.get((row + down) * (columns + 2) + column + right) ?? []),
    );
  };
  return {
    around,
    nearest: (sx, sy) => {
      let [best, least] = [undefined as number | undefined, NEAR];
      for (const k of around(sx, sy)) {
        const [x, y] = onScreen(k);
        const distance = Math.hypot(x - sx, y - sy);
        if (distance < least) [best, least] = [k, distance];
      }
      return best;
    },
  };
}
