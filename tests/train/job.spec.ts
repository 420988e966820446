import { expect, test } from "@playwright/test";
import { buildModel, modelConfig, type RunConfig } from "../../src/config/config.ts";
import { statements } from "../../src/config/presets.ts";
import { labels, type Split, vector } from "../../src/data/dataset.ts";
import { trainedOnClass } from "../../src/data/one-class.ts";
import { decodeSafetensors } from "../../src/formats/decode-safetensors.ts";
import { requestDevice } from "../../src/gpu/device.ts";
import type { Message } from "../../src/host/job.ts";
import { runJob } from "../../src/jobs/job.ts";
import type { EndEvent, PictureEvent, PlanEvent } from "../../src/jobs/messages.ts";
import { bytesOf } from "../../src/jobs/send.ts";
import { fit } from "../../src/train/fit.ts";
import { decodePng } from "../formats/decode-png.ts";
import { settle } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { eventsOf, finalCheckpoint, type Received, runTrainJob, tinyConfig } from "../support/train-job.ts";
import { patterns, sharedDevice, sharedGpu } from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]); // 5 steps an epoch
const config = tinyConfig({ metricsEvery: 2 });

/** Hands the job a GPU whose devices can be taken away: all, or the first alone where others come from somewhere else. */
function breakable(entry: GPU, later = entry) {
  const devices: GPUDevice[] = [];
  /** Whether those to come are lost at once. */
  const doomed = { now: false };
  const breaking = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      const adapter = (await (devices.length === 0 ? entry : later).requestAdapter(options))!;
      const { requestDevice } = adapter;
      Object.defineProperty(adapter, "requestDevice", {
        value: async (descriptor?: GPUDeviceDescriptor) => {
          const device = await requestDevice.call(adapter, descriptor);
          devices.push(device);
          if (doomed.now) device.destroy();
          return device;
        },
      });
      return adapter;
    },
  };
  const gpu = { ...breaking, wgslLanguageFeatures: entry.wgslLanguageFeatures } as unknown as GPU;
  return { gpu, devices, doomed };
}

let whole: Received[];
test.beforeAll(async () => {
  whole = await runTrainJob({ gpu: await sharedGpu(), config, dataset });
});

test("a run tells its start, its steps, its epochs and checkpoints in order, its pictures and its end", () => {
  // Checkpoints come beside the steps that follow, in their own order, each after its epoch.
  const beside = ["progress", "steps", "checkpoint"];
  const kinds = whole.map(({ body }) => body.event).filter((kind) => !beside.includes(kind));
  expect(kinds).toEqual(["start", ...Array(4).fill("epoch"), ...Array(4).fill("picture"), "end"]);
  expect(eventsOf(whole, "checkpoint").map(({ step }) => step)).toEqual([5, 10, 15, 20]);
  const placeOf = (kind: string, step: number) =>
    whole.findIndex(({ body }) => body.event === kind && "step" in body && body.step === step);
  for (const step of [5, 10, 15, 20]) expect(placeOf("checkpoint", step)).toBeGreaterThan(placeOf("epoch", step));
  expect(eventsOf(whole, "steps").map(({ step, epoch: number }) => [step, number])).toEqual(
    Array.from({ length: 10 }, (_, k) => [2 * k + 2, Math.ceil((2 * k + 2) / 5)]),
  );
  expect(eventsOf(whole, "epoch").map(({ epoch: number, step }) => [number, step])).toEqual(
    [1, 2, 3, 4].map((k) => [k, 5 * k]),
  );
  const { codes, ...end } = eventsOf(whole, "end")[0];
  expect(end).toEqual({ event: "end", status: "ok", step: 20, epoch: 4 });
  expect(codes?.posterior?.kl).toHaveLength(2);
  expect(eventsOf(whole, "start")[0]).toMatchObject({
    parameters: 16 * 4 + 4 + 2 * 16 + 16,
    step: 0,
    totalSteps: 20,
  });
});

test("a checkpoint alone is enough to use the model: config and fields are in it, and where it was trained is not", () => {
  const { metadata } = decodeSafetensors(finalCheckpoint(whole), "final");
  expect(JSON.parse(metadata.fields)).toEqual({ x: dataset.fields.x });
  const saved = JSON.parse(metadata.config);
  expect(saved.model).toEqual(config.model);
  expect(saved.host).toBeUndefined();
  expect(saved.data).not.toHaveProperty("directory");
});

test("a picture comes for everything that the model can do, as a PNG with a name and a caption", () => {
  const pictures = whole.filter(({ body: { event } }) => event === "picture");
  expect(pictures.map(({ body }) => (body as PictureEvent).file)).toEqual([
    "samples.png",
    "reconstructions.png",
    "latent.png",
    "manifold.png",
  ]);
  for (const { body, blobs } of pictures) {
    expect((body as PictureEvent).caption).not.toBe("");
    const { width, height } = decodePng(blobs!.png);
    expect(width * height).toBeGreaterThan(100);
  }
});

