import { useEffect, useRef, useState } from "preact/hooks";
import { classColour } from "../drawing/colours.ts";
import type { Cloud } from "../drawing/lens.ts";
import { drawMarks, toPlane, toScreen, type View } from "../drawing/map.ts";
import { drawPictures } from "../drawing/picture.ts";
import { takeBack } from "../lab/choose.ts";
import { embedded } from "../lab/embed.ts";
import { exampleName, examples, noun, shownLook } from "../lab/examples.ts";
import { walking } from "../lab/hand.ts";
import { alter, crowd, heldCode, hold, means, point, walkFrom } from "../lab/hold.ts";
import { paintAgain } from "../lab/look.ts";
import { stale, uses } from "../lab/model.ts";
import { dataRank, majority, nearestRows, rankWords } from "../lab/nearness.ts";
import { codeAt, ellipseOf, placesOf } from "../lab/plane.ts";
import {
  answers,
  codes,
  compiling,
  held,
  heldPicture,
  type MapPlace,
  phase,
  places,
  plane,
  pointed,
  posteriors,
  reach,
  running,
  samples,
  sheet,
  shown,
  walkEnds,
} from "../lab/state.ts";
import { Whole } from "./icons.tsx";
import { pressed } from "./key.ts";
import { useLiveDots } from "./live-dots.ts";
import { isNear, type Spot, spotOfPlace, useGestures, withinZoom } from "./map-gestures.ts";
import { usePaintedGround } from "./map-ground.ts";
import { type MapHand, mapKeys } from "./map-keys.ts";
import { nearestDot, useExtent } from "./map-view.ts";
import { useCovered } from "./notice.tsx";
import { Samples } from "./samples.tsx";
import { standingWords } from "./standing.ts";
import { useSize } from "./use-size.ts";
import { Walk } from "./walk.tsx";

/** So many classes have room beside the map. */
const MOST_CLASSES = 10;
/** All of the map. */
const ALL = { middle: [0, 0], zoom: 1 } as const;
/** What lies so near to a press, CSS pixels, is taken hold of. */
const HANDLE = 12;
/** Width of the loupe, and what the buttons take of the map's head, CSS pixels. */
const [LOUPE, HEAD] = [104, 52];
/** What the walk strip takes of the map's foot, CSS pixels. */
const STRIP = 72;

