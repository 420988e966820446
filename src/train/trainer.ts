import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { bytesOf, storageBuffer } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import { STATE_BYTES } from "../kernels/state.ts";
import type { Model } from "../models/model.ts";
import { parameterCount } from "../nn/parameter.ts";
import { arenaLayout } from "../runtime/arena.ts";
import type { StepRow, SubmitLength } from "../runtime/runner.ts";
import { createSlotPool } from "../runtime/slots.ts";
import { createArenas, type Snapshot } from "./arenas.ts";
import { batchBuffers, batchesOf, readsOf, uploadSplit } from "./data.ts";
import { nonFiniteStep } from "./diagnose.ts";
import { type CompiledStage, type EnteredStage, enterStage, type StageContext } from "./entered-stage.ts";
import { needsOfRun, withRoom } from "./memory.ts";
import type { Losses, MetricPlace } from "./metrics.ts";
import { checkModel, stageGraphs } from "./objective.ts";
import type { Change } from "./progress.ts";
import type { StepSettings } from "./stage-plan.ts";
import { checkOptimizers, seenSchedules } from "./stage-schedules.ts";
import { metricRow } from "./step-plan.ts";
import { createUses, type Uses } from "./uses.ts";

export interface TrainerOptions extends StepSettings {
  readonly dataset: Dataset;
  readonly seed: number;
  /** The most bytes of one buffer of data; what the device's bindings allow by default. */
  readonly shardBytes?: number;
  readonly submitLength?: SubmitLength;
}

/** A model on the GPU with everything that training it takes. */
export interface Trainer {
  readonly model: Model;
  readonly stepsPerEpoch: number;
  readonly parameterCount: number;
  /** GPU memory, all told. */
  bytes(): number;
  /** The stage that was entered last. Throws before the first. */
  stage(): CompiledStage;
  /**
   * Compiles a stage of so many steps that begins at the step `start`, and stands at its beginning: the optimizers know
   * nothing yet. Its schedules are as `changes` made them. Throws ReparamError "memory" where the adapter lacks memory.
   */
  enter(index: number, start: number, steps: number, changes?: readonly Change[]): Promise<CompiledStage>;
  /**
   * From the step on that comes next, learning rates and schedules of the stage are these numbers.
   */
  change(values: Change["values"]): void;
  /**
   * Runs up to `steps` steps; returns how many were done, fewer if `signal` aborted.
   * Throws ReparamError "nonfinite" at a loss, gradient or running statistic that is not finite: the weights are those
   * before that update.
   */
  train(steps: number, onRow: (row: StepRow) => void, signal?: AbortSignal): Promise<number>;
  /**
   * The stage's terms on the test split, or undefined if `signal` aborted; none of a stage that knows examples by their index.
   * `index` selects the noise: evaluations so far.
   */
  evaluate(index: number, signal?: AbortSignal): Promise<Losses | undefined>;
  readonly uses: Uses;
  /** Passes over the step that comes next. */
  skip(): void;
  /** What is there when it is called: the copies are in the queue before it returns, so steps may follow at once. */
  snapshot(): Promise<Snapshot>;
  /** Goes to a step within the stage that was entered. */
  restore(snapshot: Snapshot): void;
  dispose(): void;
}

/**
 * Puts a model and its data on the GPU; its stages are compiled as they are entered.
 * The data are what the model takes (see `checkData`). Throws ReparamError "config" where the model's lists do not fit
 * together, "data" where a batch is larger than the data, "memory" where the adapter lacks memory.
 */
export function createTrainer(device: Device, model: Model, options: TrainerOptions): Promise<Trainer> {
  return withOwner(async (owner) => {
    const { dataset, batchSize } = options;
    checkModel(model);
    checkOptimizers(model, options);
    return withRoom(device, needsOfRun(model, dataset, batchSize), () => build(device, model, options, owner));
  });
}