for (const [what, at, checkpointEvery, quick] of [
  ["at the start", { event: "start" }, 1, false],
  ["within the first epoch", { event: "steps", step: 4 }, 1, false],
  ["at a step that ends an epoch", { event: "steps", step: 10 }, 1, false],
  ["after an epoch without a checkpoint", { event: "epoch", epoch: 2 }, 3, false],
  ["within an epoch, two epochs after the last checkpoint", { event: "steps", step: 14 }, 3, true],
  ["at the last checkpoint", { event: "checkpoint", epoch: 4 }, 1, false],
] as const) {
  test(`a device that is lost ${what} is replaced: the same end, and nothing told twice`, async () => {
    test.skip(!quick && !long, onlyLong);
    const { gpu: breaking, devices } = breakable((await sharedDevice()).entry, await sharedGpu());
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
    for (const kind of ["start", "steps", "epoch", "picture", "end"] as const) {
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
  const { gpu: breaking, devices, doomed } = breakable((await sharedDevice()).entry);
  const failing = runTrainJob({
    gpu: breaking,
    config: tinyConfig({ metricsEvery: 1 }),
    dataset,
    onEvent: ({ event }) => {
      if (event !== "steps" || doomed.now) return;
      doomed.now = true;
      devices[0].destroy();
    },
  });
  await expect(failing).rejects.toMatchObject({
    name: "ReparamError",
    code: "device",
    message: expect.stringContaining("lost"),
  });
});

test("a run that was asked to stop saves, and resumed it ends in the same bytes and tells the rest", async () => {
  const gpu = await sharedGpu();
  for (const stopAt of long ? [1, 7, 13] : [7]) {
    const stop = new AbortController();
    const first = await runTrainJob({
      gpu,
      config,
      dataset,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.event === "steps" && event.step >= stopAt) stop.abort();
      },
    });
    const end = first[first.length - 1].body as EndEvent;
    expect(end.status).toBe("interrupted");
    const second = await runTrainJob({ gpu, config, dataset, checkpoint: finalCheckpoint(first) });
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
    gpu: await sharedGpu(),
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
  const received = await runTrainJob({ gpu: await sharedGpu(), config, dataset, fastDevRun: true });
  const kinds = received.map(({ body }) => body.event).filter((kind) => kind !== "progress" && kind !== "steps");
  expect(kinds).toEqual(["start", "epoch", "checkpoint", ...Array(4).fill("picture"), "end"]);
  expect(eventsOf(received, "end")[0]).toMatchObject({ status: "ok", step: 2 });
});

test("a trained model is used and evaluated from its checkpoint alone, as the run itself was", async () => {
  const gpu = await sharedGpu();
  // The tiles that jobs have: uses are of other sizes than what a checkpoint pins.
  const device = await requestDevice({ gpu, settle });
  const context = { gpu, settle, signal: new AbortController().signal };
  // A test split that is some batches and a part of one, and one that is less than a batch.
  const convolutional: RunConfig = {
    ...config,
    model: modelConfig(statements["conv-vae"], { channels: [4], dense: 5, normalization: "batch" }),
  };
  // One whose loss depends on how many training examples there were.
  const counting = { ...config, model: modelConfig(statements["beta-tc-vae"], { hidden: [], latent: 2 }) };
  for (const [config, data] of [
    ...(long
      ? ([
          [convolutional, dataset],
          [tinyConfig(), patterns(37, 3, [4, 4, 1])],
        ] as const)
      : []),
    [counting, dataset],
  ] as const) {
    const received = await runTrainJob({ gpu, config, dataset: data });
    const checkpoint = finalCheckpoint(received);
    const { fields } = data;
    const { count, values } = data.test;
    const ask = async (body: object, blobs: Record<string, Uint8Array>) => {
      const answers: Message[] = [];
      const job = { body: { config, fields, ...body } as never, blobs: { checkpoint, ...blobs } };
      await runJob(job, { ...context, emit: async (message) => void answers.push(message) });
      expect(answers.length).toBe(1);
      return answers[0];
    };
    const use = async (name: string, count: number, inputs: Record<string, Uint8Array> = {}) => {
      const blobs = Object.fromEntries(Object.entries(inputs).map(([key, bytes]) => [`input ${key}`, bytes]));
      const { body, blobs: given } = await ask({ kind: "use", use: name, count, seed: config.seed }, blobs);
      expect(body).toMatchObject({ event: "result", shape: [count, ...(name === "encode" ? [2] : [4, 4, 1])] });
      return new Float32Array(given!.result.slice().buffer);
    };
    // The same weights in a run that has nothing left to do.
    const model = buildModel(config.model, { fields, count: data.train.count });
    const { batchSize } = config.training;
    const run = fit(device, model, data, { epochs: 4, batchSize, resume: checkpoint });
    const x = values.x as Uint8Array;
    expect(await use("sample", 11)).toEqual(await run.sample(11));
    const codes = await use("encode", count, { x });
    expect(codes).toEqual(await run.encode(x));
    expect(await use("reconstruct", count, { x })).toEqual(await run.reconstruct(x));
    expect(await use("decode", count, { code: bytesOf(codes) })).toEqual(await use("reconstruct", count, { x }));
    const likely = await run.logLikelihood(x, { samples: 20, seed: config.seed });
    await run.dispose();
    const { test: last, units } = eventsOf(received, "epoch")[3];
    const examples = { "test x": x, "test label": bytesOf(values.label) };
    const evaluation = await ask({ kind: "evaluate", count }, examples);
    expect(evaluation.body).toMatchObject({ event: "evaluation", test: last, units });
    const { body } = await ask({ kind: "evaluate", count, samples: 20 }, examples);
    const mean = likely.reduce((sum, nats) => sum + nats, 0) / count;
    expect(body).toEqual({ ...evaluation.body, logLikelihood: { mean, samples: 32 } });
  }
});

test("a use that the model does not have, or without its inputs, is refused in a sentence", async () => {
  const gpu = await sharedGpu();
  const ask = (name: string) =>
    runJob(
      {
        body: { kind: "use", use: name, config, fields: dataset.fields, count: 1, seed: 0 } as never,
        blobs: { checkpoint: finalCheckpoint(whole) },
      },
      { gpu, settle, signal: new AbortController().signal, emit: async () => {} },
    );
  await expect(ask("classify")).rejects.toMatchObject({ code: "usage", message: /This model cannot classify/ });
  await expect(ask("encode")).rejects.toMatchObject({
    code: "data",
    message: "encode takes x, and the job was sent none.",
  });
});

test("the plan of each stage is told without data", async () => {
  const model = modelConfig(statements["stacked-denoising-ae"], { layers: [6, 3] });
  const body = { kind: "plan", config: { ...config, model }, fields: dataset.fields, count: 37 };
  const answers: Message[] = [];
  await runJob(
    { body: body as never },
    {
      gpu: await sharedGpu(),
      settle,
      signal: new AbortController().signal,
      emit: async (message) => void answers.push(message),
    },
  );
  const [{ stages }] = answers.map(({ body }) => body as unknown as PlanEvent);
  expect(stages.map(({ name }) => name)).toEqual(["layer 1", "layer 2", "fine-tuning"]);
  for (const { plan } of stages) expect(plan).toMatch(/data\/pick.*state\/check/s);
});

test("a job of stages tells its stages and ends them at their steps", async () => {
  const model = modelConfig(statements["stacked-denoising-ae"], { layers: [6], head: "softmax" });
  const received = await runTrainJob({
    gpu: await sharedGpu(),
    config: { ...tinyConfig({ epochs: 4 }), model },
    dataset,
  });
  const { stages } = eventsOf(received, "start")[0];
  expect(stages.map(({ name, steps }) => [name, steps])).toEqual([
    ["layer 1", 5],
    ["fine-tuning", 10],
    ["head", 5],
  ]);
  expect(eventsOf(received, "stage").map(({ name, step }) => [name, step])).toEqual(
    stages.slice(1).map(({ name }, k) => [name, stages.slice(0, k + 1).reduce((sum, { steps }) => sum + steps, 0)]),
  );
  expect(eventsOf(received, "epoch").map(({ stage }) => stage)).toEqual(
    stages.flatMap(({ name, steps }) => Array(steps / 5).fill(name)),
  );
  expect(Object.keys(eventsOf(received, "epoch")[3].test)).toEqual(["loss", "error"]);
});

test("statistics are fitted to all training examples where those of one class are trained on", async () => {
  const split = (count: number): Split => ({
    count,
    values: {
      x: Float32Array.from({ length: 2 * count }, (_, k) => (k < count ? k : 100 + k)),
      label: Uint8Array.from({ length: count }, (_, row) => Number(row >= count / 2)),
    },
  });
  const fields = { x: vector(2), label: labels(2) };
  const data = trainedOnClass({ name: "two", fields, train: split(16), test: split(8) }, 0);
  const model = { ...modelConfig(statements["anomaly-ae"], { widths: [4], latent: 2 }) };
  const small = { ...tinyConfig({ epochs: 1 }), model };
  const { tensors } = decodeSafetensors(
    finalCheckpoint(await runTrainJob({ gpu: await sharedGpu(), config: small, dataset: data })),
    "final",
  );
  expect([tensors["scaling.shift"].data[0], tensors["scaling.scale"].data[0]]).toEqual([0, 131]);
});
