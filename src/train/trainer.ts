import { compile, type Precision, prepare } from "../compiler/compile.ts";
import type { Place } from "../compiler/memory.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { download, storageBuffer, upload } from "../gpu/buffers.ts";
import type { Device } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import { createPipelineCache } from "../gpu/pipelines.ts";
import { gatherBatch } from "../kernels/gather.ts";
import { decodeState, encodeState, STATE_BYTES } from "../kernels/state.ts";
import { advanceState, NORM_PARTIAL_BYTES, RING_ROWS, ringRow, updateParameters } from "../kernels/update.ts";
import type { Model } from "../models/model.ts";
import { parameterCount } from "../nn/layers.ts";
import { biasCorrections, type OptimizerOptions } from "../nn/optimizers.ts";
import {
  finalKlWeight,
  type KlWeight,
  klWeightSchedule,
  type LearningRateSchedule,
  learningRateSchedule,
  scheduleTable,
} from "../nn/schedules.ts";
import { sizeOf } from "../node/node.ts";
import { LARGEST_HALF } from "../ops/half.ts";
import { choicesOf, type Plan, slotBytes } from "../plan/plan.ts";
import { arenaLayout, packArena } from "../runtime/arena.ts";
import { createProgram, type Program } from "../runtime/program.ts";
import { createRunner, type StepRow } from "../runtime/runner.ts";
import { firstBadNode } from "./diagnose.ts";
import { createEvaluator } from "./evaluator.ts";
import { createInference, type Inference } from "./inference.ts";
import { GRADIENT, type Losses, leafPlaces, SCHEDULES, stepGraph } from "./objective.ts";
import { batchesOf, checkSplit, splitBytes, uploadSplit } from "./split-data.ts";

export interface TrainerOptions {
  readonly dataset: Dataset;
  readonly batchSize: number;
  /** How the operands of a step's matmuls and convolutions are stored; "f32" by default. */
  readonly precision?: Precision;
  readonly optimizer: OptimizerOptions;
  readonly learningRateSchedule: LearningRateSchedule;
  readonly klWeight: KlWeight;
  /** The length of the whole run, which schedules refer to. */
  readonly totalSteps: number;
  readonly seed: number;
}

/** All that a run's future depends on. */
export interface Snapshot {
  readonly parameters: Float32Array;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  /** The bytes of `struct State`. */
  readonly state: Uint8Array;
}

/** A model on the GPU with everything that training it takes. */
export interface Trainer {
  readonly model: Model;
  /** One training step. */
  readonly program: Program;
  /** How the products of training and evaluation are computed, by name: with it, a run can be continued to the same bits. */
  readonly choices: Readonly<Record<string, string>>;
  readonly stepsPerEpoch: number;
  readonly parameterCount: number;
  /** GPU memory, all told. */
  readonly bytes: number;
  /** Names of the metrics in the order of a row's numbers. */
  readonly metricNames: readonly string[];
  /**
   * Runs up to `steps` steps; returns how many were done, fewer if `signal` aborted.
   * Throws ReparamError "nonfinite" at a loss, gradient or running statistic that is not finite: the weights are those
   * before that step.
   */
  train(steps: number, onRow: (row: StepRow) => void, signal?: AbortSignal): Promise<number>;
  /** The mean losses of the test split, or undefined if `signal` aborted. `index` selects the noise: evaluations so far. */
  evaluate(index: number, signal?: AbortSignal): Promise<Losses | undefined>;
  readonly inference: Inference;
  /** The parameter arena: all that using the model takes. */
  weights(): Promise<Float32Array>;
  snapshot(): Promise<Snapshot>;
  /** Throws ReparamError "checkpoint" for a snapshot of a run with another number of examples or batches. */
  restore(snapshot: Snapshot): void;
  dispose(): void;
}

/**
 * Compiles a model's training step and its evaluation and puts parameters and data on the GPU.
 * Throws ReparamError "data" where the batch does not fit the data, "device" where the adapter lacks memory.
 */
