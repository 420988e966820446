import { computed } from "@preact/signals";
import { posteriorCodes } from "../../src/codes/posterior.ts";
import { exampleAt, examples } from "./examples.ts";
import { latest } from "./latest.ts";
import { takesLabel, uses } from "./model.ts";
import { classMeans, crowding } from "./nearness.ts";
import { codeAt } from "./plane.ts";
import { answers, codes, type Held, held, heldPicture, plane, pointed, type Seen, walk, walkEnds } from "./state.ts";

/** Codes drawn from the posterior of what is held. */
export const DRAWS = 6;
/** Pictures of a walk. */
export const STOPS = 11;
/** How many held ones Back returns to. */
const DEEPEST = 20;

/** Distances that "is there data here?" compares with, made when somebody asks. */
export const crowd = computed(() => (codes.value ? crowding(codes.value, plane.value.latent) : undefined));
export const means = computed(() =>
  codes.value ? classMeans(codes.value, examples.value.labels, plane.value.latent, examples.value.classes.length) : [],
);

const peek = latest(
  async ({ x, y }: { readonly x: number; readonly y: number }) => answers.value?.decode(codeAt(x, y, plane.value)),
  (picture, at) => {
    if (picture && pointed.value) pointed.value = { ...at, picture };
  },
);

/** Points at a place of the map; decodes it. */
export function point(x: number, y: number): void {
  pointed.value = { x, y, picture: pointed.value?.picture };
  if (codes.value) peek({ x, y });
}

const see = latest(
  async (what: Held): Promise<Seen | undefined> => {
    const model = answers.value;
    if (!model) return undefined;
    if (what.kind === "place") return { code: what.code, picture: await model.decode(what.code) };
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
  (seen) => {
    heldPicture.value = seen;
  },
);

const past: Held[] = [];

/** Keeps something: its code and its redrawing follow. */
export function hold(what: Held): void {
  const before = held.value;
  // A stroke or a slider is one thing that is held, however often it moves.
  if (before && !(before.kind === what.kind && what.kind !== "example")) past.push(before);
  if (past.length > DEEPEST) past.shift();
  look(what);
}

function look(what: Held): void {
  held.value = what;
  if (answers.value) see(what);
}

/** Takes the one that was held before. */
export function back(): void {
  const before = past.pop();
  if (before) look(before);
}

/** The pixels that are held: a drawing's, or an example's. */
const heldPixels = (): Float32Array | undefined => {
  const what = held.value;
  if (!what || what.kind === "place" || examples.value.field.kind !== "image") return undefined;
  return what.kind === "drawing" ? what.pixels : exampleAt(what.index);
};

/** Light for dark in what is held: a drawing of its own. */
export function invert(): void {
  const pixels = heldPixels();
  if (pixels) hold({ kind: "drawing", pixels: pixels.map((value) => 1 - value) });
}

/** Moves the picture that is held by whole pixels; what leaves it is gone. */
export function nudge(right: number, down: number): void {
  const pixels = heldPixels();
  if (!pixels) return;
  const [height, width, channels] = examples.value.field.shape;
  hold({ kind: "drawing", pixels: moved(pixels, { height, width, channels }, right, down) });
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
  if (held.value) see(held.value);
  if (walkEnds.value.every(Boolean)) askWalk(walkEnds.value);
}

/** Holds nothing, and ends the walk: another model is there. */
export function letGo(): void {
  past.length = 0;
  heldPicture.value = undefined;
  if (held.value?.kind === "place") held.value = undefined;
  pointed.value = undefined;
  walk.value = undefined;
  walkEnds.value = [undefined, undefined];
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
  const now = heldPicture.value;
  const to = means.value[target];
  const from = target === own ? now?.code : means.value[own];
  if (!now || !to || !from) return;
  hold({ kind: "place", code: now.code.map((value, k) => value + part * (to[k] - from[k])) });
}
