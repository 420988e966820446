import type { RunJob } from "../host/job.ts";
import { batchBuffers, checkSplit, readsOf, uploadSplit } from "../train/data.ts";
import { createEvaluator } from "../train/evaluator.ts";
import { exampleTerms } from "../train/example-terms.ts";
import { logLikelihood, wholeCalls } from "../train/log-likelihood.ts";
import { measured } from "../train/measures.ts";
import { stageGraphs } from "../train/objective.ts";
import { progressOf } from "../train/read-checkpoint.ts";
import { stageSchedules, withChanges } from "../train/stage-schedules.ts";
import { createUses } from "../train/uses.ts";
import type { EvaluateJob, EvaluationEvent } from "./messages.ts";
import { bytesOf, send, splitOf, toLosses } from "./send.ts";
import { withModel } from "./with-model.ts";

/**
 * The job `evaluate`: the terms of a model's last stage over examples, with the noise of the checkpoint's own last
 * evaluation, so that the test data give the figure that training reported; and what its uses say of it.
 */
export const evaluate: RunJob = async (message, context) => {
  const { config, fields, count, perExample, samples } = message.body as unknown as EvaluateJob;
  const { signal } = context;
  await withModel(context, config, { fields }, message, async ({ device, model, weights, own, checkpoint }) => {
    const split = splitOf("test", fields, count, message.blobs ?? {});
    checkSplit(split, "test", fields, model.fields);
    const { training, seed } = config;
    const { batchSize } = training;
    const progress = progressOf(checkpoint);
    const stage = model.stages[progress?.stage ?? model.stages.length - 1];
    const graphs = stageGraphs(model, stage, batchSize, false);
    const options = {
      ...weights,
      stage,
      fields,
      split: uploadSplit(device, own, split, { fields, reads: readsOf(graphs), label: "test" }),
      batch: batchBuffers(device, own, fields, graphs, batchSize),
      batchSize,
      seed,
      schedules: withChanges(
        stageSchedules(model, stage, training, { totalSteps: 1, stepsPerEpoch: 1 }),
        progress?.changes ?? [],
        0,
      ),
    };
    const evaluator = own(await createEvaluator(device, model, options));
    const index = Math.max(0, (progress?.evaluations ?? 0) - 1);
    const test = await evaluator.evaluate(index, signal);
    if (!test) return;
    const each = perExample ? await exampleTerms(device, model, options, index, signal) : undefined;
    const uses = own(createUses(device, model, weights));
    const event: EvaluationEvent = {
      event: "evaluation",
      test: toLosses(test),
      units: evaluator.units,
      measures: await measured(model, uses, { fields, split, seed, signal }),
      ...(each && { terms: each.names }),
    };
    if (samples !== undefined) {
      const nats = await logLikelihood(uses, model, count, split.values, { samples, seed, signal });
      const { mean } = toLosses({ mean: nats.reduce((sum, value) => sum + value, 0) / count });
      event.logLikelihood = { mean, samples: wholeCalls(samples) };
    }
    await send(context, event, each && { terms: bytesOf(each.values) });
  });
};
