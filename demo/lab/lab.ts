import { batch, computed, effect, signal } from "@preact/signals";
import { buildModel } from "../../src/config/config.ts";
import { statements } from "../../src/config/presets.ts";
import { type Dataset, digits, type Model, ReparamError, type Run } from "../../src/index.ts";
import { createTrainer, type Trainer } from "../../src/worker/index.ts";
import { latest } from "./latest.ts";
import { classMeans, crowding } from "./nearness.ts";
import { codeAt, type Plane, placesOf, principalPlane, wholePlane } from "./plane.ts";
import { type Kept, keepSession, keptSession } from "./session.ts";
import { fromHash, optionOf, type Settings, settingsOf, toHash } from "./settings.ts";

/** Held-out pictures on the map, and of them those whose redrawing is shown. */
export const HELD_OUT = 1000;
export const REDRAWN = 10;
export const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;
export const BATCH = 128;
/** The map is made anew at most so often. */
const MAP_MILLISECONDS = 500;
/** Cells of the sheet behind the map. */
export const SHEET = { columns: 20, rows: 16 };

export type Phase = "opening" | "ready" | "compiling" | "training" | "paused" | "done" | "failed" | "nowhere";

/** One epoch's figures: what the curves show. */
export interface Point {
  readonly step: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** A run as it is kept for comparing. */
export interface Snapshot {
  readonly settings: Settings;
  readonly epochs: readonly Point[];
  readonly losses: readonly number[];
  readonly places?: Float32Array;
  readonly step: number;
}

/** What is held: a place on the map, a held-out picture or a drawing. */
export type Held =
  | { readonly kind: "place"; readonly code: Float32Array }
  | { readonly kind: "example"; readonly index: number }
  | { readonly kind: "drawing"; readonly pixels: Float32Array };

const link = globalThis.location?.hash ?? "";
const opened = fromHash(link);
/** A link that was shared while training trains at once; others wait to be asked. */
const atOnce = new URLSearchParams(link.slice(1)).get("play") === "1";

export const settings = signal<Settings>(opened.settings);
/** What the current run was started with; undefined before the first. */
export const running = signal<Settings | undefined>(undefined);
export const phase = signal<Phase>("opening");
export const notice = signal<string>(opened.problems.join(" "));
export const adapter = signal("");
export const software = signal(false);
export const step = signal(0);
export const stepsPerSecond = signal(0);
export const losses = signal<readonly number[]>([]);
export const epochs = signal<readonly Point[]>([]);
export const units = signal("");
export const plane = signal<Plane>(wholePlane);
export const codes = signal<Float32Array | undefined>(undefined);
export const places = computed(() => codes.value && placesOf(codes.value, plane.value));
export const redrawn = signal<Float32Array | undefined>(undefined);
export const samples = signal<Float32Array | undefined>(undefined);
export const sheet = signal<{ readonly pictures: Float32Array; readonly reach: readonly [number, number] } | undefined>(
  undefined,
);
/** Half of the map's width and height, in the codes' units: told by the map, as it knows its shape. */
export const reach = signal<readonly [number, number]>([3, 3]);
export const pointed = signal<{ readonly x: number; readonly y: number; readonly picture?: Float32Array } | undefined>(
  undefined,
);
export const held = signal<Held | undefined>(undefined);
export const heldPicture = signal<{ readonly code: Float32Array; readonly picture: Float32Array } | undefined>(
  undefined,
);
export const walkEnds = signal<readonly [Float32Array | undefined, Float32Array | undefined]>([undefined, undefined]);
export const walk = signal<Float32Array | undefined>(undefined);
export const before = signal<Snapshot | undefined>(undefined);
export const kept = signal<Kept | undefined>(undefined);
export const posterior = signal<Float32Array | undefined>(undefined);

let data: Dataset | undefined;
/** The held-out pictures, drawn when they are first asked for. */
export function heldOut(): { readonly pictures: Float32Array; readonly labels: Uint8Array } {
  data ??= digits({ trainCount: 1, testCount: HELD_OUT });
  const { x, label } = data.test.values;
  pictures ??= Float32Array.from(x, (byte) => byte / 255);
  return { pictures, labels: label as Uint8Array };
}
let pictures: Float32Array | undefined;

/** Distances that "is there data here?" compares with, made when somebody asks. */
export const crowd = computed(() => (codes.value ? crowding(codes.value, plane.value.latent) : undefined));
export const means = computed(() =>
  codes.value ? classMeans(codes.value, heldOut().labels, plane.value.latent, CLASSES) : [],
);

/** The model of some settings, to see what it is for. */
export function modelOf({ family, options }: Settings): Model {
  data ??= digits({ trainCount: 1, testCount: HELD_OUT });
  return buildModel({ family, ...options }, { fields: data.fields, count: 1 });
}
export const uses = computed<readonly string[]>(() => {
  try {
    return Object.keys(modelOf(running.value ?? settings.value).uses);
  } catch {
    return [];
  }
});
/** Whether another model must be trained for what is set now. */
export const stale = computed(() => running.value !== undefined && startOf(running.value) !== startOf(settings.value));
/** What a run begins with: what may change while it goes does not make it another run. */
const startOf = ({ learningRate: _, options, ...rest }: Settings): string => {
  const own = statements[rest.family].options;
  const fixed = Object.entries(options).filter(([name]) => !own[name]?.live);
  return JSON.stringify([rest, fixed.sort()]);
};

let trainer: Trainer | undefined;
let run: Run | undefined;
let generation = 0;

/** Starts the worker, and says what there is. */
export async function open(): Promise<void> {
  try {
    trainer = await createTrainer();
    const { description, vendor, architecture, fallback } = trainer.adapter;
    batch(() => {
      adapter.value = description || [vendor, architecture].filter(Boolean).join(" ") || "this GPU";
      software.value = fallback;
      phase.value = "ready";
    });
    kept.value = await keptSession();
    if (atOnce) train();
  } catch (error) {
    batch(() => {
      phase.value = "nowhere";
      notice.value = (error as Error).message;
    });
  }
}

/** Trains what is set, from its seed or from a checkpoint; the run before it is kept for comparing. */
export function train(resume?: Uint8Array<ArrayBuffer>): void {
  if (!trainer) return;
  if (run) before.value = snapshot();
  void run?.dispose();
  const own = ++generation;
  const now = settings.value;
  const latent = latentOf(now);
  batch(() => {
    running.value = now;
    phase.value = "compiling";
    step.value = 0;
    losses.value = [];
    epochs.value = [];
    codes.value = undefined;
    sheet.value = undefined;
    redrawn.value = undefined;
    samples.value = undefined;
    walk.value = undefined;
    walkEnds.value = [undefined, undefined];
    heldPicture.value = undefined;
    posterior.value = undefined;
    notice.value = "";
    plane.value = { ...wholePlane, ...(latent !== 2 && startPlane(latent)) };
    kept.value = undefined;
  });
  const seen: number[] = [];
  let told = performance.now();
  let toldStep = 0;
  const current = trainer.fit(
    { family: now.family, ...now.options },
    { name: "digits", trainCount: now.pictures, testCount: HELD_OUT },
    {
      epochs: now.epochs,
      batchSize: BATCH,
      learningRate: now.learningRate,
      seed: now.seed,
      ...(resume && { resume }),
      onStep: (at, loss) => {
        if (own !== generation) return;
        seen.push(loss);
        const time = performance.now();
        if (phase.value === "compiling") phase.value = "training";
        if (time - told < 250) return;
        batch(() => {
          stepsPerSecond.value = toldStep > 0 ? ((at - toldStep) / (time - told)) * 1000 : stepsPerSecond.value;
          step.value = at;
          losses.value = [...seen];
        });
        told = time;
        toldStep = at;
      },
      onCheckpoint: ({ step, epoch, bytes }) => {
        if (own === generation) void keepSession({ settings: now, step, epoch, bytes });
      },
      onRecovery: ({ step: from }) => {
        notice.value = `The graphics processor went away. Going on from step ${from.toLocaleString()}.`;
      },
    },
  );
  run = current;
  void follow(current, own, seen);
  void watch(current, own);
}

async function follow(current: Run, own: number, seen: readonly number[]): Promise<void> {
  try {
    for await (const epoch of current) {
      if (own !== generation) return;
      batch(() => {
        if (phase.value === "compiling") phase.value = "training";
        epochs.value = [...epochs.value, { step: epoch.step, terms: epoch.test }];
        losses.value = [...seen];
        step.value = epoch.step;
      });
    }
    if (own === generation) phase.value = "done";
  } catch (error) {
    if (own !== generation) return;
    batch(() => {
      phase.value = "failed";
      notice.value = (error as Error).message;
    });
  }
}

/** Makes the map anew while the run is the current one, as fast as the model can and no faster than is pleasant. */
async function watch(current: Run, own: number): Promise<void> {
  let drawnStep = -1;
  for (;;) {
    const began = performance.now();
    try {
      if (drawnStep !== step.value || phase.value === "compiling") {
        drawnStep = step.value;
        await look(current, own);
      }
    } catch {
      return; // what went wrong is told where the run is followed
    }
    if (own !== generation) return;
    const took = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, Math.max(MAP_MILLISECONDS - took, took)));
  }
}

