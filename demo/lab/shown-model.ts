import { batch } from "@preact/signals";
import { nextTask } from "../../src/data/slices.ts";
import { shownData } from "./examples.ts";
import { letGo } from "./hold.ts";
import { look } from "./look.ts";
import { latentOf } from "./model.ts";
import { type Plane, startPlane } from "./plane.ts";
import type { Settings } from "./settings.ts";
import { type Answers, answers, codes, plane, shown } from "./state.ts";

/** Codes of the held-out examples that are there with a model, so that the map is there at once. */
export interface Known {
  readonly codes: Float32Array;
  /** The plane that the map shows of them. */
  readonly plane?: Plane;
  /** Of an earlier step than the model: shown until its own are known. */
  readonly old?: boolean;
}

/** Shows a model that answers without a run. */
export async function showModel(model: Answers, settings: Settings, known?: Known): Promise<void> {
  batch(() => {
    shown.value = settings;
    shownData.value = settings.data;
    letGo();
    answers.value = model;
    plane.value = known?.plane ?? startPlane(latentOf(settings));
    codes.value = known?.codes;
  });
  const current = () => answers.value === model;
  await nextTask(); // what is there is shown before more is computed
  await look(model, current, known?.old ? undefined : known?.codes);
}
