import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { calm } from "../drawing/colours.ts";
import { drawGround, type Ground, type View } from "../drawing/map.ts";

/** What dots take from their old places to their new ones. */
export const GLIDE_MILLISECONDS = 400;

/**
 * Paints the lower part of the map where something that it shows has changed, and while its dots glide from where they were to
 * where they are: not when somebody points, which is above it.
 */
export function usePaintedGround(
  canvas: RefObject<HTMLCanvasElement | null>,
  view: View,
  width: number,
  height: number,
  ground: Ground,
): void {
  const glide = useRef({
    from: undefined as Float32Array | undefined,
    to: undefined as Float32Array | undefined,
    began: 0,
  });
  const { places, dotsElsewhere, labels, only, look, sheet, thumbnails } = ground;
  useEffect(() => {
    const state = glide.current;
    state.from = state.to && places?.length === state.to.length && !calm() && !dotsElsewhere ? state.to : undefined;
    state.to = places;
    state.began = performance.now();
  }, [places]);
  useEffect(() => {
    let frame = 0;
    const paint = () => {
      if (!canvas.current) return; // an effect or a frame may come when the map is gone, since another place is shown
      const { from, to, began } = glide.current;
      const part = from ? Math.min(1, (performance.now() - began) / GLIDE_MILLISECONDS) : 1;
      const eased = 1 - (1 - part) ** 3;
      const between = from && to && part < 1 ? to.map((value, k) => from[k] + eased * (value - from[k])) : to;
      drawGround(canvas.current, view, { ...ground, places: between });
      if (part < 1) frame = requestAnimationFrame(paint);
    };
    paint();
    return () => cancelAnimationFrame(frame);
  }, [places, dotsElsewhere, labels, only, look, sheet, thumbnails, view.x, view.y, view.scale, width, height]);
}