async function look(current: Run, own: number): Promise<void> {
  const can = new Set(uses.value);
  const { pictures, labels } = heldOut();
  const shown = pictures.subarray(0, REDRAWN * PIXELS);
  const label = { label: labels.subarray(0, REDRAWN) };
  const conditional =
    running.value !== undefined && statements[running.value.family].reads.includes("label") && needsLabel();
  if (can.has("encode")) {
    const found = await current.encode(pictures, conditional ? { label: labels } : {});
    if (own !== generation) return;
    const latent = found.length / HELD_OUT;
    batch(() => {
      plane.value = principalPlane(found, latent, plane.value);
      codes.value = found;
    });
  }
  if (can.has("reconstruct")) {
    const pictures = await current.reconstruct(shown, conditional ? label : {});
    if (own !== generation) return;
    redrawn.value = pictures;
  }
  if (can.has("decode") && !conditional) await paintSheet(current, own);
  else if (can.has("sample")) {
    const count = conditional ? 100 : 64;
    const classes = Uint8Array.from({ length: count }, (_, k) => Math.floor(k / 10));
    const drawn = await current.sample(count, conditional ? { label: classes, seed: 1 } : { seed: 1 });
    if (own === generation) samples.value = drawn;
  }
  if (held.value && own === generation) hold(held.value);
  for (const end of [0, 1]) if (walkEnds.value[end] && own === generation) askWalk(walkEnds.value);
}

