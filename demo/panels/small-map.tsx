import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { drawMap, toScreen, type View } from "../drawing/map.ts";
import { examplesNamed, lookOf, nameOf } from "../lab/examples.ts";
import { classMeans } from "../lab/nearness.ts";
import type { Sheet } from "../lab/state.ts";
import { farOf, farthestOf } from "./map-view.ts";
import { useSize } from "./use-size.ts";

interface SmallMapProps {
  /** The data whose held-out examples lie there. */
  readonly data: string;
  /** [count, 2] */
  readonly places: Float32Array | undefined;
  /** The example that is marked, and what marks one. */
  readonly marked?: number;
  readonly mark?: (index: number | undefined) => void;
  /** What is decoded behind it. */
  readonly sheet?: Sheet;
  readonly label?: string;
  readonly class?: string;
}

/** A press or a pointer so near to a dot means it, CSS pixels. */
const NEAR = 12;

/** A map of codes to look at. */
export function SmallMap({ data, places, marked, mark, sheet, label, class: name = "" }: SmallMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, height] = useSize(canvas);
  const seen = examplesNamed(data);
  const large = name !== "";
  // One that is looked at closely shows every dot; a small one lets the farthest go.
  const far = useMemo(() => (places ? (large ? farthestOf(places) : farOf(places)) : 3), [places, large]);
  const means = useMemo(
    () => (places && large ? classMeans(places, seen.labels, 2, seen.classes.length) : []),
    [places, large, seen],
  );
  const view: View = { x: 0, y: 0, scale: Math.min(width, height) / 2 / Math.max(3, 1.1 * far) };
  // With the words beside it, not a frame later.
  useLayoutEffect(() => {
    if (!canvas.current) return;
    const held = places && marked !== undefined ? ([places[2 * marked], places[2 * marked + 1]] as const) : undefined;
    drawMap(canvas.current, view, {
      places,
      labels: seen.labels,
      slots: seen.slots,
      names: seen.classes,
      look: lookOf(seen),
      only: new Set(),
      means: means.map((mean) => mean && ([mean[0], mean[1]] as const)),
      ends: [],
      radius: large ? undefined : 1,
      sheet,
      ...(held && { held }),
    });
  });
  const point = ({ offsetX, offsetY }: { offsetX: number; offsetY: number }) => {
    let [best, least] = [undefined as number | undefined, NEAR];
    for (let k = 0; places && k < places.length / 2; k++) {
      const [x, y] = toScreen(view, width, height, places[2 * k], places[2 * k + 1]);
      const distance = Math.hypot(x - offsetX, y - offsetY);
      if (distance < least) [best, least] = [k, distance];
    }
    mark?.(best);
  };
  /** Arrows go from one example to the next, Escape lets it go. */
  const key = (event: KeyboardEvent) => {
    const count = places ? places.length / 2 : 0;
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") mark?.(undefined);
    else if (by && count > 0) mark?.(((marked ?? (by > 0 ? -1 : 0)) + by + count) % count);
    else return;
    event.preventDefault();
  };
  const marks = mark && places;
  return (
    <canvas
      ref={canvas}
      class={`small-map ${name}`}
      role={marks ? "application" : "img"}
      aria-label={marked === undefined ? label : `${label}, ${nameOf(seen, marked)} is marked`}
      aria-hidden={label ? undefined : true}
      tabIndex={marks ? 0 : undefined}
      onKeyDown={marks && key}
      onPointerMove={mark && point}
      onPointerDown={mark && point}
    />
  );
}
