import { batch, computed } from "@preact/signals";
import { isFamily } from "../../src/models/family-by-name.ts";
import { openCheckpoint, readWeights } from "../../src/train/read-checkpoint.ts";
import { loadData } from "./drawn-data.ts";
import { drawExamples, own, shownData } from "./examples.ts";
import { loadFamily } from "./families.ts";
import { interpreted } from "./interpreted.ts";
import { latentOf, modelOf } from "./model.ts";
import { keptOwn } from "./own-data.ts";
import { planeAlong } from "./plane.ts";
import { opened, train } from "./run.ts";
import { type Kept, kept, keptSession } from "./session.ts";
import { asSet, isOwn, type Settings, toHash } from "./settings.ts";
import { showModel } from "./shown-model.ts";
import { moments } from "./snapshots.ts";
import { type Answers, changes, codes, epochs, losses, phase, plane, running, settings, shown, step } from "./state.ts";

/** Weights of a model that answers without a GPU while the page stays free. */
const MOST_WEIGHTS = 2e6;

/** Whether it is what the page shows, not trained further. */
export const isKept = computed(() => kept.value !== undefined && kept.value.settings === shown.value);

/** What the page was opened with: its address follows the settings from then on. */
const opening = globalThis.location?.hash ?? "";

/** Whether this visit goes on where the last one was: by a reload, by Back, without a link, or by the link of that run. */
function isSameVisit(run: Kept): boolean {
  const [visit] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (visit?.type === "reload" || visit?.type === "back_forward" || opening === "") return true;
  return !isOwn(run.settings.data) && toHash(asSet(run)) === toHash(settings.value);
}

/** Shows the run that the browser kept, at once and without asking; false where there is none, or another one was asked for. */
export async function showKept(): Promise<boolean> {
  const found = await keptSession();
  if (!found || !isFamily(found.settings.family)) return false;
  await Promise.all([loadFamily(found.settings.family), loadData(found.settings.data)]);
  if (!isSameVisit(found)) return false;
  if (isOwn(found.settings.data)) {
    const data = await keptOwn(found.settings.data);
    if (!data) return false;
    own.value = data;
  }
  await drawExamples(found.settings.data);
  if (running.value || shown.value) return false;
  await show(found);
  return true;
}

async function show(run: Kept): Promise<void> {
  const found = { ...run, settings: asSet(run) };
  batch(() => {
    kept.value = found;
    settings.value = found.settings;
    shown.value = found.settings;
    shownData.value = found.settings.data;
    plane.value = planeOf(found);
    codes.value = found.codes;
    step.value = found.step;
    epochs.value = found.epochs;
    losses.value = found.losses;
    changes.value = found.changes;
    moments.value = found.moments;
  });
  const model = withoutGpu(found);
  if (model)
    return showModel(model, found.settings, found.codes && { codes: found.codes, plane: planeOf(found), old: true });
  // Others answer on the GPU, once there is one.
  await opened;
  if (phase.value !== "ready" || !isKept.value) return;
  train({ resume: found, until: found.step });
  kept.value = found;
}

const planeOf = ({ settings, axes = [] }: Kept) => planeAlong(latentOf(settings), axes);

/** The kept model computed by the page itself, where that is small and dense enough. */
function withoutGpu({ settings, bytes }: Kept): Answers | undefined {
  try {
    const model = modelOf(settings);
    const weights = readWeights(openCheckpoint(bytes, "The kept run"), model.parameters);
    const size = [...weights.values()].reduce((sum, { length }) => sum + length, 0);
    const dense = model.parameters.every(({ shape }) => shape.length <= 2);
    return dense && size <= MOST_WEIGHTS ? interpreted(model, weights) : undefined;
  } catch {
    return undefined; // a model that depends on how many examples there are
  }
}

/** Goes on training where the kept run was. */
export function goOnFromKept(): void {
  const found = kept.value;
  if (!found) return;
  settings.value = found.settings;
  train({ resume: { ...found, codes: codes.value as Kept["codes"] } });
}

/** Trains what the kept run was of, from its seed. */
export function startKeptAgain(): void {
  const found: Settings | undefined = kept.value?.settings;
  if (found) settings.value = found;
  train();
}
