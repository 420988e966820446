import { ReparamError } from "../errors.ts";
import { decodeSafetensors } from "../formats/decode-safetensors.ts";
import type { SafetensorsFile, SafetensorsTensor } from "../formats/safetensors.ts";
import type { Model } from "../models/model.ts";
import type { Parameter } from "../nn/parameter.ts";
import { arenaLayout, packArena } from "../runtime/arena.ts";
import {
  type Checkpoint,
  FIRST,
  FORMAT,
  type Held,
  type RunIdentity,
  SECOND,
  STATE,
  STATE_WORDS,
} from "./checkpoint.ts";
import { emptyTotals } from "./metrics.ts";
import { allMoments, momentLayout } from "./moments.ts";
import { initialProgress, type Progress } from "./progress.ts";
import { checkSeal } from "./seal.ts";

const READABLE = ["reparam 1", FORMAT];

/** A file, decoded once: its tensors, and what it says of itself. */
export type OpenCheckpoint = SafetensorsFile & { readonly fileName: string };

/** A file as it was written. Throws ReparamError "checkpoint" where it is damaged. */
export function intactFile(bytes: Uint8Array, fileName: string): SafetensorsFile {
  const file = decodeSafetensors(bytes, fileName);
  checkSeal(bytes, file.metadata.checksum, fileName);
  return file;
}

/** Throws ReparamError "checkpoint" where the file is damaged, or of a version that cannot be read. */
export function openCheckpoint(bytes: Uint8Array, fileName: string): OpenCheckpoint {
  const file = intactFile(bytes, fileName);
  const { format } = file.metadata;
  if (format !== undefined && /^reparam /.test(format) && !READABLE.includes(format)) {
    throw new ReparamError(
      "checkpoint",
      `${fileName} is of the format "${format}", and this version reads ${READABLE.join(" and ")}: use a newer reparam.`,
    );
  }
  return { ...file, fileName };
}

/**
 * A run's checkpoint, for a model. Throws ReparamError "checkpoint" where its tensors are not this model's: the first one
 * that differs is named.
 */
export function readCheckpoint(
  { tensors, metadata, fileName }: OpenCheckpoint,
  model: Pick<Model, "parameters" | "stages">,
): Checkpoint {
  const kept = allMoments(model);
  const known = new Set([
    STATE,
    ...model.parameters.map(({ name }) => name),
    ...kept.flatMap(({ name }) => [FIRST + name, SECOND + name]),
  ]);
  const stranger = Object.keys(tensors).find((name) => !known.has(name));
  if (stranger) throw wrongModel(fileName, `it holds "${stranger}", which this model does not have`);
  const read = (prefix: string) => (held: Held) => tensorOf(tensors, prefix + held.name, held, fileName);
  const layout = momentLayout(model);
  // A statistic has no moments: their places stay zeros.
  const names = new Set(kept.map(({ name }) => name));
  const withMoments = { ...layout, parameters: layout.parameters.filter(({ name }) => names.has(name)) };
  const moments = (prefix: string) => packArena(withMoments, read(prefix));
  const arenas = {
    parameters: packArena(arenaLayout(model.parameters), read("")),
    firstMoments: moments(FIRST),
    secondMoments: moments(SECOND),
  };
  const { step, ...run } = stateOf({ tensors, fileName });
  const identity = { ...run, ...(metadata.data !== undefined && { data: metadata.data }) };
  const progress = readProgress(metadata.progress, fileName);
  if (step !== progress.step) throw badProgress(fileName);
  return { snapshot: { ...arenas, step }, progress, identity };
}

/** What run a checkpoint is of, and its step. Throws ReparamError "checkpoint" where it is of none. */
export function stateOf({ tensors, fileName }: Pick<OpenCheckpoint, "tensors" | "fileName">): RunIdentity & {
  readonly step: number;
} {
  const state = tensors[STATE];
  if (state?.dtype !== "U32" || state.shape.length !== 1 || state.shape[0] < STATE_WORDS) {
    throw new ReparamError(
      "checkpoint",
      `${fileName} holds no "${STATE}" of a run that this version reads: it is damaged.`,
    );
  }
  const [seed, , low, high, , , batches, examples] = state.data as Uint32Array;
  return { seed, examples, batches, step: low + high * 2 ** 32 };
}

/** How many training examples a file's run had; undefined for weights alone. */
export const examplesOf = (file: Pick<OpenCheckpoint, "tensors" | "fileName">): number | undefined =>
  Object.hasOwn(file.tensors, STATE) ? stateOf(file).examples : undefined;

/** Refuses to continue a run with other data or another seed. Throws ReparamError "checkpoint". */
export function checkIdentity(saved: RunIdentity, { seed, examples, batches, data }: RunIdentity): void {
  if (saved.examples !== examples || saved.batches !== batches) {
    throw new ReparamError(
      "checkpoint",
      `The checkpoint's run had ${saved.examples} training examples in ${saved.batches} batches, and this one has ` +
        `${examples} in ${batches}: continue it with the same data and batchSize.`,
    );
  }
  if (saved.data !== undefined && data !== undefined && saved.data !== data) {
    throw new ReparamError(
      "checkpoint",
      `The checkpoint's run had other training examples than these ${examples}: their digests differ. Continue it with the same data.`,
    );
  }
  if (saved.seed !== seed) {
    throw new ReparamError(
      "checkpoint",
      `The checkpoint's run has the seed ${saved.seed}, and this one ${seed}: continue it with its own, or with none given.`,
    );
  }
}

/** The weights alone, by name: what using a model takes. Optimizer state may be there or not. */
export const readWeights = (
  { tensors, fileName }: OpenCheckpoint,
  parameters: readonly Parameter[],
): Map<string, Float32Array> =>
  new Map(parameters.map((parameter) => [parameter.name, tensorOf(tensors, parameter.name, parameter, fileName)]));

/** The progress of a checkpoint's run; undefined for weights alone. */
export const progressOf = ({ metadata, fileName }: OpenCheckpoint): Progress | undefined =>
  metadata.progress === undefined ? undefined : readProgress(metadata.progress, fileName);

function tensorOf(
  tensors: Readonly<Record<string, SafetensorsTensor>>,
  name: string,
  { shape }: Held,
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
    const progress = { ...initialProgress, ...(JSON.parse(text ?? "") as Progress) };
    const { epochTotals = emptyTotals, windowTotals = emptyTotals } = progress;
    const counts = [
      ...[progress.step, progress.stage, progress.stageStart, progress.evaluatedStep, progress.evaluations],
      ...[progress.waited, progress.skipped, epochTotals.examples, windowTotals.examples],
    ];
    const whole = counts.every((count) => Number.isSafeInteger(count) && count >= 0);
    const sums = [...epochTotals.sums, ...windowTotals.sums];
    const changed = progress.changes.every(
      ({ step, values }) => Number.isSafeInteger(step) && Object.values(values).every(Number.isFinite),
    );
    const lossOrNull = [progress.best, progress.reference].every((loss) => loss === null || Number.isFinite(loss));
    if (whole && changed && lossOrNull && sums.every(Number.isFinite)) return progress;
  } catch {}
  throw badProgress(fileName);
}

const badProgress = (fileName: string): ReparamError =>
  new ReparamError(
    "checkpoint",
    `${fileName} does not say how far its run had come ("progress" in its metadata): it is damaged.`,
  );