export function MapPanel() {
  const ground = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const loupe = useRef<HTMLCanvasElement>(null);
  const [zoom, setZoom] = useState(1);
  const [middle, setMiddle] = useState<readonly [number, number]>([0, 0]);
  const [pictures, setPictures] = useState(false);
  const [sheeted, setSheeted] = useState(true);
  const [only, setOnly] = useState<ReadonlySet<number>>(new Set());
  const extent = useExtent();
  const [width, height] = useSize(canvas);
  const covered = useCovered(ground);
  const scale = (Math.min(width, height) / 2 / extent) * zoom;
  const view: View = { x: middle[0], y: middle[1], scale };

  useEffect(() => {
    const [across, up] = [width / 2 / scale, height / 2 / scale];
    if (Math.abs(across - reach.value[0]) > 1e-6 || Math.abs(up - reach.value[1]) > 1e-6) reach.value = [across, up];
    if (answers.value) paintAgain(answers.value);
  }, [width, height, scale]);

  const standing = !embedded || embedded.has("train") ? standingWords() : undefined;
  const live = useLiveDots(view, width, height, only);

  const { labels, slots, classes: names, x: thumbnails } = examples.value;
  const code = heldCode.value;
  const at = code && code.length === plane.value.latent ? pair(placesOf(code, plane.value)) : undefined;
  const cloud = cloudNow();
  const behind = sheet.value;
  const ends = walkEnds.value.map((end) => (end ? pair(placesOf(end, plane.value)) : undefined));
  const numerals = means.value.map((mean) => (mean ? pair(placesOf(mean, plane.value)) : undefined));
  const classes = { labels, slots, names, look: shownLook.value, only };
  usePaintedGround(canvas, view, width, height, {
    ...classes,
    places: places.value,
    dotsElsewhere: live.drawn,
    sheet: sheeted ? behind : undefined,
    thumbnails: pictures ? thumbnails : undefined,
  });
  useEffect(() => {
    if (!marks.current) return; // the map is gone
    drawMarks(marks.current, view, {
      ...classes,
      places: places.value,
      thumbnails: pictures ? thumbnails : undefined,
      means: numerals,
      ...(cloud && { cloud, foot: Math.max(covered, walkEnds.value.some(Boolean) ? STRIP : 0) }),
      ...(at && !cloud && { held: at }),
      ends,
      ...(pointed.value && { cross: [pointed.value.x, pointed.value.y] as const }),
    });
  });
  useEffect(() => {
    const seen = pointed.value?.seen;
    if (loupe.current && seen) drawPictures(loupe.current, seen.picture, 1, shownLook.value);
  });

  const placeAt = ([x, y]: Spot) => toPlane(view, width, height, x, y);
  const leave = () => {
    pointed.value = undefined;
  };
  const keep = ([sx, sy]: Spot) => {
    const near = nearestDot(view, width, height, sx, sy);
    if (near !== undefined) hold({ kind: "example", index: near });
    else hold({ kind: "place", code: codeAt(...placeAt([sx, sy]), plane.value) });
  };
  const show = ({ middle, zoom }: { readonly middle: Spot; readonly zoom: number }) => {
    setZoom(withinZoom(zoom));
    setMiddle(middle);
  };
  const spotOf = (place: Spot) => spotOfPlace({ view, width, height }, place);
  const gestures = useGestures(ground, {
    view,
    width,
    height,
    zoom,
    show,
    keep,
    leave,
    point: (spot) => point(...placeAt(spot), nearestDot(view, width, height, ...spot)),
    handleAt: (spot) => {
      const end = ends.findLastIndex((place) => place && isNear(spotOf(place), spot, HANDLE));
      if (end >= 0) return end as 0 | 1;
      return at && isNear(spotOf(at), spot, HANDLE) ? "ring" : undefined;
    },
    // What is dragged keeps its part off the plane.
    drag: (handle, spot) => {
      const from = handle === "ring" ? code : walkEnds.value[handle];
      const moved = codeAt(...placeAt(spot), plane.value, from);
      if (handle === "ring") alter({ kind: "place", code: moved });
      else walkFrom(handle, moved);
    },
    // The first end, then the other.
    stay: (spot) => walkFrom(walkEnds.value[0] && !walkEnds.value[1] ? 1 : 0, codeAt(...placeAt(spot), plane.value)),
  });
  const key = (event: KeyboardEvent) => {
    const { x, y } = pointed.value ?? { x: 0, y: 0 };
    const hand: MapHand = {
      move: (right, up) => point(x + right, y + up),
      keep: () => keep(spotOf([x, y])),
      nearer,
      showAll: () => show(ALL),
      walkFrom: (end) => walkFrom(end, codeAt(x, y, plane.value)),
    };
    if (pressed(mapKeys, hand, event)) event.preventDefault();
  };
  const nearer = (times: number) => show({ middle, zoom: zoom * times });
  const mapped = uses.value.includes("encode") || uses.value.includes("decode");
  const cross = pointed.value;
  const [crossX, crossY] = cross ? toScreen(view, width, height, cross.x, cross.y) : [0, 0];
  // The loupe's words are of the place that its picture is of.
  const told = cross?.seen ?? cross;
  const rank = told && rankAt(told);

  return (
    <section class="map" aria-label="Map" style={{ "--covered": `${covered}px` }}>
      <div
        ref={ground}
        class="ground"
        role="application"
        aria-label="Map of codes"
        aria-describedby="map-help map-middles"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is what arrow keys work in
        tabIndex={0}
        hidden={!mapped}
        {...gestures}
        onKeyDown={key}
      >
        <canvas ref={canvas} />
        {live.able && <canvas key={live.key} ref={live.canvas} class="dots" hidden={!live.drawn || pictures} />}
        <canvas ref={marks} class="marks" />
      </div>
      <Samples hidden={mapped && samples.value === undefined} />
      <p id="map-help" class="hidden">
        {mapKeys.map(({ name, does }) => `${name} ${does}. `)}A question mark lists all keys.
      </p>
      <p id="map-middles" class="hidden">
        {middlesWords(examples.value.classes, numerals)}
      </p>
      <Spoken cross={cross} />
      <div class="tools">
        {uses.value.includes("encode") && (
          <fieldset class="pair" aria-label="Show examples as">
            <button type="button" aria-pressed={!pictures} onClick={() => setPictures(false)}>
              Dots
            </button>
            <button type="button" aria-pressed={pictures} onClick={() => setPictures(true)}>
              Pictures
            </button>
          </fieldset>
        )}
        {uses.value.includes("decode") && (
          <button type="button" aria-pressed={sheeted} onClick={() => setSheeted(!sheeted)}>
            Sheet
          </button>
        )}
        {standing && (
          <span class="flat">
            {standing}{" "}
            {stale.value && (
              <button type="button" class="link" onClick={takeBack}>
                Undo the changes
              </button>
            )}
          </span>
        )}
        {plane.value.latent > 2 && codes.value && (
          <span class="flat">{`A flat view of ${plane.value.latent} numbers: ${Math.round(100 * plane.value.share)} % of the spread. What it decodes is exact.`}</span>
        )}
      </div>
      <fieldset class="zoom" aria-label="Zoom" hidden={!mapped}>
        <button type="button" aria-label="Farther" onClick={() => nearer(1 / 1.25)}>
          −
        </button>
        <button type="button" aria-label="Nearer" onClick={() => nearer(1.25)}>
          +
        </button>
        <button type="button" aria-label="All of it" onClick={() => show(ALL)}>
          <Whole />
        </button>
      </fieldset>
      {codes.value && (
        <fieldset class="classes" aria-label="Show only a class">
          {examples.value.classes.slice(0, MOST_CLASSES).map((name, label) => (
            <button
              key={label}
              type="button"
              aria-pressed={only.has(label)}
              style={{ borderColor: classColour(examples.value.slots[label]) }}
              onClick={({ shiftKey }) => {
                const next = new Set(shiftKey ? only : []);
                if (only.has(label)) next.delete(label);
                else next.add(label);
                setOnly(next);
              }}
            >
              {name}
            </button>
          ))}
        </fieldset>
      )}
      {cross && told && codes.value && (
        <div
          class="loupe"
          style={{
            transform: `translate(${loupeLeft(crossX, width)}px, ${Math.min(height - 150, Math.max(HEAD, crossY - 138))}px)`,
          }}
        >
          <canvas ref={loupe} width="28" height="28" />
          <strong>{told.example === undefined ? placeWords(told) : nearWords(told.example)}</strong>
          <small>{rank === undefined ? "" : rankWords(rank).toLowerCase()}</small>
        </div>
      )}
      {walking.value && <p class="hint">{HINT}</p>}
      {phase.value === "compiling" && shown.value !== running.value && (
        <p class="hint">{`${readyingWords()} Meanwhile, this map is from a model trained before.`}</p>
      )}
      {!codes.value && mapped && (
        <p class="empty">
          {phase.value === "compiling" ? readyingWords() : (EMPTY[phase.value] ?? "The map of codes comes here.")}
        </p>
      )}
      <Walk />
    </section>
  );
}

