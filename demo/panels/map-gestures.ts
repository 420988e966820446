import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { toPlane, toScreen, type View } from "../drawing/map.ts";

/** What can be taken hold of on the map: an end of the walk, or the ring of what is held. */
export type Handle = 0 | 1 | "ring";

/** A place of the canvas, CSS pixels. */
export type Spot = readonly [x: number, y: number];

export interface Gestures {
  readonly view: View;
  readonly width: number;
  readonly height: number;
  /** What lies where one presses. */
  handleAt(spot: Spot): Handle | undefined;
  drag(handle: Handle, spot: Spot): void;
  point(spot: Spot): void;
  leave(): void;
  keep(spot: Spot): void;
  /** A long press with a finger. */
  stay(spot: Spot): void;
  show(view: { readonly middle: Spot; readonly zoom: number }): void;
  readonly zoom: number;
}

/** The map shows so much more or less than all of it. */
export const [LEAST_ZOOM, MOST_ZOOM] = [0.3, 20];
export const withinZoom = (zoom: number): number => Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));

/** A finger that moves less than this, CSS pixels, stays; so long makes a press a long one. */
const [STILL, LONG_MILLISECONDS] = [8, 600];

/** Where two fingers take a view: what lay under their middle lies under it still, larger as they are farther apart. */
export function pinched(
  { view, width, height, zoom }: Pick<Gestures, "view" | "width" | "height" | "zoom">,
  before: readonly [Spot, Spot],
  now: readonly [Spot, Spot],
): { readonly middle: Spot; readonly zoom: number } {
  const middleOf = ([a, b]: readonly [Spot, Spot]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] as const;
  const spread = ([a, b]: readonly [Spot, Spot]) => Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1]));
  const next = withinZoom((zoom * spread(now)) / spread(before));
  const scale = (view.scale * next) / zoom;
  const [x, y] = toPlane(view, width, height, ...middleOf(before));
  const [sx, sy] = middleOf(now);
  return { zoom: next, middle: [x - (sx - width / 2) / scale, y + (sy - height / 2) / scale] };
}

/** Pointer and wheel on the map: pointing, keeping, dragging what can be dragged, panning, and two fingers. */
export function useGestures(ground: RefObject<HTMLElement | null>, gestures: Gestures) {
  const fingers = useRef(new Map<number, Spot>());
  const doing = useRef<{ kind: "press" | "pan" | "pinch" | "drag" | "over"; from: Spot; handle?: Handle } | undefined>(
    undefined,
  );
  const timer = useRef(0);
  const spaced = useRef(false);
  const now = useRef(gestures);
  now.current = gestures;
  useEffect(() => {
    const space = (event: KeyboardEvent) => {
      if (event.key === " ") spaced.current = event.type === "keydown";
    };
    // Not passive: the page itself must not grow.
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const { view, zoom, show } = now.current;
      show({ middle: [view.x, view.y], zoom: withinZoom(zoom * 1.002 ** -event.deltaY) });
    };
    const element = ground.current!;
    element.addEventListener("wheel", wheel, { passive: false });
    addEventListener("keydown", space);
    addEventListener("keyup", space);
    return () => {
      element.removeEventListener("wheel", wheel);
      removeEventListener("keydown", space);
      removeEventListener("keyup", space);
    };
  }, []);
  const spotOf = ({ offsetX, offsetY }: PointerEvent): Spot => [offsetX, offsetY];
  const end = (event: PointerEvent) => {
    clearTimeout(timer.current);
    fingers.current.delete(event.pointerId);
    const was = doing.current;
    // Of two fingers, the one that stays does nothing more.
    doing.current = was && fingers.current.size > 0 ? { ...was, kind: "over" } : undefined;
    return was;
  };
  return {
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      const spot = spotOf(event);
      fingers.current.set(event.pointerId, spot);
      clearTimeout(timer.current);
      if (fingers.current.size > 1) {
        doing.current = { kind: fingers.current.size === 2 ? "pinch" : "over", from: spot };
        gestures.leave();
        return;
      }
      const handle = gestures.handleAt(spot);
      const pan = event.button === 1 || event.shiftKey || spaced.current;
      doing.current = { kind: pan ? "pan" : handle === undefined ? "press" : "drag", from: spot, handle };
      if (doing.current.kind !== "press") return;
      gestures.point(spot);
      if (event.pointerType !== "touch") return;
      timer.current = window.setTimeout(() => {
        doing.current = { kind: "over", from: spot };
        now.current.stay(spot);
      }, LONG_MILLISECONDS);
    },
    onPointerMove: (event: PointerEvent) => {
      const spot = spotOf(event);
      const before = [...fingers.current.values()];
      if (fingers.current.has(event.pointerId)) fingers.current.set(event.pointerId, spot);
      const at = doing.current;
      if (at && Math.hypot(spot[0] - at.from[0], spot[1] - at.from[1]) > STILL) clearTimeout(timer.current);
      if (at?.kind === "over") return;
      if (at?.kind === "pinch") {
        const after = [...fingers.current.values()];
        gestures.show(pinched(gestures, [before[0], before[1]], [after[0], after[1]]));
      } else if (at?.kind === "pan") {
        const { view, zoom } = gestures;
        const [dx, dy] = [spot[0] - at.from[0], spot[1] - at.from[1]];
        gestures.show({ middle: [view.x - dx / view.scale, view.y + dy / view.scale], zoom });
        doing.current = { ...at, from: spot };
      } else if (at?.kind === "drag") gestures.drag(at.handle!, spot);
      else gestures.point(spot);
    },
    onPointerUp: (event: PointerEvent) => {
      if (end(event)?.kind === "press") gestures.keep(spotOf(event));
    },
    // The system took the pointer for something of its own: nothing is kept.
    onPointerCancel: (event: PointerEvent) => {
      end(event);
      gestures.leave();
    },
    onPointerLeave: () => {
      if (!doing.current) gestures.leave();
    },
  };
}

/** Whether two places of the canvas are so near that a press at one means the other. */
export const isNear = ([ax, ay]: Spot, [bx, by]: Spot, least: number): boolean => Math.hypot(ax - bx, ay - by) < least;

/** The place of the canvas of one of the plane. */
export const spotOfPlace = ({ view, width, height }: Pick<Gestures, "view" | "width" | "height">, place: Spot): Spot =>
  toScreen(view, width, height, ...place);
