import { computed, signal } from "@preact/signals";
import type { Compiling } from "../../src/gpu/pipelines.ts";
import type { Run } from "../../src/index.ts";
import type { RemoteRun } from "../../src/worker/index.ts";
import { type Plane, placesOf, wholePlane } from "./plane.ts";
import { fromHash, type Link, type Settings } from "./settings.ts";

/** What the page shows of a model: written by what trains and asks, read by the panels. */

/** Cells of the sheet behind the map. */
export const SHEET = { columns: 20, rows: 16 };

export type Phase = "opening" | "ready" | "compiling" | "training" | "paused" | "done" | "failed" | "nowhere";

/** One epoch's figures: what the curves show. */
export interface Point {
  readonly step: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** Where a model answers: a run on the GPU, or weights without one. */
export type Answers = Pick<Run, "use" | "sample" | "encode" | "decode" | "reconstruct"> &
  Partial<Pick<RemoteRun, "scatter" | "setSubmitMilliseconds">>;

/** What is held: a place on the map, a held-out example or a drawing. */
export type Held =
  | { readonly kind: "place"; readonly code: Float32Array }
  | { readonly kind: "example"; readonly index: number }
  | { readonly kind: "drawing"; readonly pixels: Float32Array };

/** What the model makes of what is held. */
export interface Seen {
  readonly code: Float32Array;
  /** Not yet there of a place that was only just taken: its code is known without the model. */
  readonly picture?: Float32Array;
  /** [2, latent] or [1 + latent, latent], of a model that has posteriors. */
  readonly posterior?: Float32Array;
  /** Codes drawn from it, [draws, latent], and what they decode to. */
  readonly draws?: Float32Array;
  readonly drawn?: Float32Array;
}

/** The link that the page was opened with, or that was put into its address since. */
export const link = signal<Link>(fromHash(globalThis.location?.hash ?? ""));

export const settings = signal<Settings>(link.value.settings);
/** What the current run was started with; undefined before the first. */
export const running = signal<Settings | undefined>(undefined);
/** What the model that is shown was trained with: the run's, or that of a model from a file. */
export const shown = signal<Settings | undefined>(undefined);
export const answers = signal<Answers | undefined>(undefined);
export const phase = signal<Phase>("opening");
export const notice = signal<string>(link.value.problems.join(" "));
export const adapter = signal("");
export const software = signal(false);
export const step = signal(0);
export const stepsPerSecond = signal(0);
export const losses = signal<readonly number[]>([]);
export const epochs = signal<readonly Point[]>([]);

/** What was set while the run went: a learning rate or a weight, from a step on. */
export interface Change {
  readonly step: number;
  readonly name: string;
  readonly value: number;
}
export const changes = signal<readonly Change[]>([]);
/** Kernels that are compiled for the run that is to begin, and how many there are. */
export const compiling = signal<Compiling | undefined>(undefined);
/** The device was lost, and the run has not gone on yet. */
export const recovering = signal(false);

export const plane = signal<Plane>(wholePlane);
export const codes = signal<Float32Array | undefined>(undefined);
/** Of each code, [count, 2, latent] or [count, 1 + latent, latent]. */
export const posteriors = signal<Float32Array | undefined>(undefined);
export const places = computed(() => codes.value && placesOf(codes.value, plane.value));
export const redrawn = signal<Float32Array | undefined>(undefined);
export const samples = signal<Float32Array | undefined>(undefined);
/** Pictures decoded from the middles of its cells, and how far it reaches from the middle of the map. */
export interface Sheet {
  readonly pictures: Float32Array;
  readonly columns: number;
  readonly reach: readonly [number, number];
}
export const sheet = signal<Sheet | undefined>(undefined);
/** Half of the map's width and height, in the codes' units: told by the map, as it knows its shape. */
export const reach = signal<readonly [number, number]>([3, 3]);
/** A place of the map, and the held-out example whose dot is there. */
export interface MapPlace {
  readonly x: number;
  readonly y: number;
  readonly example?: number;
}
/** Where one points, and the last place on the way there that was decoded. */
export interface Pointed extends MapPlace {
  readonly seen?: MapPlace & { readonly picture: Float32Array };
}
export const pointed = signal<Pointed | undefined>(undefined);
export const held = signal<Held | undefined>(undefined);
export const heldPicture = signal<Seen | undefined>(undefined);
export const walkEnds = signal<readonly [Float32Array | undefined, Float32Array | undefined]>([undefined, undefined]);
export const walk = signal<Float32Array | undefined>(undefined);
