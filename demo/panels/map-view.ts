import { useRef } from "preact/hooks";
import { toScreen, type View } from "../drawing/map.ts";
import { phase, places, pointed } from "../lab/state.ts";

/** A press so near to a dot takes its example, CSS pixels. */
const NEAR = 8;
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
    const far = Math.max(
      LEAST_REACH,
      1.1 * Float32Array.from(now, Math.abs).sort()[Math.floor(0.98 * (now.length - 1))],
    );
    if (Number.isFinite(far) && (far > extent.current || far < 0.6 * extent.current)) extent.current = far;
  }
  if (phase.value === "compiling") extent.current = LEAST_REACH;
  return extent.current;
}

/** The dot at a place of the screen, if there is one. */
export function nearestDot(view: View, width: number, height: number, sx: number, sy: number): number | undefined {
  const dots = places.value;
  let [best, least] = [undefined as number | undefined, NEAR];
  for (let k = 0; dots && k < dots.length / 2; k++) {
    const [x, y] = toScreen(view, width, height, dots[2 * k], dots[2 * k + 1]);
    const distance = Math.hypot(x - sx, y - sy);
    if (distance < least) [best, least] = [k, distance];
  }
  return best;
}
