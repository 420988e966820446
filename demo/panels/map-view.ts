import { useRef } from "preact/hooks";
import { type DotGrid, dotGrid } from "../drawing/dot-grid.ts";
import { frameOf, type View } from "../drawing/map.ts";
import { phase, places, pointed } from "../lab/state.ts";

/** The map shows this much around the middle at least: nearly all of a standard normal prior. */
const LEAST_REACH = 3;

/**
 * How far the map reaches from its middle. It follows the codes outward at once, inward only where half of it is empty, and
 * never while somebody points.
 */
export function useExtent(): number {
  const extent = useRef(LEAST_REACH);
  const now = places.value;
  if (now && (!pointed.value || extent.current === LEAST_REACH)) {
    const far = Math.max(LEAST_REACH, 1.1 * farOf(now));
    // A run that has ended moves no more: then the frame fits it.
    const empty = phase.value === "done" ? 0.9 : 0.6;
    if (Number.isFinite(far) && (far > extent.current || far < empty * extent.current)) extent.current = far;
  }
  return extent.current;
}

const fars = new WeakMap<Float32Array, number>();

/** How far from the middle nearly all of some places lie: [count, 2] */
export function farOf(places: Float32Array): number {
  let far = fars.get(places);
  if (far === undefined) {
    far = Float32Array.from(places, Math.abs).sort()[Math.floor(0.98 * (places.length - 1))];
    fars.set(places, far);
  }
  return far;
}

/** How far from the middle the farthest of some places lies, in either direction: [count, 2] */
export function farthestOf(places: Float32Array): number {
  let far = 0;
  for (const value of places) if (Math.abs(value) > far) far = Math.abs(value);
  return far;
}

let grid: { readonly of: Float32Array; readonly key: string; readonly dots: DotGrid } | undefined;

/** The dot at a place of the screen, if there is one. */
export function nearestDot(view: View, width: number, height: number, sx: number, sy: number): number | undefined {
  const dots = places.value;
  if (!dots) return undefined;
  const frame = frameOf(view, width, height);
  const key = JSON.stringify(frame);
  if (grid?.of !== dots || grid.key !== key) grid = { of: dots, key, dots: dotGrid(dots, frame) };
  return grid.dots.nearest(sx, sy);
}
