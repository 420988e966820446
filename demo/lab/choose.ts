import { loadData } from "./drawn-data.ts";
import { own } from "./examples.ts";
import { notLoaded } from "./later-loads.ts";
import { latest } from "./latest.ts";
import { hasMainRate, isLive } from "./model.ts";
import { changeRun, train } from "./run.ts";
import { asSet, BEGINNING, epochsFor, isOwn, settingsOf } from "./settings.ts";
import { changes, notice, phase, running, settings, step } from "./state.ts";

/** What a visitor sets: for the next start, or at once where a run can take it. */

/** Takes a family with its own settings. Where something was trained, a run of it starts at once, and that of before stays in Compare. */
export function choose(family: string): void {
  if (family === settings.value.family) return;
  settings.value = settingsOf(family, settings.value);
  if (running.value) train();
}

/** Other data for the next start, with what suits them; what a visitor set stays. */
export async function chooseData(data: string): Promise<void> {
  try {
    await loadData(data);
  } catch {
    notice.value = notLoaded(`What draws the ${data}`);
    return;
  }
  const { family, data: last, pictures } = settings.value;
  const drawn = isOwn(last) ? BEGINNING.pictures : pictures;
  const next = { data, pictures: data === own.value?.name ? own.value.train.count : drawn };
  // Epochs that a visitor set stay.
  const epochs = settings.value.epochs === epochsFor(settings.value) ? epochsFor(next) : settings.value.epochs;
  settings.value = { ...settingsOf(family, settings.value, data), ...next, epochs };
}

/** Takes back what was set for the next start: what is set is again what the run that is there has. */
export function takeBack(): void {
  if (running.value) settings.value = asSet({ settings: running.value, changes: changes.value });
}

/** Sets an option of the family: at once where the run can take it, else for the next start. */
export function setOption(name: string, value: unknown): void {
  settings.value = { ...settings.value, options: { ...settings.value.options, [name]: value } };
  const begun = running.value;
  if (begun?.family !== settings.value.family || !isLive(begun, name)) return;
  if (typeof value === "number") changeNow({ [name]: value });
}

export function setLearningRate(learningRate: number): void {
  settings.value = { ...settings.value, learningRate };
  if (running.value?.family === settings.value.family && hasMainRate(running.value)) changeNow({ learningRate });
}

const changeNow = latest(changeRun, (_, values) => {
  if (!isUnderWay()) return;
  const [[name, value]] = Object.entries(values);
  // A slider that is pulled is one change.
  const before = changes.value.filter((change) => !(change.name === name && change.step === step.value));
  changes.value = [...before, { step: step.value, name, value }];
});

const isUnderWay = (): boolean => phase.value === "training" || phase.value === "paused";
