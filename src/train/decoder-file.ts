import { compile } from "../compiler/compile.ts";
import { encodeDecoder, MAX_ROWS } from "../decode/decoder-file.ts";
import { ReparamError } from "../errors.ts";
import { type DeviceProfile, SOME_GPU } from "../gpu/profile.ts";
import { collect } from "../graph/graph.ts";
import type { Model } from "../models/model.ts";
import { input } from "../ops/leaf.ts";
import { arenaLayout } from "../runtime/arena.ts";
import { checked, whole } from "../schema/constraints.ts";
import { usePass } from "./batch.ts";
import { leafPlaces } from "./objective.ts";
import { openCheckpoint, readWeights } from "./read-checkpoint.ts";
import { useNamed } from "./use-named.ts";

/** Nothing that only some adapters have: the file runs on every one. */
const ANY_ADAPTER: DeviceProfile = { ...SOME_GPU, subgroups: false };

/**
 * The decoder of a trained model as a file for `reparam/decode`: from a checkpoint of `run.checkpoint()`, `run.best()` or a
 * run folder, and the model as it was trained. It takes no GPU. `rows`: how many codes a run of its kernels decodes, 16 unless given.
 * Throws ReparamError "usage" for a model that cannot decode, "checkpoint" for a file of another model, "config" where
 * decoding draws random numbers.
 */
export function decoderFile(
  model: Model,
  checkpoint: Uint8Array,
  { rows = 16 }: { readonly rows?: number } = {},
): Uint8Array<ArrayBuffer> {
  checked("decoderFile", "rows", rows, whole(1, MAX_ROWS));
  const { from, to, apply } = useNamed(model, "decode");
  const nodes = Object.entries(from).map(([name, { shape }]) => [name, input(name, [rows, ...shape])] as const);
  const y = apply(Object.fromEntries(nodes), usePass(rows));
  const graph = collect({ y });
  if (graph.nodes.some(({ op }) => op.lowering.kind === "noise" || op.lowering.kind === "schedule")) {
    throw new ReparamError(
      "config",
      "This model's decode draws random numbers or reads a schedule: no file can hold that.",
    );
  }
  const names = new Set(graph.nodes.filter(({ op }) => op.name === "parameter").map(({ name }) => name!));
  const parameters = model.parameters.filter(({ name }) => names.has(name));
  const layout = arenaLayout(parameters);
  const weights = readWeights(openCheckpoint(checkpoint, "The checkpoint"), parameters);
  return encodeDecoder({
    rows,
    inputs: Object.fromEntries(Object.entries(from).map(([name, { shape }]) => [name, shape])),
    shape: to.shape,
    plan: compile(graph, { profile: ANY_ADAPTER, leaves: leafPlaces(layout) }),
    bytes: layout.bytes,
    offsets: Object.fromEntries(layout.offsets),
    weights: Object.fromEntries(parameters.map(({ name, shape }) => [name, { shape, data: weights.get(name)! }])),
  });
}
