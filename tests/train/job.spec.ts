import { expect, test } from "@playwright/test";
import { decodeSafetensors } from "../../src/formats/safetensors.ts";
import type { Message } from "../../src/host/job.ts";
import type { TrainConfig } from "../../src/train/config.ts";
import { runJob } from "../../src/train/job.ts";
import type { EndEvent } from "../../src/train/messages.ts";
import { presets } from "../../src/train/presets.ts";
import { eventsOf, finalCheckpoint, type Received, runTrainJob, tinyConfig } from "../support/train-job.ts";
import { patterns, sharedDevice } from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]); // 5 steps an epoch
const config = tinyConfig({ metricsEvery: 2 });
const gpu = async () => (await sharedDevice()).entry;

/** Hands the job a GPU whose devices can be taken away. */
function breakable(entry: GPU) {
  const devices: GPUDevice[] = [];
  const breaking = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = (await entry.requestAdapter(options))!;
      const { requestDevice } = adapter;
      Object.defineProperty(adapter, "requestDevice", {
        value: async (descriptor?: GPUDeviceDescriptor) => {
          const device = await requestDevice.call(adapter, descriptor);
          devices.push(device);
          return device;
        },
      });
      return adapter;
    },
  };
  return { gpu: breaking as unknown as GPU, devices };
}

let whole: Received[];
test.beforeAll(async () => {
  whole = await runTrainJob({ gpu: await gpu(), config, dataset });
});

test("a run tells its start, its steps, its epochs and checkpoints in order, its pictures and its end", () => {
  const kinds = whole.map(({ body }) => body.event).filter((kind) => kind !== "progress" && kind !== "steps");
  const epoch = ["epoch", "checkpoint"];
  expect(kinds).toEqual(["start", ...epoch, ...epoch, ...epoch, ...epoch, "pictures", "end"]);
  expect(eventsOf(whole, "steps").map(({ step, epoch: number }) => [step, number])).toEqual(
    Array.from({ length: 10 }, (_, k) => [2 * k + 2, Math.ceil((2 * k + 2) / 5)]),
  );
  expect(eventsOf(whole, "epoch").map(({ epoch: number, step }) => [number, step])).toEqual(
    [1, 2, 3, 4].map((k) => [k, 5 * k]),
  );
  expect(eventsOf(whole, "end")).toEqual([{ event: "end", status: "ok", step: 20, epoch: 4 }]);
  expect(eventsOf(whole, "start")[0]).toMatchObject({
    parameters: 16 * 8 + 8 + 8 * 4 + 4 + 2 * 8 + 8 + 8 * 16 + 16,
    step: 0,
    totalSteps: 20,
  });
});

test("a checkpoint alone is enough to use the model: config and shape are in it, and where it was trained is not", () => {
  const { metadata } = decodeSafetensors(finalCheckpoint(whole), "final");
  expect(JSON.parse(metadata.shape)).toEqual([4, 4, 1]);
  const saved = JSON.parse(metadata.config);
  expect(saved.model).toEqual(config.model);
  expect(saved.host).toBeUndefined();
  expect(saved.data).not.toHaveProperty("directory");
});

test("pictures have the sizes that they tell of", () => {
  const { body, blobs } = whole.find(({ body: { event } }) => event === "pictures")!;
  expect(body).toMatchObject({ shape: [4, 4, 1], latent: 2, manifold: { xs: { length: 20 }, ys: { length: 20 } } });
  const bytes = Object.fromEntries(Object.entries(blobs!).map(([name, blob]) => [name, blob.byteLength]));
  const image = 4 * 16;
  expect(bytes).toEqual({
    samples: 64 * image,
    originals: 11 * image,
    reconstructions: 11 * image,
    codes: 11 * 2 * 4,
    manifold: 400 * image,
  });
});

for (const [what, at, checkpointEvery] of [
  ["at the start", { event: "start" }, 1],
  ["within the first epoch", { event: "steps", step: 4 }, 1],
  ["at a step that ends an epoch", { event: "steps", step: 10 }, 1],
  ["after an epoch without a checkpoint", { event: "epoch", epoch: 2 }, 3],
  ["within an epoch, two epochs after the last checkpoint", { event: "steps", step: 14 }, 3],
  ["at the last checkpoint", { event: "checkpoint", epoch: 4 }, 1],
] as const) {
  test(`a device that is lost ${what} is replaced: the same end, and nothing told twice`, async () => {
    const { gpu: breaking, devices } = breakable(await gpu());
    const received = await runTrainJob({
      gpu: breaking,
      config: tinyConfig({ metricsEvery: 2, checkpointEvery }),
      dataset,
      onEvent: (event) => {
        const told = event as unknown as Record<string, unknown>;
        if (devices.length === 1 && Object.entries(at).every(([key, value]) => told[key] === value))
          devices[0].destroy();
      },
    });
    expect(devices.length).toBe(2);
    for (const kind of ["start", "steps", "epoch", "pictures", "end"] as const) {
      expect(eventsOf(received, kind)).toEqual(eventsOf(whole, kind));
    }
    const steps = eventsOf(received, "checkpoint").map(({ step }) => step);
    expect(steps).toEqual([...new Set(steps)]);
    // The configs differ in how often they save, and a checkpoint holds its config.
    const { tensors, metadata } = decodeSafetensors(finalCheckpoint(received), "final");
    const expected = decodeSafetensors(finalCheckpoint(whole), "final");
    expect(tensors).toEqual(expected.tensors);
    expect(metadata.progress).toBe(expected.metadata.progress);
    if (checkpointEvery === 1) expect(Buffer.compare(finalCheckpoint(received), finalCheckpoint(whole))).toBe(0);
  });
}

