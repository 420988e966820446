import type { Dataset } from "../data/dataset.ts";
import type { SafetensorsTensor } from "../formats/safetensors.ts";
import type { Model } from "../models/model.ts";
import type { Parameter } from "../nn/parameter.ts";
import { type ArenaLayout, arenaLayout, unpackArena } from "../runtime/arena.ts";
import type { Snapshot } from "./arenas.ts";
import { allMoments, momentLayout } from "./moments.ts";
import type { Progress } from "./progress.ts";
import { encodeSealed } from "./seal.ts";

export const FIRST = "optimizer.first.";
export const SECOND = "optimizer.second.";
/** Seed (two words), step (two words), epoch, batch, batches an epoch, training examples. Version 1 had more words behind. */
export const STATE = "state";
export const STATE_WORDS = 8;

/** Goes up when files of before cannot be read as they are. */
export const FORMAT = "reparam 2";

/** A tensor of a checkpoint. */
export type Held = Pick<Parameter, "name" | "shape">;

/** What a run was of, beside its snapshot: a checkpoint continues only this. */
export interface RunIdentity {
  readonly seed: number;
  readonly examples: number;
  readonly batches: number;
  /** Digest of the training examples; undefined in files of before, and where nothing can compute it. */
  readonly data?: string;
}

/** A run at one step. */
export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly progress: Progress;
  readonly identity: RunIdentity;
}

/** Weights under the names of the parameters, moments and state beside them, progress as metadata. */
export function encodeCheckpoint(
  model: Pick<Model, "parameters" | "stages">,
  { snapshot, progress, identity }: Checkpoint,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, SafetensorsTensor> = {};
  const add = (prefix: string, layout: ArenaLayout, arena: Float32Array, held: readonly Held[]) => {
    for (const { name, shape } of held) {
      const data = unpackArena(layout, arena, { name, shape }) as Float32Array<ArrayBuffer>;
      tensors[prefix + name] = { dtype: "F32", shape: [...shape], data };
    }
  };
  const [moments, kept] = [momentLayout(model), allMoments(model)];
  add("", arenaLayout(model.parameters), snapshot.parameters, model.parameters);
  add(FIRST, moments, snapshot.firstMoments, kept);
  add(SECOND, moments, snapshot.secondMoments, kept);
  const { seed, examples, batches, data } = identity;
  const { step } = snapshot;
  const epoch = Math.floor(step / batches);
  const words = [seed, 0, step >>> 0, Math.floor(step / 2 ** 32), epoch, step % batches, batches, examples];
  tensors[STATE] = { dtype: "U32", shape: [STATE_WORDS], data: Uint32Array.from(words) };
  const said = { format: FORMAT, ...metadata, progress: JSON.stringify(progress), ...(data && { data }) };
  return encodeSealed(tensors, said);
}

/** The metadata that say what a checkpoint's model takes. */
export const fieldsMetadata = (fields: Dataset["fields"]): { fields: string } => ({ fields: JSON.stringify(fields) });
