import { computed, signal } from "@preact/signals";
import type { DataFile } from "../../src/data/read-dataset.ts";
import { ReparamError } from "../../src/errors.ts";
import { openCheckpoint, readWeights } from "../../src/train/read-checkpoint.ts";
import { chooseData } from "./choose.ts";
import { before } from "./earlier-runs.ts";
import { drawExamples, own, unusedName } from "./examples.ts";
import { bytesOf } from "./files.ts";
import { interpreted } from "./interpreted.ts";
import { loadModelReader, loadReader, notLoaded } from "./later-loads.ts";
import { modelOf } from "./model.ts";
import type { OpenedModel } from "./model-file.ts";
import { keepOwn } from "./own-data.ts";
import { train } from "./run.ts";
import { showModel } from "./shown-model.ts";
import { adapter, notice, phase, settings, shown } from "./state.ts";

/** What a dropped file is not, or what was found out by reading it: a line under the drop. */
export const fileProblem = signal("");
export const reading = signal("");
/** The model that came from a file, while it is shown. */
export const fromFile = signal<OpenedModel | undefined>(undefined);
/** Whether what is shown is that model, not trained further. */
export const isFromFile = computed(() => fromFile.value !== undefined && fromFile.value.settings === shown.value);

/** Opens what a person gave: a trained model, or data, on which a run starts. */
export async function openFiles(given: readonly DataFile[]): Promise<void> {
  if (given.length === 0) return;
  fileProblem.value = "";
  const [first] = given;
  reading.value = given.length === 1 ? first.name : `${given.length} files`;
  try {
    if (given.length === 1 && /\.safetensors$/i.test(first.name)) await openModel(await bytesOf(first), first.name);
    else await openData(given);
  } catch (error) {
    fileProblem.value = errorText(error);
  } finally {
    reading.value = "";
  }
}

async function openData(given: readonly DataFile[]): Promise<void> {
  const { readDataset } = await loadReader().catch(() => {
    throw new ReparamError("data", notLoaded("What reads files"));
  });
  const options = { missing: "drop" } as const;
  const read = await readDataset(given, options);
  // Families that expect numbers in 0..1 get them so; bytes are anyway.
  const data = read.fields.x.store === "f32" ? await readDataset(given, { ...options, scale: "unit" }) : read;
  own.value = { ...data, name: unusedName(data.name) };
  keepOwn(own.value);
  await chooseData(own.value.name);
  if (!adapter.value) return;
  const last = before.value;
  train();
  if (before.value !== last) notice.value = `Now it learns from ${data.name}. The run that was there stays in Compare.`;
}

/** Shows a model from a file, without training it. */
export async function openModel(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<void> {
  const { openedModel } = await loadModelReader().catch(() => {
    throw new ReparamError("checkpoint", notLoaded("What opens models"));
  });
  const opened = await openedModel(bytes, name, own.value);
  await drawExamples(opened.settings.data);
  settings.value = opened.settings;
  if (adapter.value && phase.value !== "nowhere") train({ resume: opened, until: opened.step });
  else {
    const model = modelOf(opened.settings);
    const weights = readWeights(openCheckpoint(bytes, name), model.parameters);
    await showModel(interpreted(model, weights), opened.settings);
  }
  fromFile.value = opened;
}

/** Opens the model of `?model=URL`. */
export async function openLinked(address: string): Promise<void> {
  const url = new URL(address, location.href);
  const name = decodeURIComponent(url.pathname.split("/").at(-1) || url.host);
  reading.value = name;
  try {
    const response = await fetch(url).catch(() => undefined);
    if (!response) {
      throw new ReparamError(
        "checkpoint",
        `${url} cannot be read: its server has to be there, and to allow other pages (CORS).`,
      );
    }
    if (!response.ok)
      throw new ReparamError("checkpoint", `${url} cannot be read: the server says ${response.status}.`);
    await openModel(new Uint8Array(await response.arrayBuffer()), name);
  } catch (error) {
    fileProblem.value = errorText(error);
  } finally {
    reading.value = "";
  }
}

/** Goes on training the model that came from a file. */
export function goOnFromFile(): void {
  const opened = fromFile.value;
  if (!opened) return;
  fromFile.value = undefined;
  settings.value = opened.settings;
  train({ resume: opened });
}

/** What helps where a column holds words. */
const COLUMN_OF_WORDS = " Call the column label to colour the map by it, or leave it out.";

/** An error in a line, with advice for the page in place of that on options, which only the command line has. */
export function errorText(error: unknown): string {
  if (!(error instanceof ReparamError))
    return `Something went wrong that should not have: ${(error as Error).message}. Reload the page.`;
  const told = error.message.replace(/[:;] data\.\w+=.*$/, ".");
  return / is ".*", no number\.$/.test(told) ? told + COLUMN_OF_WORDS : told;
}
