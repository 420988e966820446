import { batch, computed, signal } from "@preact/signals";
import { posteriorCodes } from "../../src/codes/posterior.ts";
import { type Examples, exampleAt, examples } from "./examples.ts";
import { latest } from "./latest.ts";
import { takesLabel, uses } from "./model.ts";
import { classMeans, crowding } from "./nearness.ts";
import { codeAt } from "./plane.ts";
import {
  answers,
  codes,
  type Held,
  held,
  heldPicture,
  type MapPlace,
  plane,
  pointed,
  type Seen,
  walk,
  walkEnds,
} from "./state.ts";

/** Codes drawn from the posterior of what is held. */
export const DRAWS = 6;
/** Pictures of a walk. */
export const STOPS = 11;
/** How many held ones Back returns to. */
const DEEPEST = 20;

/** Of fewer codes, none says whether there is data nearby. */
const LEAST_CROWD = 20;

/** Distances that "is there data here?" compares with, made when somebody asks. */
export const crowd = computed(() => {
  const { latent } = plane.value;
  return codes.value && codes.value.length >= LEAST_CROWD * latent ? crowding(codes.value, latent) : undefined;
});
export const means = computed(() =>
  codes.value ? classMeans(codes.value, examples.value.labels, plane.value.latent, examples.value.classes.length) : [],
);

const peek = latest(
  async ({ x, y }: MapPlace) => answers.value?.decode(codeAt(x, y, plane.value)),
  (picture, place) => {
    if (picture && pointed.value) pointed.value = { ...pointed.value, seen: { ...place, picture } };
  },
);

/** Points at a place of the map, where there may be the dot of an example; decodes it. */
export function point(x: number, y: number, example?: number): void {
  const place = { x, y, example };
  pointed.value = { ...place, seen: pointed.value?.seen };
  if (codes.value) peek(place);
}

/** Of the things that were held so far, which one it is: what is said of another comes too late. */
let thing = 0;

const see = latest(
  async ({ what }: { readonly what: Held; readonly thing: number }): Promise<Seen | undefined> => {
    const model = answers.value;
    if (!model) return undefined;
    if (what.kind === "place") return { code: what.code, picture: await model.decode(what.code) };
    if (!uses.value.includes("encode")) return undefined; // it is only looked at
    const x = what.kind === "drawing" ? what.pixels : exampleAt(what.index);
    const label = what.kind === "example" ? examples.value.labels[what.index] : 0;
    const given = takesLabel("encode") ? { label } : {};
    const [code, picture, posterior] = await Promise.all([
      model.encode(x, given),
      model.reconstruct(x, given),
      uses.value.includes("posterior") ? model.use("posterior", 1, { x, ...given }) : undefined,
    ]);
    if (!posterior) return { code, picture };
    const draws = posteriorCodes(posterior, { latent: code.length, count: DRAWS });
    return { code, picture, posterior, draws, drawn: await model.decode(draws, takesLabel("decode") ? { label } : {}) };
  },
  (seen, asked) => {
    if (seen && asked.thing === thing) heldPicture.value = seen;
  },
);

/** What was held before, the last at the end. */
export const past = signal<readonly Held[]>([]);

/** The code of what is held: that of a place at once, any other when the model has told it. */
export const heldCode = computed(() => (held.value?.kind === "place" ? held.value.code : heldPicture.value?.code));

/** Keeps something: its code and its redrawing follow. */
export function hold(what: Held): void {
  batch(() => {
    putAway();
    take(what);
  });
}

/** Makes what is held another, as one draws, drags or pulls: it is the same thing, however often it changes. */
export function alter(what: Held): void {
  if (held.value?.kind !== what.kind) hold(what);
  else look(what);
}

/** Holds nothing; Back brings again what was held. */
export function release(): void {
  batch(() => {
    putAway();
    take(unheld());
  });
}

/** Takes the one that was held before. */
export function back(): void {
  const before = past.value.at(-1);
  if (!before) return;
  batch(() => {
    past.value = past.value.slice(0, -1);
    take(before);
  });
}

function putAway(): void {
  if (held.value) past.value = [...past.value, held.value].slice(-DEEPEST);
}

