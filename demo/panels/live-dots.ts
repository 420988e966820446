import { useEffect, useRef } from "preact/hooks";
import type { ScatterSight } from "../../src/worker/index.ts";
import { calm, rgbaOf } from "../drawing/colours.ts";
import { hasRim, RIM, radiusOf, rimColour, type View } from "../drawing/map.ts";
import { examples } from "../lab/examples.ts";
import { liveMap, paletteOf, startLiveMap, wanted } from "../lab/live-map.ts";
import { answers } from "../lab/state.ts";
import { GLIDE_MILLISECONDS } from "./map-ground.ts";

/** The map's dots on a canvas that the worker draws, a new one for each run; `drawn` while that is so. */
export function useLiveDots(view: View, width: number, height: number, only: ReadonlySet<number>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const told = useRef("");
  const model = answers.value;
  const generation = useRef({ model, key: 0 });
  if (generation.current.model !== model) generation.current = { model, key: generation.current.key + 1 };
  const able = wanted.value && model?.scatter !== undefined;
  const live = liveMap.value?.of === model ? liveMap.value : undefined;

  const sight = able ? sightOf(view, width, height, only) : undefined;
  useEffect(() => {
    told.current = "";
    return model && canvas.current && sight ? startLiveMap(canvas.current, model, sight) : undefined;
  }, [model]);
  useEffect(() => {
    if (!live || !sight) return;
    const text = JSON.stringify(sight);
    if (text === told.current) return;
    told.current = text;
    void live.scatter.show(sight).catch(() => {}); // its run has gone
  });
  return { canvas, key: generation.current.key, able, drawn: live !== undefined };
}

/** How the worker is to draw what the map shows. */
function sightOf(view: View, width: number, height: number, only: ReadonlySet<number>): ScatterSight {
  const ratio = globalThis.devicePixelRatio || 1;
  const radius = radiusOf(examples.value.count);
  return {
    middle: [view.x, view.y],
    scale: view.scale * ratio,
    radius: radius * ratio,
    rim: hasRim(radius) ? RIM * ratio : 0,
    rimColour: rgbaOf(rimColour()),
    palette: paletteOf(only),
    width: Math.max(1, Math.round(width * ratio)),
    height: Math.max(1, Math.round(height * ratio)),
    glideMilliseconds: calm() ? 0 : GLIDE_MILLISECONDS,
  };
}
