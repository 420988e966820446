import { builtIn } from "../../src/data/built-in.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { ReparamError } from "../../src/errors.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { isFamily } from "../../src/models/family-by-name.ts";
import { openCheckpoint, stateOf } from "../../src/train/read-checkpoint.ts";
import { encodeSealed } from "../../src/train/seal.ts";
import { HELD_OUT } from "./examples.ts";
import { loadFamily } from "./families.ts";
import { batchSizeOf } from "./model.ts";
import { acceptedOptions, BEGINNING, isBuiltIn, type Settings } from "./settings.ts";

/** A model from a file: what it was trained with, and how far. */
export interface OpenedModel {
  readonly name: string;
  readonly settings: Settings;
  readonly step: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A checkpoint that says what it is of, as those of the command line do, so that they can open each other's. */
export function describedModel(bytes: Uint8Array, settings: Settings): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = decodeSafetensors(bytes, "The checkpoint");
  const { family, options, data, pictures, epochs, learningRate, seed } = settings;
  const built = isBuiltIn(data);
  const config = {
    model: { family, ...options },
    ...(built && { data: { name: data, trainCount: pictures, testCount: HELD_OUT } }),
    training: { epochs, batchSize: batchSizeOf(settings), optimizer: { learningRate } },
    seed,
  };
  return encodeSealed(tensors, { ...metadata, config: JSON.stringify(config) });
}

/**
 * Reads a checkpoint of this page or of the command line. `own`: a person's data that are there. Rejects with ReparamError
 * "checkpoint" for a file that is none, or that does not say what it is of, and "data" where its data are not there.
 */
export async function openedModel(bytes: Uint8Array<ArrayBuffer>, name: string, own?: Dataset): Promise<OpenedModel> {
  const file = openCheckpoint(bytes, name);
  const { step, seed, examples } = stateOf(file);
  const config = parsed(file.metadata.config);
  const { family, ...given } = (config.model ?? {}) as { family?: string } & Record<string, unknown>;
  if (!family || !isFamily(family)) {
    throw new ReparamError(
      "checkpoint",
      `${name} does not say of what family it is: neither this page nor reparam train wrote it.`,
    );
  }
  await loadFamily(family);
  const training = (config.training ?? {}) as { epochs?: number; optimizer?: { learningRate?: number } };
  return {
    name,
    bytes,
    step,
    settings: {
      family,
      options: acceptedOptions(family, given),
      learningRate: training.optimizer?.learningRate ?? BEGINNING.learningRate,
      epochs: training.epochs ?? BEGINNING.epochs,
      seed,
      data: dataOf(file.metadata.fields, config.data as { name?: string } | undefined, name, own),
      pictures: examples,
    },
  };
}

/** The data that a file's model takes: those that it names, else a person's own where they have the same shape. */
function dataOf(text: string | undefined, told: { name?: string } | undefined, file: string, own?: Dataset): string {
  const { x } = parsed(text) as Dataset["fields"];
  const shapeOf = (fields: Dataset["fields"]) => String(fields.x.shape);
  const named = told?.name;
  if (named && isBuiltIn(named)) {
    const fields = builtIn[named].fields();
    if (!x || shapeOf(fields) === String(x.shape)) return named;
  }
  if (own && x && shapeOf(own.fields) === String(x.shape)) return own.name;
  const what = x ? `examples of shape [${x.shape}]` : "data of its own";
  throw new ReparamError("data", `${file} was trained on ${what}: drop those files first, then the model.`);
}

const parsed = (text: string | undefined): Record<string, unknown> => {
  try {
    return (JSON.parse(text ?? "{}") ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
};
