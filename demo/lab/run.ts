import { batch, computed, signal } from "@preact/signals";
import { isBuiltIn } from "../../src/data/built-in-names.ts";
import type { Run } from "../../src/index.ts";
import { createTrainer, type DataChoice, type Trainer } from "../../src/worker/index.ts";
import { grouped } from "../drawing/words.ts";
import { addEarlier } from "./earlier-runs.ts";
import { HELD_OUT, own, shownData } from "./examples.ts";
import { fingerprintOf, samenessOf } from "./fingerprint.ts";
import { letGo } from "./hold.ts";
import { giveUpLiveMap } from "./live-map.ts";
import { look } from "./look.ts";
import { batchSizeOf, latentOf } from "./model.ts";
import { keptLast } from "./own-data.ts";
import { startPlane } from "./plane.ts";
import { keepBeforeRaise, raised } from "./raised.ts";
import { type Kept, keepSession, kept, stepOf } from "./session.ts";
import { isOwn, type Settings, toHash } from "./settings.ts";
import { moments, snapshot } from "./snapshots.ts";
import {
  adapter,
  answers,
  changes,
  codes,
  compiling,
  epochs,
  link,
  losses,
  notice,
  phase,
  plane,
  posteriors,
  recovering,
  redrawn,
  running,
  samples,
  settings,
  sheet,
  shown,
  software,
  step,
  stepsPerSecond,
} from "./state.ts";

/** The map is made anew at most so often. */
const MAP_MILLISECONDS = 500;
/** A reload loses no more than this. */
const KEPT_EVERY = "10s";
/** What is set is kept when it has rested for so long. */
const SETTLED_MILLISECONDS = 500;

/** A link that was shared while training trains at once; others wait to be asked. */
export const startsAtOnce = link.value.play === true;

/** What was asked for before there was a GPU: it starts when there is one. */
const pending = signal<StartOptions | undefined>(undefined);
export const waiting = computed(() => pending.value !== undefined);

/** Of the weights of a run that has ended as its settings and its seed alone make it. */
export const fingerprint = signal<string | undefined>(undefined);

let trainer: Trainer | undefined;
let run: Run | undefined;
/** Keeps the run as it is, so that a reload finds it. */
let keepNow: () => Promise<void> = async () => {};
let keeping = 0;
let generation = 0;

let nowOpened: () => void;
/** Settles when it is known whether there is a GPU. */
export const opened = new Promise<void>((resolve) => {
  nowOpened = resolve;
});

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
    if (startsAtOnce || pending.value) train(pending.value);
  } catch (error) {
    batch(() => {
      phase.value = "nowhere";
      notice.value = (error as Error).message;
    });
  } finally {
    nowOpened();
  }
}

export interface StartOptions {
  /** A checkpoint to go on from, and what the curves showed up to it. */
  readonly resume?: Pick<Kept, "bytes" | "step"> & Partial<Pick<Kept, "epochs" | "losses" | "codes">>;
  /** Trains no further than this step: what shows a model without training it. */
  readonly until?: number;
}

/** Trains what is set, from its seed or from a checkpoint; the run before it is kept for comparing. */
export function train({ resume, until }: StartOptions = {}): void {
  if (!trainer) {
    if (phase.value === "opening") pending.value = { resume, until };
    return;
  }
  const { data } = settings.value;
  if (isOwn(data) && data !== own.value?.name) {
    notice.value = `The page holds the last files that were dropped only: to train on ${data}, drop it again.`;
    return;
  }
  const sameRun = resume?.epochs !== undefined;
  if (!sameRun && shown.value) addEarlier(snapshot());
  // A model that the page computes by itself answers until the run has a map of its own.
  const meanwhile = answers.value !== undefined && answers.value !== run && kept.value === undefined;
  void run?.dispose();
  const number = ++generation;
  const current = () => number === generation;
  pending.value = undefined;
  const now = settings.value;
  begin(now, resume);
  const seen: number[] = [...losses.value];
  let told = performance.now();
  let toldStep = 0;
  const keep = ({ step, bytes }: Pick<Kept, "step" | "bytes">) => {
    if (!current()) return;
    const curves = { epochs: epochs.value, losses: [...seen], changes: changes.value, moments: moments.value };
    const map = codes.value && { codes: codes.value.slice(), axes: [...plane.value.axes] };
    const kept = { settings: now, step, bytes, ...curves, ...map };
    // Without its data nothing could go on with it.
    if (isOwn(now.data)) void keptLast().then((known) => (known ? keepSession(kept) : undefined));
    else keepSession(kept);
  };
  const started = trainer.fit({ family: now.family, ...now.options }, choiceOf(now), {
    epochs: now.epochs,
    batchSize: batchSizeOf(now),
    learningRate: now.learningRate,
    seed: now.seed,
    ...(resume && { resume: resume.bytes }),
    ...(until && { maxSteps: until }),
    onCompiling: (state) => {
      if (current()) compiling.value = state;
    },
    onStep: (at, loss) => {
      if (!current()) return;
      seen.push(loss);
      const time = performance.now();
      if (phase.value === "compiling") phase.value = "training";
      recovering.value = false;
      if (time - told < 250) return;
      batch(() => {
        stepsPerSecond.value = toldStep > 0 ? ((at - toldStep) / (time - told)) * 1000 : stepsPerSecond.value;
        step.value = at;
        losses.value = [...seen];
      });
      told = time;
      toldStep = at;
    },
    checkpointEvery: KEPT_EVERY,
    onCheckpoint: keep,
    onRecovery: ({ step: from }) => {
      giveUpLiveMap();
      recovering.value = true;
      notice.value = `The graphics processor went away. Going on from step ${grouped(from)}.`;
    },
  });
  run = started;
  keepNow = async () => {
    try {
      const bytes = (await started.checkpoint()) as Uint8Array<ArrayBuffer>;
      keep({ step: stepOf(bytes), bytes });
    } catch {
      // What was kept before stays; what went wrong is told where the run is followed.
    }
  };
  const show = () => showRun(started, now, resume, meanwhile);
  if (!meanwhile) show();
  const ended = follow(started, current, seen);
  if (!resume) void ended.then(() => identify(started, now, current));
  void watch(started, current, ended, meanwhile ? show : undefined);
}

