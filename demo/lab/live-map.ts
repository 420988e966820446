import { computed, signal } from "@preact/signals";
import type { UseOptions } from "../../src/index.ts";
import type { LiveScatter, ScatterSight } from "../../src/worker/index.ts";
import { classColour, rgbaOf } from "../drawing/colours.ts";
import { areDots } from "../drawing/dots.ts";
import { examples } from "./examples.ts";
import { takesLabel, uses } from "./model.ts";
import { type Answers, plane } from "./state.ts";

/** The dots of the map as the worker draws them from the run's own buffers; without it the page draws them. */
export const liveMap = signal<{ readonly of: Answers; readonly scatter: LiveScatter } | undefined>(undefined);

/** A drawing of the worker is waited for so many frames of the page. */
const MOST_FRAMES = 60;

/** Strength of the dots of a class that was not picked out. */
const FAINT = 0.08;

const asked = new URLSearchParams(globalThis.location?.search ?? "").get("dots") === "gpu";

/**
 * Whether the worker is to draw the dots, as far as they are dots and no density: where `?dots=gpu` asks for it. Chromium without a
 * graphics processor loses the device over any canvas that is drawn by WebGPU, and with one it was not tried yet.
 */
export const wanted = computed(() => asked && areDots(examples.value.count));

let started = false;
let givenUp = false;

/** The device was lost while the worker drew: from here on the page draws the dots. */
export function giveUpLiveMap(): void {
  if (!started) return;
  givenUp = true;
  liveMap.value = undefined;
}

/** The colour of each class; of those that are not picked out, faint. */
export function paletteOf(only: ReadonlySet<number>): ScatterSight["palette"] & {} {
  const { classes, slots } = examples.value;
  return Array.from({ length: Math.max(1, classes.length) }, (_, label) => {
    const [r, g, b] = rgbaOf(classColour(slots[label]));
    return [r, g, b, only.size === 0 || only.has(label) ? 1 : FAINT] as const;
  });
}

/** Has a canvas drawn by the run of a model, where it has one and the browser can; returns what ends that. */
export function startLiveMap(canvas: HTMLCanvasElement, model: Answers, sight: ScatterSight): () => void {
  let ended = false;
  let scatter: LiveScatter | undefined;
  const start = async () => {
    if (givenUp || !model.scatter || !uses.value.includes("encode") || !canvas.transferControlToOffscreen) return;
    started = true;
    const { x, count, labels, classes } = examples.value;
    scatter = await model.scatter(canvas.transferControlToOffscreen(), {
      use: "encode",
      inputs: { x, ...(takesLabel("encode") && { label: Float32Array.from(labels) }) },
      count,
      latent: plane.value.latent,
      classes: classes.length > 0 ? Uint32Array.from(labels) : new Uint32Array(count),
      palette: paletteOf(new Set()),
    });
    await scatter.show(sight);
    await scatter.update(plane.value);
    if (!(await isShown(canvas))) return void scatter.dispose();
    if (ended) return;
    liveMap.value = { of: model, scatter };
  };
  void start().catch(() => {}); // the page goes on drawing the dots itself
  return () => {
    ended = true;
    if (liveMap.value?.scatter === scatter) liveMap.value = undefined;
    void scatter?.dispose().catch(() => {}); // it may have gone with its run
  };
}

/** Whether anything has come to be on a canvas that the worker draws: a browser may take its drawings and show none. */
async function isShown(canvas: HTMLCanvasElement): Promise<boolean> {
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  for (let frame = 0; frame < MOST_FRAMES; frame++) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    copy.drawImage(canvas, 0, 0);
    if (copy.getImageData(0, 0, width, height).data.some((value) => value > 0)) return true;
  }
  return false;
}

/** The codes of the examples: where the worker draws them, behind the drawing. */
export async function codesOf(model: Answers, x: Float32Array, given: UseOptions): Promise<Float32Array> {
  const live = liveMap.value;
  if (live?.of === model) {
    try {
      return await live.scatter.update(plane.value);
    } catch {
      liveMap.value = undefined; // the page draws from here on
    }
  }
  return model.encode(x, given);
}

/** Tells the worker that the map's plane is another one. */
export function movePlane(model: Answers): void {
  const live = liveMap.value;
  if (live?.of === model && plane.value.latent > 2) void live.scatter.move(plane.value).catch(() => {});
}
