import type { Dataset } from "../data/dataset.ts";
import { bytesOf, storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import { encodeState, STATE_BYTES } from "../kernels/state.ts";
import { RING_ROWS, ringRow } from "../kernels/update.ts";
import type { Model, Stage } from "../models/model.ts";
import { type Plan, textureBytes } from "../plan/plan.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import { createProgram } from "../runtime/program.ts";
import { createRunner, type Runner, type SubmitLength } from "../runtime/runner.ts";
import type { SlotPool } from "../runtime/slots.ts";
import { batchesOf, picksFor, type SplitOnGpu } from "./data.ts";
import { createTotals, type Losses, unitsOf } from "./metrics.ts";
import { stageGraphs } from "./objective.ts";
import type { StageSchedules } from "./stage-schedules.ts";
import { evaluationPlan, METRICS, metricBytes, metricRow } from "./step-plan.ts";

export interface EvaluatorOptions {
  readonly stage: Stage;
  readonly fields: Dataset["fields"];
  /** The examples, on the GPU. */
  readonly split: SplitOnGpu;
  /** Buffers that the batch is picked into, by name; the training step's own will do. */
  readonly batch: Readonly<Record<string, GPUBuffer>>;
  readonly batchSize: number;
  readonly seed: number;
  readonly schedules: Pick<StageSchedules, "names" | "final">;
  readonly layout: ArenaLayout;
  /** The arena of the weights that are evaluated. */
  readonly parameters: GPUBuffer;
  readonly slots: SlotPool;
  readonly submitLength?: SubmitLength;
}

export interface Evaluator {
  /** Begins to compile, so that no evaluation has to wait for it; `evaluate` does so where nobody did. */
  prepare(): void;
  /**
   * The terms over all examples of the split, or undefined if `signal` aborted. `index` selects the noise: how many
   * evaluations came before.
   */
  evaluate(index: number, signal?: AbortSignal): Promise<Losses | undefined>;
  /** From now on the schedules have these values, one for each place of the state. */
  see(schedules: readonly number[]): void;
  /** One batch. */
  readonly plan: Plan;
  /** What each term is measured in. */
  readonly units: Readonly<Record<string, string>>;
  /** GPU memory beside the slots. */
  readonly bytes: number;
  dispose(): void;
}

/** Evaluation draws other noise than training: its key differs in the second word. */
export const EVALUATION_KEY = 1;

/**
 * The terms of a stage over a split, planned and not yet compiled. The last batch may be ragged; every example counts once.
 */
export function createEvaluator(device: Device, model: Model, options: EvaluatorOptions): Promise<Evaluator> {
  return withOwner(async (owner) => build(device, model, options, owner));
}

function build(device: Device, model: Model, options: EvaluatorOptions, { own, dispose }: Owner): Evaluator {
  const { stage, fields, split, batch, batchSize, seed, layout, slots, submitLength } = options;
  const { names } = options.schedules;
  let { final } = options.schedules;
  const graphs = stageGraphs(model, stage, batchSize, false);
  const row = metricRow(graphs);
  const plan = evaluationPlan({
    graphs,
    row,
    layout,
    profile: device.profile,
    schedules: names,
    tableRows: 1,
    batchSize,
    picks: picksFor(graphs, split.layout, { fields, batchSize, shuffle: false, profile: device.profile }),
    start: 0,
  });

  const storage = (bytes: number, label: string, usage?: number) =>
    own(storageBuffer(device, bytes, `evaluation ${label}`, usage));
  const buffers = {
    [METRICS]: storage(metricBytes(row), "metrics"),
    schedules: storage(4 * final.length, "schedules"),
    ring: storage(4 * RING_ROWS * ringRow(row.count), "ring"),
    state: storage(STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  const batches = batchesOf(split, batchSize);
  const seek = (step: number) => {
    upload(device, buffers.schedules, Float32Array.from(final));
    upload(
      device,
      buffers.state,
      encodeState({ seed: [seed, EVALUATION_KEY], step, batches, examples: split.count, schedules: final }),
    );
  };
  seek(0);
  const bound = { ...split.buffers, ...batch, ...buffers, parameters: options.parameters };
  let position = () => 0;
  let compiled: Promise<Runner> | undefined;
  let disposed = false;
  const compile = async (): Promise<Runner> => {
    const program = await createProgram(device, plan, { slots, buffers: bound });
    const runner = createRunner(device, program, buffers.ring, row.count, submitLength);
    if (disposed) for (const made of [runner, program]) made.dispose();
    else for (const made of [program, runner]) own(made);
    position = runner.position;
    return runner;
  };
  const running = (): Promise<Runner> => {
    compiled ??= compile();
    return compiled;
  };

  return {
    prepare: () => {
      running().catch(() => {}); // whoever evaluates is told
    },
    evaluate: async (index, signal) => {
      const runner = await running();
      const start = index * batches;
      if (start !== runner.position()) {
        seek(start);
        runner.seek(start);
      }
      const totals = createTotals(row.places);
      const done = await runner.run(batches, totals.add, signal);
      return done === batches ? totals.means() : undefined;
    },
    see: (schedules) => {
      final = schedules;
      seek(position());
    },
    plan,
    units: unitsOf(row.places),
    bytes: bytesOf(buffers) + textureBytes(plan),
    dispose: () => {
      disposed = true;
      dispose();
    },
  };
}
