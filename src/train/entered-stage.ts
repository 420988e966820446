import type { Dataset } from "../data/dataset.ts";
import { bytesOf, storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import type { Owner } from "../gpu/owner.ts";
import { encodeState } from "../kernels/state.ts";
import { NORM_PARTIAL_BYTES, RING_ROWS, ringRow } from "../kernels/update.ts";
import type { Model } from "../models/model.ts";
import { choicesOf, textureBytes } from "../plan/plan.ts";
import type { ArenaLayout } from "../runtime/arena.ts";
import { createProgram, type Program } from "../runtime/program.ts";
import { createRunner, type Runner, type SubmitLength } from "../runtime/runner.ts";
import type { SlotPool } from "../runtime/slots.ts";
import type { SplitOnGpu } from "./data.ts";
import { createEvaluator, type Evaluator } from "./evaluator.ts";
import { needsOfRun, needsOfStep, withRoom } from "./memory.ts";
import type { MetricPlace } from "./metrics.ts";
import type { ObjectiveGraph } from "./objective.ts";
import type { Change } from "./progress.ts";
import { scheduleTableOn } from "./schedule-table.ts";
import { planStage, type StepSettings } from "./stage-plan.ts";
import { METRICS, metricBytes } from "./step-plan.ts";

/** A stage that is compiled: its step, and what its metrics are. */
export interface CompiledStage {
  readonly index: number;
  /** The step at which it began. */
  readonly start: number;
  /** One training step. */
  readonly program: Program;
  /** How the products of training and evaluation are computed, by name: with it, a run can be continued to the same bits. */
  readonly choices: Readonly<Record<string, string>>;
  readonly metrics: readonly MetricPlace[];
  /** Learning rates and the model's schedules at a step of the run. */
  schedulesAt(step: number): Record<string, number>;
}

/** A stage on the GPU, and what trains and evaluates it. */
export interface EnteredStage {
  readonly compiled: CompiledStage;
  readonly runner: Runner;
  /** Missing where examples are known by their place among those of the training. */
  readonly evaluator: Evaluator | undefined;
  /** Of the schedules in the state. */
  readonly names: readonly string[];
  /** All that the step's program reads and writes, by name. */
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** The state that a step finds: nothing in it depends on how that step was reached. */
  stateAt(step: number): Uint8Array;
  readonly bytes: number;
  seek(step: number): void;
  change(values: Change["values"]): void;
  dispose(): void;
}

/** What the stages of a run share. */
export interface StageContext {
  readonly device: Device;
  readonly model: Model;
  readonly dataset: Dataset;
  readonly settings: StepSettings;
  readonly seed: number;
  /** The graphs of each stage's objectives. */
  readonly graphs: readonly (readonly ObjectiveGraph[])[];
  readonly layout: ArenaLayout;
  readonly slots: SlotPool;
  readonly trainSplit: SplitOnGpu;
  readonly testSplit: SplitOnGpu;
  /** Buffers that a batch is picked into, by name. */
  readonly batch: Readonly<Record<string, GPUBuffer>>;
  readonly arenas: { readonly parameters: GPUBuffer } & Readonly<Record<string, GPUBuffer>>;
  readonly state: GPUBuffer;
  /** Draws the first weights, where nobody has. */
  draw(): void;
  readonly stepsPerEpoch: number;
  readonly submitLength?: SubmitLength;
}

/** A stage of so many steps that begins at the step `start`, its schedules as `changes` made them. */
export interface StageToEnter {
  readonly index: number;
  readonly start: number;
  readonly steps: number;
  readonly changes: readonly Change[];
}

/** Compiles a stage; `owner` keeps everything that only this stage needs. Throws ReparamError "memory" where the adapter lacks it. */
export async function enterStage(
  { device, model, dataset, settings, seed, layout, slots, stepsPerEpoch, submitLength, ...context }: StageContext,
  { index, start, steps, changes }: StageToEnter,
  owner: Owner,
): Promise<EnteredStage> {
  const { trainSplit, testSplit, batch, arenas, state } = context;
  const { profile } = device;
  const { fields, train } = dataset;
  const { batchSize } = settings;
  const stage = model.stages[index];
  const graphs = context.graphs[index];
  const length = { totalSteps: steps, stepsPerEpoch };
  const problem = { graphs, layout, fields, split: trainSplit.layout, profile, start, length, changes };
  const { plan, row, schedules, table } = planStage(model, index, problem, settings);
  const needs = [...needsOfRun(model, dataset, batchSize), needsOfStep(plan)];
  await withRoom(device, needs, () => slots.take(plan.slots));
  const make = (bytes: number, label: string) => owner.own(storageBuffer(device, bytes, label));
  const buffers = {
    [METRICS]: make(metricBytes(row), "metrics"),
    normPartials: make(NORM_PARTIAL_BYTES, "norm"),
    schedules: make(table.byteLength, "schedules"),
    ring: make(4 * RING_ROWS * ringRow(row.count), "ring"),
  };
  const scheduled = scheduleTableOn(device, buffers.schedules, table, { schedules, start });
  const bound = { ...trainSplit.buffers, ...batch, ...arenas, ...buffers, state };
  const compiling = createProgram(device, plan, { slots, buffers: bound });
  context.draw(); // while the kernels compile
  const program = owner.own(await compiling);
  const runner = owner.own(createRunner(device, program, buffers.ring, row.count, submitLength));
  // What is known by its place among the training examples says nothing of others.
  const evaluator = graphs.some(({ readsIndex }) => readsIndex)
    ? undefined
    : owner.own(
        await createEvaluator(device, model, {
          stage,
          fields,
          split: testSplit,
          batch,
          batchSize,
          seed,
          schedules,
          layout,
          parameters: arenas.parameters,
          slots,
          submitLength,
        }),
      );
  const compiled: CompiledStage = {
    index,
    start,
    program,
    choices: choicesOf(plan, ...(evaluator ? [evaluator.plan] : [])),
    metrics: row.places,
    schedulesAt: scheduled.shownAt,
  };
  const stateAt = (step: number): Uint8Array =>
    encodeState({
      seed: [seed, 0],
      step,
      epoch: Math.floor(step / stepsPerEpoch),
      batch: step % stepsPerEpoch,
      batches: stepsPerEpoch,
      examples: train.count,
      schedules: [...scheduled.at(step)],
    });
  const seek = (step: number) => {
    upload(device, state, stateAt(step));
    runner.seek(step);
  };
  return {
    compiled,
    runner,
    evaluator,
    names: schedules.names,
    buffers: bound,
    stateAt,
    bytes: bytesOf(buffers) + textureBytes(plan) + (evaluator?.bytes ?? 0),
    seek,
    change: (values: Change["values"]) => {
      const step = runner.position();
      scheduled.change(step, values);
      evaluator?.see(scheduled.final());
      seek(step);
    },
    dispose: owner.dispose,
  };
}
