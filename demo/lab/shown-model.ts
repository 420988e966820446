import { batch } from "@preact/signals";
import { shownData } from "./examples.ts";
import { letGo } from "./hold.ts";
import { look } from "./look.ts";
import { latentOf } from "./model.ts";
import { startPlane } from "./plane.ts";
import type { Settings } from "./settings.ts";
import { keepMoment } from "./snapshots.ts";
import { type Answers, answers, codes, plane, shown, step } from "./state.ts";

/**
 * Shows a model that answers without a run. `known`: the codes of the held-out examples, where they came with it, so that the
 * map is there at once.
 */
export async function showModel(model: Answers, settings: Settings, known?: Float32Array): Promise<void> {
  batch(() => {
    letGo();
    shown.value = settings;
    shownData.value = settings.data;
    answers.value = model;
    plane.value = startPlane(latentOf(settings));
    codes.value = known;
  });
  const current = () => answers.value === model;
  keepMoment(step.value);
  await look(model, current, known);
  if (current()) keepMoment(step.value);
}
