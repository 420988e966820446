import { computed, signal } from "@preact/signals";
import type { Run } from "../../src/index.ts";
import { modelOf } from "./model.ts";
import { stepOf } from "./session.ts";
import { changes, losses, phase, running, step } from "./state.ts";

/** A run as it was before its learning rate was raised. */
interface Raised {
  readonly step: number;
  readonly learningRate: number;
  /** The checkpoint. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** So many losses are compared. */
const COMPARED = 20;
/** After so many steps without harm, another raise is another one; before, it is the same slider that is pulled. */
const WATCHED = 300;
/** Of what the loss had fallen by, so much is lost again where a rate is too high. */
const LOST = 0.1;

export const raised = signal<Raised | undefined>(undefined);

/** Keeps a run as it is before it is told to learn faster. */
export async function keepBeforeRaise(
  run: Pick<Run, "checkpoint">,
  { learningRate }: Readonly<Record<string, number>>,
): Promise<void> {
  // What else is changed has its own effect on the loss.
  if (learningRate === undefined) raised.value = undefined;
  if (learningRate === undefined || harm.value) return;
  if (raised.value && step.value < raised.value.step + WATCHED) return;
  const before = rateNow();
  raised.value = learningRate > before && isWatched() ? await asItIs(run, before) : undefined;
}

const rateNow = (): number =>
  changes.value.findLast(({ name }) => name === "learningRate")?.value ?? running.value!.learningRate;

/** Whether the loss of the run says how well it goes: that of two networks against each other does not. */
const isWatched = (): boolean =>
  (phase.value === "training" || phase.value === "paused") &&
  losses.value.length >= COMPARED &&
  modelOf(running.value!).stages.every(({ objectives }) => objectives.length === 1);

async function asItIs(run: Pick<Run, "checkpoint">, learningRate: number): Promise<Raised> {
  const bytes = (await run.checkpoint()) as Uint8Array<ArrayBuffer>;
  return { step: stepOf(bytes), learningRate, bytes };
}

/** How many losses the page has of the steps up to one: not those of before it had the run. */
export const lossesUpTo = (at: number): number => Math.max(0, at - (step.value - losses.value.length));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The loss before the learning rate was raised, and now, where it is far above that. */
export const harm = computed<{ readonly before: number; readonly now: number } | undefined>(() => {
  if (!raised.value) return undefined;
  const at = lossesUpTo(raised.value.step);
  const before = mean(losses.value.slice(0, at).slice(-COMPARED));
  if (phase.value === "failed") return { before, now: Number.NaN };
  const since = losses.value.slice(at);
  const now = mean(since.slice(-COMPARED));
  const lost = since.length >= COMPARED && now - before > LOST * (losses.value[0] - before);
  return lost ? { before, now } : undefined;
});
