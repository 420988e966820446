import type { Dataset } from "../../data/dataset.ts";
import { ReparamError } from "../../errors.ts";
import { type Device, requestDevice, withTuned } from "../../gpu/device.ts";
import type { JobContext, Message, RunJob } from "../../host/job.ts";
import { buildModel } from "../../models/index.ts";
import { printPlan } from "../../plan/plan.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "../checkpoint.ts";
import type { TrainConfig } from "../config.ts";
import { type Epoch, initialProgress, type LoopStatus, type Progress, trainLoop } from "../loop.ts";
import type { EndEvent, TrainEvent, TrainJob } from "../messages.ts";
import type { Losses } from "../objective.ts";
import { type Pins, pinned, pinsMetadata, pinsOf } from "../pins.ts";
import { batchesOf } from "../split-data.ts";
import { createTrainer, type Snapshot, type Trainer } from "../trainer.ts";
import { environmentOf } from "./environment.ts";
import { checkpointMetadata, send, toLosses } from "./messages.ts";
import { pictures } from "./pictures.ts";

/** Progress is shown at most so often. */
const PROGRESS_MILLISECONDS = 250;

/** The loss of a device may become known so much later than the failure of what ran on it. */
const LOSS_MILLISECONDS = 1000;

/** A device that is lost more often than this in one run is broken. */
const MAX_RECOVERIES = 3;

/**
 * The job `train`: trains from the beginning or from a checkpoint, and sends what happens as `TrainEvent`s. A lost
 * device is replaced and the run continues from the last checkpoint, to the same result as if nothing had happened.
 */
export const train: RunJob = async (message, context) => {
  const job = message.body as unknown as TrainJob;
  const dataset = datasetOf(job, message.blobs ?? {});
  const totalSteps = totalStepsOf(job, dataset);
  const run = createRun(job, dataset, totalSteps, context);
  if (!job.resume) return run.go();
  const { checkpoint } = message.blobs!;
  const start = decodeCheckpoint(checkpoint, run.model.parameters, "The checkpoint");
  await run.go(start, pinsOf(checkpoint, "The checkpoint"));
};

