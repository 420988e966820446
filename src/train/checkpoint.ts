import { ReparamError } from "../errors.ts";
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from "../formats/safetensors.ts";
import { decodeState, STATE_BYTES } from "../kernels/state.ts";
import type { Parameter } from "../nn/layers.ts";
import { arenaLayout, packArena, unpackArena } from "../runtime/arena.ts";
import type { Progress } from "./loop.ts";
import type { Snapshot } from "./trainer.ts";

const FIRST = "optimizer.first.";
const SECOND = "optimizer.second.";
const STATE = "state";

/** A run at one step: weights under the names of the parameters, moments and state beside them, progress as metadata. */
export function encodeCheckpoint(
  parameters: readonly Parameter[],
  snapshot: Snapshot,
  progress: Progress,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const layout = arenaLayout(parameters);
  const tensors: Record<string, SafetensorsTensor> = {};
  const trained = parameters.filter((parameter) => parameter.trained);
  const add = (prefix: string, arena: Float32Array, held: readonly Parameter[]) => {
    for (const parameter of held) {
      tensors[prefix + parameter.name] = {
        dtype: "F32",
        shape: [...parameter.shape],
        data: unpackArena(layout, arena, parameter) as Float32Array<ArrayBuffer>,
      };
    }
  };
  add("", snapshot.parameters, parameters);
  add(FIRST, snapshot.firstMoments, trained);
  add(SECOND, snapshot.secondMoments, trained);
  tensors[STATE] = { dtype: "U32", shape: [STATE_BYTES / 4], data: new Uint32Array(snapshot.state.slice().buffer) };
  return encodeSafetensors(tensors, { format: "reparam 1", ...metadata, progress: JSON.stringify(progress) });
}

export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly progress: Progress;
}

/**
 * Reads a checkpoint back for a model. Throws ReparamError "checkpoint" where the file is damaged, or where its tensors
 * are not this model's: the first one that differs is named.
 */
export function decodeCheckpoint(bytes: Uint8Array, parameters: readonly Parameter[], fileName: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const layout = arenaLayout(parameters);
  const known = new Set([
    STATE,
    ...parameters.flatMap(({ name, trained }) => (trained ? [name, FIRST + name, SECOND + name] : [name])),
  ]);
  const stranger = Object.keys(tensors).find((name) => !known.has(name));
  if (stranger) throw wrongModel(fileName, `it holds "${stranger}", which this model does not have`);
  const read = (prefix: string) => (parameter: Parameter) =>
    tensorOf(tensors, prefix + parameter.name, parameter, fileName);
  // A running statistic has no moments: their places stay zeros.
  const moments = (prefix: string) =>
    packArena({ ...layout, parameters: parameters.filter(({ trained }) => trained) }, read(prefix));
  const snapshot = {
    parameters: packArena(layout, read("")),
    firstMoments: moments(FIRST),
    secondMoments: moments(SECOND),
  };
  const state = tensors[STATE];
  if (state?.dtype !== "U32" || state.shape.length !== 1 || state.shape[0] !== STATE_BYTES / 4) {
    throw new ReparamError(
      "checkpoint",
      `${fileName} holds no "${STATE}" of a run that this version reads: it is damaged.`,
    );
  }
  const { buffer } = (state.data as Uint32Array<ArrayBuffer>).slice();
  const progress = readProgress(metadata.progress, fileName);
  if (decodeState(buffer).step !== progress.step) throw badProgress(fileName);
  return { snapshot: { ...snapshot, state: new Uint8Array(buffer) }, progress };
}

/** The weights alone, by name: what using a model takes. Optimizer state may be there or not. */
export function decodeWeights(
  bytes: Uint8Array,
  parameters: readonly Parameter[],
  fileName: string,
): Map<string, Float32Array> {
  const { tensors } = decodeSafetensors(bytes, fileName);
  return new Map(
    parameters.map((parameter) => [parameter.name, tensorOf(tensors, parameter.name, parameter, fileName)]),
  );
}

/** How many evaluations a checkpoint's run had made: the last of them had the number before. 0 for weights alone. */
export function evaluationsOf(bytes: Uint8Array, fileName: string): number {
  const { progress } = decodeSafetensors(bytes, fileName).metadata;
  return progress === undefined ? 0 : readProgress(progress, fileName).evaluations;
}

function tensorOf(
  tensors: Readonly<Record<string, SafetensorsTensor>>,
  name: string,
  { shape }: Parameter,
  fileName: string,
): Float32Array {
  const tensor = tensors[name];
  if (!tensor) throw wrongModel(fileName, `it has no "${name}"`);
  if (tensor.dtype !== "F32" || String(tensor.shape) !== String(shape)) {
    throw wrongModel(fileName, `"${name}" is ${tensor.dtype} [${tensor.shape}] there and F32 [${shape}] here`);
  }
  return tensor.data as Float32Array;
}

const wrongModel = (fileName: string, difference: string): ReparamError =>
  new ReparamError("checkpoint", `${fileName} is a checkpoint of another model: ${difference}.`);

function readProgress(text: string | undefined, fileName: string): Progress {
  try {
    const progress = JSON.parse(text ?? "") as Progress;
    const { epochTotals, windowTotals } = progress;
    const counts = [
      ...[progress.step, progress.evaluatedStep, progress.evaluations, progress.waited],
      ...[epochTotals.examples, windowTotals.examples],
    ];
    const whole = counts.every((count) => Number.isSafeInteger(count) && count >= 0);
    const sums = [...epochTotals.sums, ...windowTotals.sums];
    const lossOrNull = [progress.best, progress.reference].every((loss) => loss === null || Number.isFinite(loss));
    if (whole && lossOrNull && sums.every(Number.isFinite)) return progress;
  } catch {}
  throw badProgress(fileName);
}

const badProgress = (fileName: string): ReparamError =>
  new ReparamError(
    "checkpoint",
    `${fileName} does not say how far its run had come ("progress" in its metadata): it is damaged.`,
  );