function take(what: Held | undefined): void {
  thing++;
  heldPicture.value = what?.kind === "place" ? { code: what.code } : undefined;
  look(what);
}

let heldOf: Examples | undefined;

function look(what: Held | undefined): void {
  held.value = what;
  heldOf = examples.value;
  if (what && answers.value) see({ what, thing });
}

/** What is held when nothing is: sliders always stand somewhere, as the first example at first. */
const unheld = (): Held | undefined =>
  examples.value.field.kind === "image" ? undefined : { kind: "example", index: 0 };

/** The pixels that are held: a drawing's, or an example's. */
const heldPixels = (): Float32Array | undefined => {
  const what = held.value;
  if (!what || what.kind === "place" || examples.value.field.kind !== "image") return undefined;
  return what.kind === "drawing" ? what.pixels : exampleAt(what.index);
};

/** Light for dark in what is held: a drawing of its own. */
export function invert(): void {
  const pixels = heldPixels();
  if (pixels) alter({ kind: "drawing", pixels: pixels.map((value) => 1 - value) });
}

/** Moves the picture that is held by whole pixels; what leaves it is gone. */
export function nudge(right: number, down: number): void {
  const pixels = heldPixels();
  if (!pixels) return;
  const [height, width, channels] = examples.value.field.shape;
  alter({ kind: "drawing", pixels: moved(pixels, { height, width, channels }, right, down) });
}

/** A picture [height, width, channels] moved by whole pixels, with 0 where nothing came from. */
export function moved(
  pixels: Float32Array,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
  right: number,
  down: number,
): Float32Array {
  const result = new Float32Array(pixels.length);
  for (let y = Math.max(0, down); y < Math.min(height, height + down); y++) {
    const from = ((y - down) * width + Math.max(0, -right)) * channels;
    const count = (width - Math.abs(right)) * channels;
    if (count > 0) result.set(pixels.subarray(from, from + count), (y * width + Math.max(0, right)) * channels);
  }
  return result;
}

/** Asks the model anew about what is held, as it may have learned. */
export function seeAgain(): void {
  if (held.value) see({ what: held.value, thing });
  if (walkEnds.value.every(Boolean)) askWalk(walkEnds.value);
}

/** Lets go of what means nothing to another model, and perhaps to other data, and ends the walk. */
export function letGo(): void {
  const [from, to] = [heldOf ?? examples.value, examples.value];
  const alike = to.field.kind === "image" && String(from.field.shape) === String(to.field.shape);
  const stays = ({ kind }: Held) => (from === to ? kind !== "place" : kind === "drawing" && alike);
  batch(() => {
    past.value = past.value.filter(stays);
    thing++;
    heldPicture.value = undefined;
    held.value = held.value && stays(held.value) ? held.value : unheld();
    pointed.value = undefined;
    walk.value = undefined;
    walkEnds.value = [undefined, undefined];
  });
  heldOf = to;
}

const askWalk = latest(
  async ([a, b]: (typeof walkEnds)["value"]) => {
    if (!a || !b) return undefined;
    return answers.value?.decode(wayBetween(a, b, STOPS));
  },
  (pictures) => {
    walk.value = pictures;
  },
);

/** The codes of a straight way: [stops, latent]. */
export const wayBetween = (a: Float32Array, b: Float32Array, stops: number): Float32Array =>
  Float32Array.from({ length: stops * a.length }, (_, k) => {
    const t = Math.floor(k / a.length) / (stops - 1);
    return (1 - t) * a[k % a.length] + t * b[k % a.length];
  });

/** Sets an end of the walk. */
export function walkFrom(end: 0 | 1, code: Float32Array): void {
  const [a, b] = walkEnds.value;
  walkEnds.value = end === 0 ? [code, b] : [a, code];
  askWalk(walkEnds.value);
}

/**
 * A part of the way towards a class: the mean code of the class less that of one's own. Where one's own is a guess, it may be asked
 * for, too: then the way leads to its mean.
 */
export function moreLike(target: number, own: number, part: number): void {
  const now = heldCode.value;
  const to = means.value[target];
  const from = target === own ? now : means.value[own];
  if (!now || !to || !from) return;
  alter({ kind: "place", code: now.map((value, k) => value + part * (to[k] - from[k])) });
}
