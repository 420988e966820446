import { batch } from "@preact/signals";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { readElements } from "../../src/formats/elements.ts";
import type { SafetensorsTensor } from "../../src/formats/safetensors.ts";
import { interpreted } from "./interpreted.ts";
import { modelOf } from "./model.ts";
import type { Settings } from "./settings.ts";
import { showModel } from "./shown-model.ts";
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
  return { model: interpreted(modelOf(settings), weights), settings, codes: fromHalves(codes), epoch };
}

/**
 * Shows the model that comes with the page, unless another is there by then; `shown` is called when it answers.
 * `node demo/shipped/make.mjs` makes it anew.
 */
export async function showShipped(shown: () => void): Promise<void> {
  const response = await fetch(new URL("../shipped/vae-2d.safetensors", import.meta.url)).catch(() => undefined);
  if (!response?.ok) return; // the page does without it
  const { model, settings, codes, epoch } = shippedModel(new Uint8Array(await response.arrayBuffer()));
  if (running.value || answers.value) return;
  batch(() => {
    step.value = epoch.step;
    epochs.value = [epoch];
  });
  const showing = showModel(model, settings, codes);
  shown();
  await showing;
}