function build(device: Device, model: Model, options: TrainerOptions, { own, dispose }: Owner): Trainer {
  const { dataset, batchSize, seed, precision, shardBytes, submitLength } = options;
  const { train, test, fields } = dataset;
  if (batchSize > train.count) {
    throw new ReparamError(
      "data",
      `A batch of ${batchSize} is larger than the ${train.count} training examples of ${dataset.name}: lower batchSize.`,
    );
  }
  const layout = arenaLayout(model.parameters);
  const stepsPerEpoch = batchesOf(train, batchSize);
  const graphsOf = model.stages.map((stage) => stageGraphs(model, stage, batchSize, true));
  const everything = graphsOf.flat();
  model.stages.forEach((stage, k) => {
    checkMonitor(stage, metricRow(graphsOf[k]).places);
  });

  const arenas = createArenas(device, model, layout, (parameter) => initialValues(parameter, dataset, seed), { own });
  const state = own(storageBuffer(device, STATE_BYTES, "state", GPUBufferUsage.UNIFORM));
  const batch = batchBuffers(device, own, fields, everything, batchSize);
  const common = { fields, reads: readsOf(everything), shardBytes };
  const trainSplit = uploadSplit(device, own, train, { ...common, label: "training" });
  const testSplit = uploadSplit(device, own, test, { ...common, label: "test" });
  const slots = own(createSlotPool(device));
  const { parameters } = arenas.buffers;
  let changed: readonly Pick<Change, "values">[] = [];
  const schedules = () => seenSchedules(model, changed);
  const uses = own(createUses(device, model, { layout, parameters, slots, schedules, rows: batchSize }));
  const dataBytes = [batch, { state }, trainSplit.buffers, testSplit.buffers].map(bytesOf);

  const context: StageContext = {
    device,
    model,
    dataset,
    settings: options,
    seed,
    graphs: graphsOf,
    layout,
    slots,
    trainSplit,
    testSplit,
    batch,
    arenas: arenas.buffers,
    state,
    draw: arenas.draw,
    stepsPerEpoch,
    submitLength,
  };
  let entered: EnteredStage | undefined;
  const current = (): EnteredStage => {
    if (entered) return entered;
    throw new ReparamError("usage", "No stage of the run was entered yet.");
  };
  own({ dispose: () => entered?.dispose() });

  return {
    model,
    stepsPerEpoch,
    parameterCount: parameterCount(model.parameters),
    bytes: () => dataBytes.reduce((sum, bytes) => sum + bytes, arenas.bytes + slots.bytes() + (entered?.bytes ?? 0)),
    stage: () => current().compiled,
    enter: async (index, start, steps, changes = []) => {
      entered?.dispose();
      entered = undefined;
      entered = await withOwner((owner) => enterStage(context, { index, start, steps, changes }, owner));
      arenas.forget();
      entered.seek(start);
      changed = changes;
      return entered.compiled;
    },
    change: (values) => {
      current().change(values);
      changed = [...changed, { values }];
    },
    train: async (steps, onRow, signal) => {
      const { runner, evaluator } = current();
      let bad: StepRow | undefined;
      const stop = new AbortController();
      const report = (row: StepRow) => {
        evaluator?.prepare(); // behind the first step, which it would only hold up
        if (!row.poisoned) return onRow(row);
        bad ??= row;
        stop.abort();
      };
      const done = await runner.run(steps, report, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
      if (bad) {
        current().seek(bad.step); // later steps were submitted, and did nothing
        const { names, buffers, stateAt, compiled } = current();
        const step = { graphs: graphsOf[compiled.index], schedules: names, buffers, state: stateAt(bad.step) };
        throw await nonFiniteStep(
          device,
          { ...step, layout, fields, batchSize, precision, split: trainSplit.layout },
          bad.step,
        );
      }
      return done;
    },
    evaluate: async (index, signal) => {
      const { evaluator } = current();
      return evaluator ? evaluator.evaluate(index, signal) : {};
    },
    get uses() {
      arenas.draw();
      return uses;
    },
    skip: () => current().seek(current().runner.position() + 1),
    snapshot: () => arenas.snapshot(current().runner.position()),
    restore: (snapshot) => {
      arenas.restore(snapshot);
      current().seek(snapshot.step);
    },
    dispose,
  };
}

/** Throws ReparamError "config" where a stage is watched by what is none of its terms. */
function checkMonitor({ name, monitor }: Model["stages"][number], places: readonly MetricPlace[]): void {
  if (monitor === null || places.some((place) => place.name === monitor.term)) return;
  const known = [...new Set(places.map((place) => place.name))].join(", ");
  throw new ReparamError("config", `The stage "${name}" is watched by "${monitor.term}", and its terms are ${known}.`);
}

const initialValues = (parameter: Model["parameters"][number], { train, fields }: Dataset, seed: number) =>
  parameter.fit?.(train.fitted ?? train, fields) ?? parameter.initialize(seed);
