import { buildModel, type RunConfig } from "../config/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { type Device, requestDevice } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import type { JobContext, Message, RunJob } from "../host/job.ts";
import type { Model } from "../models/model.ts";
import { arenaLayout, packArena } from "../runtime/arena.ts";
import { createSlotPool } from "../runtime/slots.ts";
import { type OpenCheckpoint, openCheckpoint, progressOf, readWeights } from "../train/checkpoint.ts";
import { batchBuffers, checkSplit, readsOf, uploadSplit } from "../train/data.ts";
import { createEvaluator } from "../train/evaluator.ts";
import { logLikelihood, wholeCalls } from "../train/log-likelihood.ts";
import { stageGraphs } from "../train/objective.ts";
import { pinned, pinsOf } from "../train/pins.ts";
import { stageSchedules } from "../train/stage-schedules.ts";
import { createUses, type UsesContext, useNamed } from "../train/uses.ts";
import type { EvaluateJob, EvaluationEvent, ResultEvent, UseJob } from "./messages.ts";
import { bytesOf, send, splitOf, toLosses, valuesIn } from "./send.ts";

/** The job `use`: runs one use of a trained model. */
export const use: RunJob = async (message, context) => {
  const { config, fields, use: name, count, seed } = message.body as unknown as UseJob;
  await withModel(context, config, { fields }, message, async ({ device, model, weights, own }) => {
    const { from, to } = useNamed(model, name);
    const inputs = Object.entries(from).map(([key, field]) => {
      const blob = message.blobs?.[`input ${key}`];
      if (!blob) throw new ReparamError("data", `${name} takes ${key}, and the job was sent none.`);
      return [key, valuesIn(blob, field)] as const;
    });
    const uses = own(createUses(device, model, weights));
    const { signal } = context;
    const result = await uses.run(name, count, Object.fromEntries(inputs), { seed, signal });
    const event: ResultEvent = { event: "result", shape: [count, ...to.shape] };
    await send(context, event, { result: bytesOf(result) });
  });
};

/**
 * The job `evaluate`: the terms of a model's last stage over examples, with the noise of the checkpoint's own last
 * evaluation, so that the test data give the figure that training reported.
 */
export const evaluate: RunJob = async (message, context) => {
  const { config, fields, count, samples } = message.body as unknown as EvaluateJob;
  await withModel(context, config, { fields }, message, async ({ device, model, weights, own, checkpoint }) => {
    const split = splitOf("test", fields, count, message.blobs ?? {});
    checkSplit(split, "test", fields, model.fields);
    const { training, seed } = config;
    const { batchSize } = training;
    const progress = progressOf(checkpoint);
    const stage = model.stages[progress?.stage ?? model.stages.length - 1];
    const graphs = stageGraphs(model, stage, batchSize, false);
    const evaluator = own(
      await createEvaluator(device, model, {
        ...weights,
        stage,
        fields,
        split: uploadSplit(device, own, split, { fields, reads: readsOf(graphs), label: "test" }),
        batch: batchBuffers(device, own, fields, graphs, batchSize),
        batchSize,
        seed,
        schedules: stageSchedules(model, stage, training, { totalSteps: 1, stepsPerEpoch: 1 }),
      }),
    );
    const index = Math.max(0, (progress?.evaluations ?? 0) - 1);
    const test = await evaluator.evaluate(index, context.signal);
    if (!test) return;
    const event: EvaluationEvent = { event: "evaluation", test: toLosses(test), units: evaluator.units };
    if (samples !== undefined) {
      const uses = own(createUses(device, model, weights));
      const options = { samples, seed, signal: context.signal };
      const nats = await logLikelihood(uses, model, count, split.values, options);
      const { mean } = toLosses({ mean: nats.reduce((sum, value) => sum + value, 0) / count });
      event.logLikelihood = { mean, samples: wholeCalls(samples) };
    }
    await send(context, event);
  });
};

interface Opened {
  readonly device: Device;
  readonly model: Model;
  readonly weights: UsesContext;
  readonly checkpoint: OpenCheckpoint;
  readonly own: Owner["own"];
}

/** Opens a device and puts a checkpoint's weights on it; the device and all that is on it go when `call` ends. */
async function withModel(
  context: JobContext,
  config: RunConfig,
  data: { readonly fields: Dataset["fields"] },
  message: Message,
  call: (opened: Opened) => Promise<void>,
): Promise<void> {
  const model = buildModel(config.model, data);
  const checkpoint = openCheckpoint(message.blobs!.checkpoint, "The checkpoint");
  const tensors = readWeights(checkpoint, model.parameters);
  const opened = await requestDevice({ gpu: context.gpu, settle: context.settle });
  const device = pinned(opened, pinsOf(checkpoint));
  try {
    await withOwner(async ({ own, dispose }) => {
      const layout = arenaLayout(model.parameters);
      const parameters = own(storageBuffer(device, layout.bytes, "parameters"));
      upload(
        device,
        parameters,
        packArena(layout, ({ name }) => tensors.get(name)!),
      );
      const slots = own(createSlotPool(device));
      const weights = { layout, parameters, slots, rows: config.training.batchSize };
      await call({ device, model, weights, checkpoint, own });
      dispose();
    });
  } finally {
    device.dispose();
  }
}
