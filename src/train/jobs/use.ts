import { storageBuffer, upload } from "../../gpu/buffers.ts";
import { type Device, requestDevice } from "../../gpu/device.ts";
import { createPipelineCache } from "../../gpu/pipelines.ts";
import type { JobContext, Message, RunJob } from "../../host/job.ts";
import { buildModel, type Model } from "../../models/index.ts";
import { finalKlWeight } from "../../nn/schedules.ts";
import { arenaLayout, packArena } from "../../runtime/arena.ts";
import { decodeWeights, evaluationsOf } from "../checkpoint.ts";
import type { TrainConfig } from "../config.ts";
import { createEvaluator } from "../evaluator.ts";
import { createInference, type InferenceContext } from "../inference.ts";
import type { ExamplesJob, SampleJob } from "../messages.ts";
import { pinned, pinsOf } from "../pins.ts";
import { checkSplit } from "../split-data.ts";
import { bytesOf, send, toLosses } from "./messages.ts";
import { toFloats } from "./pictures.ts";

/** The job `sample`: images decoded from codes drawn from the prior. */
export const sample: RunJob = async (message, context) => {
  const { config, shape, count, seed } = message.body as unknown as SampleJob;
  await withModel(context, config, shape, message, async ({ device, model, weights }) => {
    const inference = createInference(device, model, weights);
    await send(context, { event: "samples" }, { samples: bytesOf(await inference.sample(count, seed)) });
  });
};

/** The job `reconstruct`: examples encoded without noise and decoded. */
export const reconstruct: RunJob = async (message, context) => {
  await withExamples(message, context, async ({ device, model, weights, examples }) => {
    const inference = createInference(device, model, weights);
    const reconstructions = bytesOf(await inference.reconstruct(toFloats(examples)));
    await send(context, { event: "reconstructions" }, { reconstructions });
  });
};

/** The job `encode`: the latent means of examples. */
export const encode: RunJob = async (message, context) => {
  await withExamples(message, context, async ({ device, model, weights, examples }) => {
    const inference = createInference(device, model, weights);
    const codes = bytesOf(await inference.encode(toFloats(examples)));
    const event = { event: "codes", latent: model.latent };
    await send(context, event, { codes });
  });
};

/**
 * The job `evaluate`: the mean losses over examples, with the noise of the checkpoint's own last evaluation, so that the
 * test data give the figure that training reported.
 */
export const evaluate: RunJob = async (message, context) => {
  const { config, dataset } = message.body as unknown as ExamplesJob;
  await withExamples(message, context, async ({ device, model, weights, examples }) => {
    const evaluator = await createEvaluator(device, model, {
      ...weights,
      split: { count: dataset.count, examples },
      batchSize: config.training.batchSize,
      seed: config.seed,
      klWeight: finalKlWeight(config.training.klWeight),
    });
    const index = Math.max(0, evaluationsOf(message.blobs!.checkpoint, "The checkpoint") - 1);
    const losses = await evaluator.evaluate(index, context.signal);
    if (losses) await send(context, { event: "evaluation", ...toLosses(losses) } as { event: string });
  });
};

interface Opened {
  readonly device: Device;
  readonly model: Model;
  readonly weights: InferenceContext;
}

/** Opens a device and puts a checkpoint's weights on it; the device and all that is on it go when `use` ends. */
async function withModel(
  context: JobContext,
  config: TrainConfig,
  shape: readonly number[],
  message: Message,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const model = buildModel(config.model, shape);
  const tensors = decodeWeights(message.blobs!.checkpoint, model.parameters, "The checkpoint");
  const opened = await requestDevice({ gpu: context.gpu, settle: context.settle });
  const device = pinned(opened, pinsOf(message.blobs!.checkpoint, "The checkpoint"));
  try {
    const layout = arenaLayout(model.parameters);
    const parameters = storageBuffer(device, layout.bytes, "parameters");
    upload(
      device,
      parameters,
      packArena(layout, ({ name }) => tensors.get(name)!),
    );
    await use({
      device,
      model,
      weights: { layout, parameters, pipelines: createPipelineCache(device), rows: config.training.batchSize },
    });
  } finally {
    device.dispose();
  }
}

function withExamples(
  message: Message,
  context: JobContext,
  use: (opened: Opened & { examples: Uint8Array }) => Promise<void>,
): Promise<void> {
  const { config, dataset } = message.body as unknown as ExamplesJob;
  const { examples } = message.blobs!;
  checkSplit({ count: dataset.count, examples }, dataset.name, dataset.shape, dataset.shape);
  return withModel(context, config, dataset.shape, message, (opened) => use({ ...opened, examples }));
}