test("a device that is lost again and again ends the run with an error that says so", async () => {
  const { gpu: breaking, devices } = breakable(await gpu());
  const failing = runTrainJob({
    gpu: breaking,
    config: tinyConfig({ metricsEvery: 1, epochs: 1000 }),
    dataset,
    onEvent: ({ event }) => {
      if (event === "start" || event === "steps") devices[devices.length - 1].destroy();
    },
  });
  await expect(failing).rejects.toMatchObject({
    name: "ReparamError",
    code: "device",
    message: expect.stringContaining("lost"),
  });
});

test("a run that was asked to stop saves, and resumed it ends in the same bytes and tells the rest", async () => {
  const entry = await gpu();
  for (const stopAt of [1, 7, 13]) {
    const stop = new AbortController();
    const first = await runTrainJob({
      gpu: entry,
      config,
      dataset,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.event === "steps" && event.step >= stopAt) stop.abort();
      },
    });
    const end = first[first.length - 1].body as EndEvent;
    expect(end.status).toBe("interrupted");
    const second = await runTrainJob({ gpu: entry, config, dataset, checkpoint: finalCheckpoint(first) });
    expect(eventsOf(second, "start")[0].step).toBe(end.step);
    for (const kind of ["steps", "epoch"] as const) {
      expect([...eventsOf(first, kind), ...eventsOf(second, kind)]).toEqual(eventsOf(whole, kind));
    }
    expect(Buffer.compare(finalCheckpoint(second), finalCheckpoint(whole))).toBe(0);
  }
});

test("a loss that is not finite ends the run as failed, at the step that was reached, with the reason", async () => {
  const { optimizer } = config.training;
  const received = await runTrainJob({
    gpu: await gpu(),
    config: tinyConfig({ optimizer: { ...optimizer, learningRate: 1e30 } }),
    dataset,
  });
  const { body, blobs } = received[received.length - 1];
  expect(body).toMatchObject({
    event: "end",
    status: "failed",
    message: expect.stringMatching(/not finite at step \d+; the first bad value/),
  });
  const { step, epoch, message } = body as EndEvent;
  expect(message).toContain(`at step ${step + 1};`);
  expect(epoch).toBe(Math.floor(step / 5) + 1);
  expect(blobs).toBeUndefined();
});

test("a fast development run takes two steps, evaluates one batch and goes through everything", async () => {
  const received = await runTrainJob({ gpu: await gpu(), config, dataset, fastDevRun: true });
  const kinds = received.map(({ body }) => body.event).filter((kind) => kind !== "progress" && kind !== "steps");
  expect(kinds).toEqual(["start", "epoch", "checkpoint", "pictures", "end"]);
  expect(eventsOf(received, "end")[0]).toMatchObject({ status: "ok", step: 2 });
});

test("a trained model samples, encodes, reconstructs and is evaluated from its checkpoint alone", async () => {
  const device = await sharedDevice();
  const context = { gpu: device.entry, settle: device.settle, signal: new AbortController().signal };
  // A test split that is some batches and a part of one, and one that is less than a batch.
  const convolutional = {
    ...config,
    model: { ...presets["conv-vae"].config.model, channels: [4], dense: 5, normalization: "batch" },
  } as TrainConfig;
  for (const [config, data] of [
    [tinyConfig(), dataset],
    [tinyConfig(), patterns(37, 3, [4, 4, 1])],
    [convolutional, dataset],
  ] as const) {
    const received = await runTrainJob({ gpu: device.entry, config, dataset: data });
    const checkpoint = finalCheckpoint(received);
    const pictures = received.find(({ body: { event } }) => event === "pictures")!.blobs!;
    const { count, examples } = data.test;
    const info = { name: "patterns", shape: [4, 4, 1], count };
    const ask = async (body: object, blobs: Record<string, Uint8Array>) => {
      const answers: Message[] = [];
      const job = { body: { config, shape: [4, 4, 1], ...body } as never, blobs };
      await runJob(job, { ...context, emit: async (message) => void answers.push(message) });
      expect(answers.length).toBe(1);
      return answers[0];
    };
    const samples = await ask({ kind: "sample", count: 64, seed: 7 }, { checkpoint });
    expect(samples.blobs!.samples).toEqual(pictures.samples);
    const codes = await ask({ kind: "encode", dataset: info }, { checkpoint, examples });
    expect(codes.blobs!.codes).toEqual(pictures.codes);
    const pairs = await ask({ kind: "reconstruct", dataset: info }, { checkpoint, examples });
    expect(pairs.blobs!.reconstructions).toEqual(pictures.reconstructions);
    const evaluation = await ask({ kind: "evaluate", dataset: info }, { checkpoint, examples });
    expect(evaluation.body).toEqual({ event: "evaluation", ...eventsOf(received, "epoch")[3].test });
  }
});