export function createTrainer(device: Device, model: Model, options: TrainerOptions): Promise<Trainer> {
  return withOwner((owner) => build(device, model, options, owner));
}

async function build(device: Device, model: Model, options: TrainerOptions, { own, dispose }: Owner): Promise<Trainer> {
  const { dataset, batchSize, optimizer, seed, precision } = options;
  const { train } = dataset;
  checkSplit(train, "training", dataset.shape, model.input);
  checkSplit(dataset.test, "test", dataset.shape, model.input);
  if (batchSize > train.count) {
    throw new ReparamError(
      "data",
      `A batch of ${batchSize} is larger than the ${train.count} training examples of ${dataset.name}: lower batchSize.`,
    );
  }
  const { profile } = device;
  const features = sizeOf(model.input);
  const layout = arenaLayout(model.parameters);
  const stepsPerEpoch = batchesOf(train, batchSize);

  // --- what a step computes ---
  const { graph, names } = stepGraph(model, batchSize);
  const places = { profile, schedules: SCHEDULES, leaves: leafPlaces(layout) };
  const compiled = compile(graph, {
    ...places,
    precision,
    outputs: (name): Place | undefined =>
      name.startsWith(GRADIENT)
        ? { buffer: { external: "gradients" }, offset: layout.offsets.get(name.slice(GRADIENT.length))! }
        : undefined,
  });
  const schedules = stepSchedules(options, stepsPerEpoch);
  const { binding } = compiled.outputs.metrics;
  const metricCount = names.length;
  const tableRows = schedules.length / SCHEDULES.length;
  const gather = gatherBatch({
    data: "data",
    dataBytes: splitBytes(train),
    batchSize,
    features,
    shuffle: true,
    profile,
  });
  const plan: Plan = {
    ...compiled,
    dispatches: [
      gather,
      ...compiled.dispatches,
      ...updateParameters(layout, binding, optimizer, profile),
      advanceState({ metrics: binding, metricCount, batchSize, schedules: SCHEDULES.length, tableRows }),
    ],
  };

  // --- where it lies ---
  const storage = (bytes: number, label: string, usage?: number) => own(storageBuffer(device, bytes, label, usage));
  const arena = (label: string) => storage(layout.bytes, label);
  const buffers = {
    parameters: arena("parameters"),
    gradients: arena("gradients"),
    firstMoments: arena("first moments"),
    secondMoments: arena("second moments"),
    data: own(uploadSplit(device, train, "training")),
    x: storage(4 * batchSize * features, "batch"),
    weight: storage(4 * batchSize, "batch weights"),
    normPartials: storage(NORM_PARTIAL_BYTES, "norm"),
    schedules: storage(schedules.byteLength, "schedules"),
    ring: storage(4 * RING_ROWS * ringRow(metricCount), "metrics"),
    state: storage(STATE_BYTES, "state", GPUBufferUsage.UNIFORM),
  };
  upload(
    device,
    buffers.parameters,
    packArena(layout, (parameter) => parameter.initialize(seed)),
  );
  upload(device, buffers.schedules, schedules);
  upload(device, buffers.state, stateAt({ step: 0, epoch: 0, batch: 0 }));

  const pipelines = createPipelineCache(device);
  const program = own(await createProgram(device, plan, { pipelines, buffers }));
  const runner = own(createRunner(device, program, buffers.ring, metricCount));
  const shared = { layout, parameters: buffers.parameters, pipelines };
  const evaluator = own(
    await createEvaluator(device, model, {
      ...shared,
      split: dataset.test,
      batchSize,
      seed,
      klWeight: finalKlWeight(options.klWeight),
    }),
  );
  const inference = own(createInference(device, model, { ...shared, rows: batchSize }));

  return {
    model,
    program,
    choices: choicesOf(plan, evaluator.plan),
    stepsPerEpoch,
    parameterCount: parameterCount(model.parameters),
    bytes: Object.values(buffers).reduce((sum, { size }) => sum + size, 0) + slotBytes(plan) + evaluator.bytes,
    metricNames: names,
    train: async (steps, onRow, signal) => {
      let bad: StepRow | undefined;
      const stop = new AbortController();
      const report = (row: StepRow) => {
        if (!row.poisoned) return onRow(row);
        bad ??= row;
        stop.abort();
      };
      const done = await runner.run(steps, report, signal ? AbortSignal.any([signal, stop.signal]) : stop.signal);
      if (bad) throw await nonFinite(bad.step);
      return done;
    },
    evaluate: evaluator.evaluate,
    inference,
    weights: () => readArena(buffers.parameters),
    snapshot: async () => ({
      parameters: await readArena(buffers.parameters),
      firstMoments: await readArena(buffers.firstMoments),
      secondMoments: await readArena(buffers.secondMoments),
      // Less what the last step left behind, so that the bytes depend on the step alone and not on how it was reached.
      state: stateAt(decodeState(await download(device, buffers.state, 0, STATE_BYTES))),
    }),
    restore: ({ parameters, firstMoments, secondMoments, state }) => {
      const at = decodeState(state.slice().buffer);
      if (at.batches !== stepsPerEpoch || at.examples !== train.count) {
        throw new ReparamError(
          "checkpoint",
          `The checkpoint's run had ${at.examples} training examples in ${at.batches} batches, and this one has ` +
            `${train.count} in ${stepsPerEpoch}: continue it with the same data and batchSize.`,
        );
      }
      upload(device, buffers.parameters, parameters);
      upload(device, buffers.firstMoments, firstMoments);
      upload(device, buffers.secondMoments, secondMoments);
      upload(device, buffers.state, stateAt(at));
      runner.seek(at.step);
    },
    dispose,
  };

  /** The state at a step; the schedules' values are this run's, which may be longer than the one that was saved. */
  function stateAt({ step, epoch, batch }: { step: number; epoch: number; batch: number }): Uint8Array {
    const row = Math.min(step, tableRows - 1) * SCHEDULES.length;
    const values = [...schedules.subarray(row, row + SCHEDULES.length)];
    return encodeState({
      seed: [seed, 0],
      step,
      epoch,
      batch,
      batches: stepsPerEpoch,
      examples: train.count,
      schedules: values,
    });
  }

  async function readArena(buffer: GPUBuffer): Promise<Float32Array> {
    return new Float32Array(await download(device, buffer, 0, layout.bytes));
  }

  async function nonFinite(step: number): Promise<ReparamError> {
    const state = new Uint8Array(await download(device, buffers.state, 0, STATE_BYTES));
    const computed = precision === "f16" ? prepare(graph, { profile, precision }) : graph;
    const culprit = await firstBadNode(device, computed, places, buffers, gather, state);
    const withStatistics = layout.bytes > layout.trainedBytes;
    const watched = withStatistics ? "The loss, its gradient or a running statistic" : "The loss or its gradient";
    return new ReparamError(
      "nonfinite",
      `${watched} was not finite at step ${step + 1}${culprit ? `; the first bad value was ${culprit}` : ""}. ` +
        "The weights are those before that step; a smaller learningRate or a clipNorm may help" +
        (precision === "f16" ? `, or precision f32: 16-bit floats end at ${LARGEST_HALF}.` : "."),
    );
  }
}

/** The table of SCHEDULES over the run. */
function stepSchedules(
  { optimizer, totalSteps, klWeight, ...options }: TrainerOptions,
  stepsPerEpoch: number,
): Float32Array {
  const length = { totalSteps, stepsPerEpoch };
  const multiplier = learningRateSchedule(options.learningRateSchedule, length);
  const learningRate = (step: number) => optimizer.learningRate * multiplier(step);
  return scheduleTable([learningRate, ...biasCorrections(optimizer), klWeightSchedule(klWeight, length)], totalSteps);
}
