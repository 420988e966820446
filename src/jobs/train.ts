import { buildModel } from "../config/config.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { requestDevice, withTuned } from "../gpu/device.ts";
import type { JobContext, Message, RunJob } from "../host/job.ts";
import { type Model, placesOf } from "../models/model.ts";
import { measuredCodes } from "../train/measures.ts";
import { unitsOf } from "../train/metrics.ts";
import { stageLengths } from "../train/progress.ts";
import { openCheckpoint } from "../train/read-checkpoint.ts";
import { startSession } from "../train/session.ts";
import type { SessionEvents, SessionStart } from "../train/session-events.ts";
import type { Uses } from "../train/uses.ts";
import { environmentOf } from "./environment.ts";
import type { EndEvent, TrainEvent, TrainJob } from "./messages.ts";
import { sendPictures } from "./pictures.ts";
import { configMetadata, send, splitOf, toLosses } from "./send.ts";

/** Examples whose codes are looked at in the end. */
const LOOKED_AT = 1000;

/** Progress is shown at most so often. */
const PROGRESS_MILLISECONDS = 250;

/** The job `train`: a session whose events are sent as `TrainEvent`s. */
export const train: RunJob = async (message, context) => {
  const job = message.body as unknown as TrainJob;
  const { config, fastDevRun } = job;
  const blobs = message.blobs ?? {};
  const dataset = datasetOf(job, blobs);
  const model = buildModel(config.model, { fields: dataset.fields, count: dataset.train.count });
  const resume = job.resume ? openCheckpoint(blobs.checkpoint, "The checkpoint") : undefined;
  const opened = await requestDevice({ gpu: context.gpu, settle: context.settle });
  const device = withTuned(opened, job.tuned);
  const teller = createTeller(job, dataset, context);
  const session = startSession({
    device,
    model,
    dataset,
    training: fastDevRun ? tried(config.training, model.stages.length) : config.training,
    seed: config.seed,
    resume,
    metadata: configMetadata(config),
    signal: context.signal,
    events: teller.events,
  });
  try {
    const { checkpoint, status, step, epoch } = await session.finished;
    const { codes } = teller;
    const end: TrainEvent = { event: "end", status, step, epoch, ...(codes && { codes }) };
    await send(context, end, { checkpoint: checkpoint.bytes() });
  } catch (error) {
    if (!(error instanceof ReparamError && error.code === "nonfinite")) throw error;
    await teller.failed(error.message);
  } finally {
    await session.dispose();
    device.dispose();
  }
};

/** Turns what a session tells into messages. */
function createTeller({ fastDevRun, config: { seed } }: TrainJob, dataset: Dataset, context: JobContext) {
  const tell = (event: TrainEvent, blobs?: Message["blobs"]) => send(context, event, blobs);
  let start: SessionStart | undefined;
  let reached = 0;
  let shown = 0;
  let began: { step: number; time: number } | undefined;
  let codes: EndEvent["codes"];

  const events: SessionEvents = {
    onStart: async (started) => {
      start = started;
      const { device, trainer, progress, totalSteps } = started;
      const { stages } = trainer.model;
      const lengths = stageLengths(stages, totalSteps, trainer.stepsPerEpoch);
      reached = progress.step;
      await tell({
        event: "start",
        adapter: device.adapter,
        parameters: trainer.parameterCount,
        peakBytes: trainer.bytes(),
        totalSteps,
        stepsPerEpoch: trainer.stepsPerEpoch,
        stages: stages.map(({ name, monitor }, k) => ({ name, monitor, steps: lengths[k] })),
        step: progress.step,
        environment: environmentOf(device, trainer.stage().program.plan),
      });
    },
    onStage: (stage) => void tell({ event: "stage", ...stage }),
    onStep: (step, loss) => {
      reached = step;
      const { totalSteps, trainer } = start!;
      const now = performance.now();
      began ??= { step: step - 1, time: now };
      if (now - shown < PROGRESS_MILLISECONDS && step < totalSteps) return;
      shown = now;
      const stepsPerSecond = now > began.time ? (step - began.step) / ((now - began.time) / 1000) : 0;
      void tell({
        event: "progress",
        step,
        totalSteps,
        epoch: Math.ceil(step / trainer.stepsPerEpoch),
        loss: Number.isFinite(loss) ? loss : null,
        stepsPerSecond,
        secondsLeft: stepsPerSecond > 0 ? (totalSteps - step) / stepsPerSecond : 0,
      });
    },
    onSteps: (steps) => void tell({ event: "steps", ...steps, train: toLosses(steps.train) }),
    onEpoch: async (epoch, metrics) => {
      began = undefined;
      const { train, test } = epoch;
      await tell({ event: "epoch", ...epoch, train: toLosses(train), test: toLosses(test), units: unitsOf(metrics) });
    },
    onCheckpoint: async ({ step, epoch, best, bytes }) => {
      await tell({ event: "checkpoint", step, epoch, best }, { checkpoint: bytes() });
    },
    onNonFinite: async ({ step, reason, action, from }) => {
      await tell({ event: "nonfinite", step, reason: reason.message, action, from });
    },
    onRecovery: async ({ reason, device, step }) => {
      began = undefined;
      await tell({ event: "recovery", reason: reason.message, adapter: device.adapter, step });
    },
    onEnd: async ({ status }, { model, uses }) => {
      if (status === "interrupted") return;
      await sendPictures(context, model, uses, dataset, fastDevRun);
      // Two steps say nothing of what codes will hold.
      if (!fastDevRun && !context.signal.aborted) codes = await codesOf(model, uses, dataset, seed);
    },
  };
  return {
    events,
    get codes() {
      return codes;
    },
    failed: (message: string) =>
      tell({
        event: "end",
        status: "failed",
        step: reached,
        epoch: Math.ceil((reached + 1) / (start?.trainer.stepsPerEpoch ?? 1)),
        message,
      }),
  };
}

/** What a model's codes hold, by the first examples of those that it is judged by. */
function codesOf(model: Model, uses: Uses, { fields, train, test }: Dataset, seed: number): Promise<EndEvent["codes"]> {
  const judged = placesOf(model) === undefined ? test : train;
  return measuredCodes(model, uses, { fields, split: { ...judged, count: Math.min(judged.count, LOOKED_AT) }, seed });
}

/** What a fast development run has to do: two steps a stage. */
const tried = (training: TrainingConfig, stages: number): TrainingConfig => ({
  ...training,
  maxSteps: Math.min(2 * stages, training.maxSteps ?? Number.POSITIVE_INFINITY),
});

/** The data of a job; a fast development run evaluates one batch. */
function datasetOf({ dataset, config, fastDevRun }: TrainJob, blobs: NonNullable<Message["blobs"]>): Dataset {
  const { name, fields, trainCount, testCount, fittedCount } = dataset;
  const tested = fastDevRun ? Math.min(testCount, config.training.batchSize) : testCount;
  const fitted = fittedCount === undefined ? undefined : splitOf("fitted", fields, fittedCount, blobs);
  return {
    name,
    fields,
    train: { ...splitOf("train", fields, trainCount, blobs), ...(fitted && { fitted }) },
    test: splitOf("test", fields, tested, blobs),
  };
}