function createRun(job: TrainJob, dataset: Dataset, totalSteps: number, context: JobContext) {
  const { config } = job;
  const { training } = config;
  const model = buildModel(config.model, dataset.shape);
  const emit = (event: TrainEvent, blobs?: Message["blobs"]) => send(context, event, blobs);
  let last: Checkpoint | undefined;
  /** The last steps that a `steps` and an `epoch` event told of: a run that goes back to a checkpoint tells nothing twice. */
  let reported = { steps: 0, epoch: 0 };
  /** Steps that were taken. */
  let reached = 0;
  let started = false;
  let recoveries = 0;

  return { model, go };

  async function go(start?: Checkpoint, pins?: Pins): Promise<void> {
    last = start;
    for (;;) {
      const opened = await requestDevice({ gpu: context.gpu, settle: context.settle });
      const device = pinned(withTuned(opened, job.tuned), pins);
      try {
        return await attempt(device);
      } catch (error) {
        if (error instanceof ReparamError && error.code !== "device") throw error;
        const lost = await Promise.race([device.lost, pause(LOSS_MILLISECONDS)]);
        if (!lost) throw error;
        if (++recoveries > MAX_RECOVERIES) throw lost;
      } finally {
        device.dispose();
      }
    }
  }

  async function attempt(device: Device): Promise<void> {
    const trainer = await createTrainer(device, model, {
      dataset,
      batchSize: training.batchSize,
      precision: training.precision,
      optimizer: training.optimizer,
      learningRateSchedule: training.learningRateSchedule,
      klWeight: training.klWeight,
      totalSteps,
      seed: config.seed,
    });
    if (last) trainer.restore(last.snapshot);
    const progress = last?.progress ?? initialProgress(trainer);
    reached = progress.step;
    if (!started) {
      reported = { steps: progress.step, epoch: progress.evaluatedStep };
      await emit({
        event: "start",
        adapter: device.adapter,
        parameters: trainer.parameterCount,
        peakBytes: trainer.bytes,
        totalSteps,
        stepsPerEpoch: trainer.stepsPerEpoch,
        step: progress.step,
        environment: environmentOf(device, trainer.program.plan),
        ...(job.printPlan && { plan: printPlan(trainer.program.plan) }),
      });
      started = true;
    }
    if (job.printPlan) return void (await emit({ event: "end", status: "ok", step: progress.step, epoch: 0 }));
    try {
      const encode = (snapshot: Snapshot, at: Progress) =>
        encodeCheckpoint(model.parameters, snapshot, at, {
          ...checkpointMetadata(config, dataset.shape),
          ...pinsMetadata(device, trainer.choices),
        });
      const hooks = hooksFor(trainer, encode);
      const end = await trainLoop(trainer, { ...training, totalSteps }, progress, hooks, context.signal);
      await finish(trainer, end.status, end.progress, encode);
    } catch (error) {
      if (!(error instanceof ReparamError && error.code === "nonfinite")) throw error;
      await emit({
        event: "end",
        status: "failed",
        step: reached,
        epoch: Math.ceil((reached + 1) / trainer.stepsPerEpoch),
        message: error.message,
      });
    }
  }

  function hooksFor(trainer: Trainer, encode: Encode) {
    let shown = 0;
    let began: { step: number; time: number } | undefined;
    return {
      onStep: (step: number, loss: number) => {
        reached = step;
        const now = performance.now();
        began ??= { step: step - 1, time: now };
        if (now - shown < PROGRESS_MILLISECONDS && step < totalSteps) return;
        shown = now;
        const stepsPerSecond = now > began.time ? (step - began.step) / ((now - began.time) / 1000) : 0;
        void emit({
          event: "progress",
          step,
          totalSteps,
          epoch: Math.ceil(step / trainer.stepsPerEpoch),
          loss: Number.isFinite(loss) ? loss : null,
          stepsPerSecond,
          secondsLeft: stepsPerSecond > 0 ? (totalSteps - step) / stepsPerSecond : 0,
        });
      },
      onSteps: (step: number, epoch: number, losses: Losses) => {
        if (step <= reported.steps) return;
        reported.steps = step;
        void emit({ event: "steps", step, epoch, train: toLosses(losses) });
      },
      onEpoch: async (epoch: Epoch, progress: Progress) => {
        began = undefined;
        if (epoch.step > reported.epoch) {
          reported.epoch = epoch.step;
          await emit({ event: "epoch", ...epoch, train: toLosses(epoch.train), test: toLosses(epoch.test) });
        }
        const due = epoch.epoch % training.checkpointEvery === 0 || epoch.best;
        if (!due) return;
        const snapshot = await trainer.snapshot();
        last = { snapshot, progress };
        await emit(
          { event: "checkpoint", step: epoch.step, epoch: epoch.epoch, best: epoch.best },
          { checkpoint: encode(snapshot, progress) },
        );
      },
    };
  }

  async function finish(trainer: Trainer, status: LoopStatus, progress: Progress, encode: Encode): Promise<void> {
    const snapshot = await trainer.snapshot();
    if (status !== "interrupted") {
      const { event, blobs } = await pictures(trainer.inference, model, dataset.test, job.fastDevRun);
      await emit(event, blobs);
    }
    const end: EndEvent = {
      event: "end",
      status,
      step: progress.step,
      epoch: Math.ceil(progress.step / trainer.stepsPerEpoch),
    };
    await emit(end, { checkpoint: encode(snapshot, progress) });
    trainer.dispose();
  }
}

/** A checkpoint as bytes. */
type Encode = (snapshot: Snapshot, progress: Progress) => Uint8Array;

const pause = (milliseconds: number) => new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds));

/** The data of a job; a fast development run evaluates one batch. */
function datasetOf({ dataset, config, fastDevRun }: TrainJob, blobs: NonNullable<Message["blobs"]>): Dataset {
  const { name, shape, trainCount, testCount } = dataset;
  const size = shape.reduce((product, extent) => product * extent, 1);
  const tested = fastDevRun ? Math.min(testCount, config.training.batchSize) : testCount;
  return {
    name,
    shape,
    train: { count: trainCount, examples: blobs.trainExamples, labels: blobs.trainLabels },
    test: {
      count: tested,
      examples: blobs.testExamples.subarray(0, tested * size),
      labels: blobs.testLabels?.subarray(0, tested),
    },
  };
}

function totalStepsOf({ config, fastDevRun }: { config: TrainConfig; fastDevRun: boolean }, dataset: Dataset): number {
  const { epochs, maxSteps, batchSize } = config.training;
  const steps = Math.min(epochs * batchesOf(dataset.train, batchSize), maxSteps ?? Number.POSITIVE_INFINITY);
  return fastDevRun ? Math.min(2, steps) : steps;
}