/** Whether the model is told the class, so that it cannot decode a code alone. */
const needsLabel = (): boolean => {
  const { decode } = modelOf(running.value!).uses;
  return decode !== undefined && Object.hasOwn(decode.from, "label");
};

async function paintSheet(current: Run, own: number): Promise<void> {
  const { columns, rows } = SHEET;
  const [across, up] = reach.value;
  const { latent } = plane.value;
  const grid = new Float32Array(columns * rows * latent);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = across * ((2 * (column + 0.5)) / columns - 1);
      const y = up * (1 - (2 * (row + 0.5)) / rows);
      grid.set(codeAt(x, y, plane.value), (row * columns + column) * latent);
    }
  }
  const pictures = await current.decode(grid);
  if (own === generation) sheet.value = { pictures, reach: [across, up] };
}

/** Stands still, or goes on. */
export async function pauseOrGoOn(): Promise<void> {
  if (!run) return;
  if (phase.value === "paused") {
    run.resume();
    phase.value = "training";
  } else {
    phase.value = "paused";
    step.value = await run.pause();
  }
}

export function oneStep(): void {
  if (!run || phase.value === "done") return;
  const next = step.value + 1;
  if (phase.value !== "paused") return void pauseOrGoOn();
  run.resume(1);
  step.value = next;
}

/** Trains on for as many epochs again, from where the run ended. */
export async function trainMore(): Promise<void> {
  if (!run) return;
  const checkpoint = await run.checkpoint();
  settings.value = { ...settings.value, epochs: settings.value.epochs + (running.value?.epochs ?? 10) };
  train(checkpoint as Uint8Array<ArrayBuffer>);
}