/** What is under the cross rests so long before it is spoken. */
const REST_MILLISECONDS = 400;
const VOTERS = 5;

/** The share of held-out codes that lie in a thinner place than this one, where there are codes. */
const rankAt = ({ x, y }: MapPlace): number | undefined =>
  codes.value && crowd.value ? dataRank(codeAt(x, y, plane.value), codes.value, crowd.value) : undefined;

/** Says what is under the cross to those who do not see it, once it rests. */
function Spoken({ cross }: { readonly cross: MapPlace | undefined }) {
  const [said, say] = useState("");
  useEffect(() => {
    if (walking.value) return;
    const timer = setTimeout(() => say(cross && codes.value ? underCross(cross) : ""), REST_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [cross?.x, cross?.y]);
  return (
    <p class="hidden" aria-live="polite">
      {said}
    </p>
  );
}

/** "2.62, 0.86, decodes like a 0, few nearby." */
function underCross(place: MapPlace): string {
  const rank = rankAt(place);
  const { labels, classes } = examples.value;
  const code = codeAt(place.x, place.y, plane.value);
  const label =
    classes.length > 0 && codes.value ? majority(nearestRows(code, codes.value, VOTERS), labels) : undefined;
  const like = label === undefined ? [] : [`decodes like a ${classes[label]}`];
  const near = rank === undefined ? [] : [rankWords(rank).toLowerCase()];
  return `${[placeWords(place), ...like, ...near].join(", ")}.`;
}

const HINT = embedded && !embedded.has("draw") ? "Point anywhere." : "Point anywhere. Or draw something.";

/** What is done before the first step. */
function readyingWords(): string {
  const { done, total } = compiling.value ?? { done: 0, total: 0 };
  return total > 0 ? `Getting ready to train: ${done} of ${total} kernels.` : "Getting ready to train.";
}

const EMPTY: Readonly<Record<string, string>> = {
  opening: "Looking for your GPU.",
  ready: "Press Train: the cloud of codes unfolds here.",
  nowhere: "Without WebGPU there is nothing to see here yet.",
};

export const signed = (value: number): string => value.toFixed(2).replace("-", "−");

/** "2.62, 0.86" */
const placeWords = ({ x, y }: MapPlace): string => `${signed(x)}, ${signed(y)}`;

/** "Near held-out 4": what the loupe shows is decoded from the place, and not the example. */
const nearWords = (index: number): string => `Near ${exampleName(index).replace(/^H/, "h")}`;

/** The loupe stands on the right of the cross; where there is no room, on its left. */
const loupeLeft = (x: number, width: number): number =>
  Math.max(8, x + 18 + LOUPE > width - 8 ? x - 18 - LOUPE : x + 18);

/** Where the classes lie, for those who do not see their numerals. */
function middlesWords(names: readonly string[], middles: readonly (readonly [number, number] | undefined)[]): string {
  const told = middles.flatMap((place, label) => (place ? `${names[label]} at ${place.map(signed).join(", ")}` : []));
  return told.length > 0 ? `Middles of the classes: ${told.join("; ")}.` : "";
}

const pair = (places: Float32Array): readonly [number, number] => [places[0], places[1]];

/** The cloud to show: of the example that is pointed at, else of what is held. */
function cloudNow(): Cloud | undefined {
  const { latent } = plane.value;
  const index = pointed.value?.example;
  if (index !== undefined && posteriors.value && codes.value) {
    const size = posteriors.value.length / examples.value.count;
    const posterior = posteriors.value.subarray(index * size, (index + 1) * size);
    const [x, y] = placesOf(posterior.subarray(0, latent), plane.value);
    return { x, y, ellipse: ellipseOf(posterior, plane.value), name: exampleName(index) };
  }
  const { posterior, draws, code } = heldPicture.value ?? {};
  if (!posterior || code?.length !== latent) return undefined;
  const [x, y] = placesOf(posterior.subarray(0, latent), plane.value);
  const name =
    held.value?.kind === "example"
      ? exampleName(held.value.index)
      : `Your ${noun() === "picture" ? "drawing" : "example"}`;
  return {
    x,
    y,
    ellipse: ellipseOf(posterior, plane.value),
    ...(draws && { draws: placesOf(draws, plane.value) }),
    name,
  };
}
