import { batch } from "@preact/signals";
import { nextTask } from "../../src/data/slices.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { readElements } from "../../src/formats/elements.ts";
import type { SafetensorsTensor } from "../../src/formats/safetensors.ts";
import { arenaLayout, packArena } from "../../src/runtime/arena.ts";
import { encodeCheckpoint, fieldsMetadata } from "../../src/train/checkpoint.ts";
import { momentLayout } from "../../src/train/moments.ts";
import { initialProgress } from "../../src/train/progress.ts";
import { examplesNamed } from "./examples.ts";
import { interpreted } from "./interpreted.ts";
import { modelOf, stepsAnEpoch } from "./model.ts";
import type { Settings } from "./settings.ts";
import { showModel } from "./shown-model.ts";
import { origin } from "./snapshots.ts";
import { answers, epochs, type Point, running, step } from "./state.ts";

/** The codes of the held-out examples, in the shipped file. */
const CODES = "codes";

/** Numbers in half precision, which the file keeps as the 16-bit words that they are. */
const fromHalves = ({ data }: SafetensorsTensor): Float32Array =>
  readElements(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), "f2", false) as Float32Array;

/** The model of a shipped file: what it answers with, what it was trained with, its held-out codes and its last epoch. */
export function shippedModel(bytes: Uint8Array) {
  const { tensors, metadata } = decodeSafetensors(bytes, "The shipped model");
  const settings = JSON.parse(metadata.settings) as Settings;
  const { [CODES]: codes, ...rest } = tensors;
  const weights = new Map(Object.entries(rest).map(([name, tensor]) => [name, fromHalves(tensor)]));
  const epoch = JSON.parse(metadata.epoch) as Point;
  return { model: interpreted(modelOf(settings), weights), weights, settings, codes: fromHalves(codes), epoch };
}

/** What a shipped file holds. */
export type Shipped = ReturnType<typeof shippedModel>;

let shown: Shipped | undefined;

/** The shipped model that is shown, as a checkpoint. */
export const shippedCheckpoint = (): Uint8Array<ArrayBuffer> | undefined => shown && trainableModel(shown);

/**
 * A shipped model as a checkpoint that training can go on from. Its optimizer begins anew, as the page comes without its moments.
 */
export function trainableModel({ weights, settings, epoch }: Shipped): Uint8Array<ArrayBuffer> {
  const { seed, pictures } = settings;
  const model = modelOf(settings);
  const moments = () => new Float32Array(momentLayout(model).bytes / 4);
  const snapshot = {
    parameters: packArena(arenaLayout(model.parameters), ({ name }) => weights.get(name)!),
    firstMoments: moments(),
    secondMoments: moments(),
    step: epoch.step,
  };
  const progress = { ...initialProgress, step: epoch.step, evaluatedStep: epoch.step };
  const identity = { seed, examples: pictures, batches: stepsAnEpoch(settings) };
  return encodeCheckpoint(model, { snapshot, progress, identity }, fieldsMetadata(examplesNamed(settings.data).fields));
}

/**
 * Shows the model that comes with the page, unless another is there by then; `answering` is called when it answers.
 * `node demo/shipped/make.mjs` makes it anew.
 */
export async function showShipped(answering: () => void): Promise<void> {
  const response = await fetch(new URL("../shipped/vae-2d.safetensors", import.meta.url)).catch(() => undefined);
  if (!response?.ok) return; // the page does without it
  const found = shippedModel(new Uint8Array(await response.arrayBuffer()));
  await nextTask(); // the page answers in between
  if (running.value || answers.value) return;
  shown = found;
  const { model, settings, codes, epoch } = found;
  batch(() => {
    step.value = epoch.step;
    epochs.value = [epoch];
    origin.value = { of: settings, words: "came with the page" };
  });
  const showing = showModel(model, settings, { codes });
  answering();
  await showing;
}