/** Says what a run has come to, and to who opened a link whether that is what its sender saw. */
async function identify(started: Run, now: Settings, current: () => boolean): Promise<void> {
  if (phase.value !== "done" || isOwn(now.data)) return;
  const found = await started.checkpoint().then(fingerprintOf, () => undefined);
  if (!current() || !found) return;
  fingerprint.value = found;
  const { weights, settings: sent } = link.value;
  if (weights && toHash(sent) === toHash(now)) notice.value = samenessOf(found, weights);
}

/** What a run is given to learn from. */
const choiceOf = ({ data, pictures }: Settings): DataChoice =>
  isBuiltIn(data) ? ({ name: data, trainCount: pictures, testCount: HELD_OUT } as DataChoice) : own.value!;

/** The figures of a run before its first step. */
function begin(now: Settings, from: StartOptions["resume"]): void {
  batch(() => {
    running.value = now;
    phase.value = "compiling";
    compiling.value = undefined;
    step.value = from?.step ?? 0;
    stepsPerSecond.value = 0;
    losses.value = from?.losses ?? [];
    epochs.value = from?.epochs ?? [];
    if (!from?.epochs) {
      moments.value = [];
      changes.value = [];
    }
    recovering.value = false;
    notice.value = "";
    fingerprint.value = undefined;
    raised.value = undefined;
    kept.value = undefined;
  });
}

/** From here on the run answers. Its map begins empty, or where another model of its kind had its dots: from there they glide. */
function showRun(started: Run, now: Settings, from: StartOptions["resume"], glide: boolean): void {
  const last = shown.value;
  const alike = last?.family === now.family && last.data === now.data && plane.value.latent === latentOf(now);
  batch(() => {
    shown.value = now;
    shownData.value = now.data;
    answers.value = started;
    if (glide && alike) return;
    letGo();
    codes.value = from?.codes;
    posteriors.value = undefined;
    sheet.value = undefined;
    redrawn.value = undefined;
    samples.value = undefined;
    // A run that goes on keeps its map as it lies.
    if (!from?.codes || plane.value.latent !== latentOf(now)) plane.value = startPlane(latentOf(now));
  });
}

async function follow(started: Run, current: () => boolean, seen: readonly number[]): Promise<void> {
  try {
    for await (const epoch of started) {
      if (!current()) return;
      batch(() => {
        if (phase.value === "compiling") phase.value = "training";
        epochs.value = [...epochs.value, { step: epoch.step, terms: epoch.test }];
        losses.value = [...seen];
        step.value = epoch.step;
      });
    }
    if (current()) phase.value = "done";
  } catch (error) {
    if (!current()) return;
    batch(() => {
      phase.value = "failed";
      notice.value = (error as Error).message;
    });
  }
}

/**
 * Makes the map anew while the run is the current one, as fast as the model can and no faster than is pleasant, and once more
 * when it has ended. `show` is called when the run stands before its first step, compiled.
 */
async function watch(
  started: Run,
  current: () => boolean,
  ended: Promise<void>,
  show: (() => void) | undefined,
): Promise<void> {
  let drawnStep = -1;
  let over = false;
  void ended.then(() => (over = true));
  await lookFirst(started, current, show);
  for (;;) {
    const [last, began] = [over, performance.now()];
    try {
      if (last || drawnStep !== step.value || phase.value === "compiling") {
        drawnStep = step.value;
        await look(started, current);
      }
    } catch {
      // What went wrong is told where the run is followed; after a lost device it goes on, and so does the map.
    }
    if (last || !current()) return;
    const took = performance.now() - began;
    const rest = new Promise((resolve) => setTimeout(resolve, Math.max(MAP_MILLISECONDS - took, took)));
    await Promise.race([rest, ended]);
  }
}

/** The map of before the first step, for which the run waits: however quick it is, one sees where it began. */
async function lookFirst(started: Run, current: () => boolean, show: (() => void) | undefined): Promise<void> {
  try {
    const at = await started.pause();
    if (current()) show?.();
    await look(started, current);
    if (at === 0) await keepNow();
  } catch {
    // Told where the run is followed.
  }
  if (current() && phase.value !== "paused") started.resume();
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
    void keepNow();
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
  const bytes = await run.checkpoint();
  const curves = { epochs: epochs.value, losses: losses.value };
  const resume = { bytes, step: step.value, ...curves, codes: codes.value as Kept["codes"] };
  settings.value = { ...settings.value, epochs: settings.value.epochs + (running.value?.epochs ?? 10) };
  train({ resume });
}

/** The current run as it is now, as a checkpoint. */
export const runCheckpoint = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => run?.checkpoint();

/** Sets what a run that is under way takes at once; settles when it has. */
export async function changeRun(values: Readonly<Record<string, number>>): Promise<void> {
  const changed = run;
  if (changed) await keepBeforeRaise(changed, values);
  await changed?.change(values);
  clearTimeout(keeping);
  keeping = window.setTimeout(keepNow, SETTLED_MILLISECONDS);
}

/** A page that nobody sees trains nothing, and goes on when it is seen again. */
export function pauseWhileHidden(): void {
  let paused = false;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden ? phase.value !== "training" : !(paused && phase.value === "paused")) return;
    paused = document.hidden;
    void pauseOrGoOn();
  });
}
