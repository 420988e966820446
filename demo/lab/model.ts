import { computed } from "@preact/signals";
import type { Model } from "../../src/index.ts";
import { buildFamily } from "../../src/models/family.ts";
import { examplesNamed } from "./examples.ts";
import { statements } from "./families.ts";
import { asSet, BATCH, optionOf, type Settings } from "./settings.ts";
import { changes, running, settings, shown } from "./state.ts";

/** The model of some settings, to see what it is for. Throws ReparamError where it does not fit the data. */
export function modelOf({ family, options, data }: Settings): Model {
  const { fields } = examplesNamed(data);
  return buildFamily(statements[family], options, { fields, count: 1 });
}

/** How many weights a model has. */
export const weightsOf = ({ parameters }: Model): number =>
  parameters.reduce((sum, { shape }) => sum + shape.reduce((size, extent) => size * extent, 1), 0);

const shownModel = computed<Model | undefined>(() => {
  try {
    return modelOf(shown.value ?? settings.value);
  } catch {
    return undefined;
  }
});

/** Whether the steps of a model read an option from the state, so that it may change while they go. */
export function isLive(of: Settings, name: string): boolean {
  if (!statements[of.family].options[name]?.live) return false;
  try {
    return Object.hasOwn(modelOf(of).schedules, name);
  } catch {
    return false; // these settings make no model
  }
}

/** What the shown model can be used for. */
export const uses = computed<readonly string[]>(() => Object.keys(shownModel.value?.uses ?? {}));

/** Whether a use of the shown model is told the class. */
export const takesLabel = (use: string): boolean => {
  const found = shownModel.value?.uses[use];
  return found !== undefined && Object.hasOwn(found.from, "label");
};

/** Whether another model must be trained for what is set now. */
export const stale = computed(() => running.value !== undefined && startOf(running.value) !== startOf(settings.value));

/** What a link is of: the run that is there, where another one must be trained for what is set now, else what is set. */
export const sharedSettings = computed<Settings>(() =>
  stale.value && running.value ? asSet({ settings: running.value, changes: changes.value }) : settings.value,
);

/** What a run begins with: what may change while it goes does not make it another run. */
const startOf = ({ learningRate: _, options, ...rest }: Settings): string => {
  const own = statements[rest.family].options;
  const fixed = Object.entries(options).filter(([name]) => !own[name]?.live);
  return JSON.stringify([rest, fixed.sort()]);
};

/** Whether one of a model's networks learns at the run's learning rate: others have an optimizer of their own. */
export const hasMainRate = (settings: Settings): boolean =>
  modelOf(settings).stages.some(({ objectives }) => objectives.some(({ optimizer }) => optimizer === undefined));

/** How many numbers a code of some settings has. */
export const latentOf = (now: Settings): number => {
  const latent = optionOf(now, "latent");
  if (typeof latent === "number") return latent;
  const layers = optionOf(now, "layers");
  return Array.isArray(layers) ? layers[layers.length - 1] : 2;
};

/** Examples a step: of few examples, all. */
export const batchSizeOf = (now: Settings): number => Math.min(BATCH, now.pictures);

export const stepsAnEpoch = (now: Settings): number => Math.ceil(now.pictures / BATCH);
