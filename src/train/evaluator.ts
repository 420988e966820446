import { compile } from "../compiler/compile.ts";
import type { Split } from "../data/dataset.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import type { createPipelineCache } from "../gpu/pipelines.ts";
import { collect } from "../graph/graph.ts";
import { gatherBatch } from "../kernels/gather.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import { advanceState, RING_ROWS, ringRow } from "../kernels/update.ts";
import type { Model } from "../models/model.ts";
import { sizeOf } from "../node/node.ts";
import { type Plan, slotBytes } from "../plan/plan.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import { createProgram } from "../runtime/program.ts";
import { createRunner } from "../runtime/runner.ts";
import { batchObjective, createTotals, type Losses, leafPlaces, SCHEDULES } from "./objective.ts";
import { batchesOf, splitBytes, uploadSplit } from "./split-data.ts";

export interface EvaluatorOptions {
  readonly split: Split;
  readonly batchSize: number;
  readonly seed: number;
  readonly klWeight: number;
  readonly layout: ArenaLayout;
  /** The arena of the weights that are evaluated. */
  readonly parameters: GPUBuffer;
  readonly pipelines: ReturnType<typeof createPipelineCache>;
}

export interface Evaluator {
  /**
   * The mean losses over all examples of the split, in nats an example, or undefined if `signal` aborted.
   * `index` selects the noise: how many evaluations came before.
   */
  evaluate(index: number, signal?: AbortSignal): Promise<Losses | undefined>;
  /** One batch. */
  readonly plan: Plan;
  /** GPU memory. */
  readonly bytes: number;
  dispose(): void;
}

/** Evaluation draws other noise than training: its key differs in the second word. */
const EVALUATION_KEY = 1;

/** Compiles a model's loss over a split that stays on the GPU. The last batch may be ragged; every example counts once. */
export function createEvaluator(device: Device, model: Model, options: EvaluatorOptions): Promise<Evaluator> {
  return withOwner((owner) => build(device, model, options, owner));
}

async function build(
  device: Device,
  model: Model,
  options: EvaluatorOptions,
  { own, dispose }: Owner,
): Promise<Evaluator> {
  const { split, batchSize, seed, klWeight, layout, pipelines } = options;
  const features = sizeOf(model.input);
  const { metrics, names } = batchObjective(model, batchSize, features, false);
  const schedules = Float32Array.of(0, 0, 0, klWeight);
  const compiled = compile(collect({ metrics }), {
    profile: device.profile,
    schedules: SCHEDULES,
    leaves: leafPlaces(layout),
  });
  const { binding } = compiled.outputs.metrics;
  const gather = gatherBatch({
    data: "data",
    dataBytes: splitBytes(split),
    batchSize,
    features,
    shuffle: false,
    profile: device.profile,
  });
  const advance = advanceState({
    metrics: binding,
    metricCount: names.length,
    batchSize,
    schedules: SCHEDULES.length,
    tableRows: 1,
  });
  const plan: Plan = { ...compiled, dispatches: [gather, ...compiled.dispatches, advance] };

  const storage = (bytes: number, label: string, usage?: number) =>
    own(storageBuffer(device, bytes, `test ${label}`, usage));
  const buffers = {
    data: own(uploadSplit(device, split, "test")),
    x: storage(4 * batchSize * features, "batch"),
    weight: storage(4 * batchSize, "batch weights"),
    schedules: storage(schedules.byteLength, "schedules"),
    ring: storage(4 * RING_ROWS * ringRow(names.length), "metrics"),
    state: storage(STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  upload(device, buffers.schedules, schedules);
  const batches = batchesOf(split, batchSize);
  const seek = (step: number) =>
    upload(
      device,
      buffers.state,
      encodeState({ seed: [seed, EVALUATION_KEY], step, batches, examples: split.count, schedules: [...schedules] }),
    );
  seek(0);
  const program = own(
    await createProgram(device, plan, { pipelines, buffers: { ...buffers, parameters: options.parameters } }),
  );
  const runner = own(createRunner(device, program, buffers.ring, names.length));

  return {
    evaluate: async (index, signal) => {
      const start = index * batches;
      if (start !== runner.position()) {
        seek(start);
        runner.seek(start);
      }
      const totals = createTotals(names);
      const done = await runner.run(batches, totals.add, signal);
      return done === batches ? totals.means() : undefined;
    },
    plan,
    bytes: Object.values(buffers).reduce((sum, { size }) => sum + size, 0) + slotBytes(plan),
    dispose,
  };
}
