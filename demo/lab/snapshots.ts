import { signal } from "@preact/signals";
import { activeUnits } from "../../src/metrics/active-units.ts";
import { examples, REDRAWN } from "./examples.ts";
import { asSet, type Settings } from "./settings.ts";
import {
  changes,
  codes,
  epochs,
  losses,
  type Point,
  places,
  plane,
  redrawn,
  running,
  type Sheet,
  samples,
  sheet,
  shown,
  step,
  stepsPerSecond,
} from "./state.ts";

/** What a run had to show at one step. */
export interface Moment {
  readonly step: number;
  /** [count, 2]; none of a model without codes. */
  readonly places?: Float32Array;
  /** The first held-out examples, redrawn. */
  readonly redrawn?: Float32Array;
  /** As many pictures from noise, of a model that has no map. */
  readonly drawn?: Float32Array;
  /** How many numbers of the code say something, where that is known. */
  readonly awake?: number;
  /** What is decoded behind the map. Of the newest only: each is a megabyte. */
  readonly sheet?: Sheet;
}

/** A run as it is kept for comparing. */
export interface Snapshot {
  /** What it was trained with, as it was set at the end. */
  readonly settings: Settings;
  /** Where it came from, when it was not trained here. */
  readonly name?: string;
  readonly epochs: readonly Point[];
  readonly losses: readonly number[];
  readonly moments: readonly Moment[];
  readonly step: number;
  /** Numbers of a code. */
  readonly latent: number;
  /** 0 where it was not measured. */
  readonly stepsPerSecond: number;
}

/** So many moments of a run are kept; of more, every second one goes. */
const MOST = 24;

/** Maps of the current run, from its start to now. */
export const moments = signal<readonly Moment[]>([]);

/**
 * Adds a moment. A model changes most at its beginning, so of many moments those at the steps that grow by a factor stay:
 * whichever is nearest, in its logarithm, to one of its neighbours goes; never the first, never the newest.
 */
export function withMoment(known: readonly Moment[], moment: Moment): readonly Moment[] {
  const last = known.at(-1);
  const all = last?.step === moment.step ? [...known.slice(0, -1), moment] : [...known, moment];
  if (all.length <= MOST) return all;
  const logarithm = ({ step }: Moment) => Math.log(step + 1);
  let [closest, least] = [1, Number.POSITIVE_INFINITY];
  for (let k = 1; k < all.length - 1; k++) {
    const gap = logarithm(all[k + 1]) - logarithm(all[k - 1]);
    if (gap < least) [closest, least] = [k, gap];
  }
  return all.filter((_, k) => k !== closest);
}

/** Keeps what the map shows now, as it was made at a step; `behind` is what is decoded behind it. */
export function keepMoment(step: number, behind = sheet.value): void {
  const moment = codes.value ? mapMoment(step, codes.value, behind) : drawnMoment(step);
  if (!moment) return;
  const known = moments.value.map(({ sheet: _, ...moment }) => moment);
  moments.value = withMoment(known, moment);
}

function mapMoment(step: number, codes: Float32Array, sheet: Sheet | undefined): Moment {
  const rows = codes.length / plane.value.latent;
  const awake = codes.every(Number.isFinite) ? activeUnits(codes, { rows }).active : undefined;
  return { step, places: places.value, redrawn: redrawn.value, awake, sheet };
}

const drawnMoment = (step: number): Moment | undefined =>
  samples.value && { step, drawn: samples.value.slice(0, REDRAWN * examples.value.size) };

/** The last moment of a run that is not past a step. */
export const momentAt = (moments: readonly Moment[], step: number): Moment | undefined =>
  moments.findLast((moment) => moment.step <= step);

/** A model that was not trained here, by its settings, and where it came from. */
export const origin = signal<{ readonly of: Settings; readonly words: string } | undefined>(undefined);

/** What is shown now, as a run to compare with. */
export const snapshot = (): Snapshot => ({
  settings: asSet({ settings: (running.value ?? shown.value)!, changes: changes.value }),
  ...(origin.value && origin.value.of === shown.value && { name: origin.value.words }),
  epochs: epochs.value,
  losses: losses.value,
  moments: moments.value,
  step: step.value,
  latent: plane.value.latent,
  stepsPerSecond: stepsPerSecond.value,
});