export function goOn({ settings: saved, bytes }: Kept): void {
  settings.value = saved;
  train(bytes);
}

export const trainedModel = async (): Promise<Uint8Array | undefined> => run?.checkpoint();

export function choose(family: string): void {
  settings.value = settingsOf(family, settings.value);
}

/** Sets an option of the family: at once where the run can take it, else for the next start. */
export function setOption(name: string, value: unknown): void {
  settings.value = { ...settings.value, options: { ...settings.value.options, [name]: value } };
  const live = statements[settings.value.family].options[name]?.live;
  if (live && typeof value === "number" && running.value?.family === settings.value.family)
    changeNow({ [name]: value });
}

export function setLearningRate(learningRate: number): void {
  settings.value = { ...settings.value, learningRate };
  if (
    running.value?.family === settings.value.family &&
    statements[running.value.family].training?.optimizers === undefined
  ) {
    changeNow({ learningRate });
  }
}

const changeNow = latest(
  async (values: Readonly<Record<string, number>>) => run?.change(values),
  () => {},
);

const peek = latest(
  async ({ x, y }: { readonly x: number; readonly y: number }) => run?.decode(codeAt(x, y, plane.value)),
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
  async (what: Held) => {
    if (!run) return undefined;
    if (what.kind === "place") return { code: what.code, picture: await run.decode(what.code) };
    const pixels = what.kind === "drawing" ? what.pixels : pictureOf(what.index);
    return { code: await run.encode(pixels), picture: await run.reconstruct(pixels) };
  },
  (seen) => {
    heldPicture.value = seen;
  },
);

/** Keeps something: its code and its redrawing follow. */
export function hold(what: Held): void {
  held.value = what;
  if (codes.value) see(what);
}

export const pictureOf = (index: number): Float32Array =>
  heldOut().pictures.subarray(index * PIXELS, (index + 1) * PIXELS);

export const STOPS = 11;
const askWalk = latest(
  async ([a, b]: (typeof walkEnds)["value"]) => {
    if (!run || !a || !b) return undefined;
    const between = Float32Array.from({ length: STOPS * a.length }, (_, k) => {
      const t = Math.floor(k / a.length) / (STOPS - 1);
      return (1 - t) * a[k % a.length] + t * b[k % a.length];
    });
    return run.decode(between);
  },
  (pictures) => {
    walk.value = pictures;
  },
);

/** Sets an end of the walk. */
export function walkFrom(end: 0 | 1, code: Float32Array): void {
  const [a, b] = walkEnds.value;
  walkEnds.value = end === 0 ? [code, b] : [a, code];
  askWalk(walkEnds.value);
}

/** A quarter of the way towards a class: the mean code of the class less that of one's own. */
export function moreLike(target: number, own: number): void {
  const now = heldPicture.value;
  const [to, from] = [means.value[target], means.value[own]];
  if (!now || !to || !from) return;
  hold({ kind: "place", code: now.code.map((value, k) => value + 0.25 * (to[k] - from[k])) });
}

export const latentOf = (now: Settings): number => {
  const latent = optionOf(now, "latent");
  if (typeof latent === "number") return latent;
  const layers = optionOf(now, "layers");
  return Array.isArray(layers) ? layers[layers.length - 1] : 2;
};

const startPlane = (latent: number): Plane => ({
  latent,
  mean: new Float32Array(latent),
  axes: Float32Array.from({ length: 2 * latent }, (_, k) => Number(k === 0 || k === latent + Math.min(1, latent - 1))),
  share: 0,
});

const snapshot = (): Snapshot => ({
  settings: running.value!,
  epochs: epochs.value,
  losses: losses.value,
  places: places.value,
  step: step.value,
});

/** The link follows the settings, without a reload. */
export const followLink = (): (() => void) =>
  effect(() => {
    const hash = toHash(settings.value);
    if (location.hash !== hash) history.replaceState(null, "", hash);
  });

export const errorText = (error: unknown): string =>
  error instanceof ReparamError ? error.message : "Something went wrong that should not have: reload the page.";
