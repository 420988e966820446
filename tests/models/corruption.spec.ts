import { expect, test } from "@playwright/test";
import { buildModel, modelConfig, type RunConfig } from "../../src/config/config.ts";
import type { Message } from "../../src/host/job.ts";
import { runJob } from "../../src/jobs/job.ts";
import { convDenoisingAe, denoisingAe, stackedDenoisingAe } from "../../src/models/index.ts";
import { fit } from "../../src/train/fit.ts";
import { tinyConfig } from "../support/train-job.ts";
import { patterns, sharedDevice, sharedGpu } from "../support/training.ts";

const input = [4, 4, 1];

for (const [name, make] of Object.entries({
  "denoising-ae": denoisingAe,
  "conv-denoising-ae": convDenoisingAe,
  "stacked-denoising-ae": stackedDenoisingAe,
})) {
  test(`${name}: a share of the numbers is below 1, and a standard deviation may be above it`, () => {
    for (const noise of ["masking", "saltAndPepper"] as const) {
      for (const amount of [1, 3]) {
        expect(() => make({ input, noise, amount })).toThrow(
          `${name}: amount must be a number of at least 0 and below 1 with the noise ${noise}, but it is ${amount}.`,
        );
      }
      make({ input, noise, amount: 0.99 });
    }
    const rising = { name: "linear", from: 0, to: 1, steps: 5 } as const;
    expect(() => make({ input, noise: "masking", amount: rising })).toThrow(
      `${name}: amount must be a number of at least 0`,
    );
    for (const noise of ["gaussian", "clipped"] as const) make({ input, noise, amount: 1.5 });
  });
}

test("how much an input is spoilt may be set while a run goes: its steps, its use, and both jobs from its checkpoint see that", async () => {
  const data = patterns(16, 8, [4, 4, 1]);
  const model = modelConfig(denoisingAe.statement, { hidden: [5], latent: 2, noise: "gaussian", amount: 0.5 });
  const config: RunConfig = { ...tinyConfig(), model };
  const { fields } = data;
  const { x, label } = data.test.values as Record<string, Uint8Array>;
  const clean = Array.from(x, (value) => Math.fround(value / 255));
  const run = fit(await sharedDevice(), buildModel(model, { fields }), data, {
    epochs: 2,
    batchSize: 8,
    seed: config.seed,
  });
  await run.pause();
  const spoilt = await run.use("corrupt", 8, { x });
  expect(Array.from(spoilt)).not.toEqual(clean);
  await run.change({ amount: 0 });
  expect(Array.from(await run.use("corrupt", 8, { x }))).toEqual(clean);
  run.resume();
  await run.finished;
  const told = run.history.at(-1)!.test.loss;
  const checkpoint = await run.checkpoint();
  await run.dispose();

  const device = await sharedDevice();
  const ask = async (body: object, blobs: Record<string, Uint8Array>): Promise<Message> => {
    const answers: Message[] = [];
    const context = { gpu: await sharedGpu(), settle: device.settle, signal: new AbortController().signal };
    const job = { body: { config, fields, count: 8, ...body } as never, blobs: { checkpoint, ...blobs } };
    await runJob(job, { ...context, emit: async (message) => void answers.push(message) });
    return answers[0];
  };
  const used = await ask({ kind: "use", use: "corrupt", seed: 1 }, { "input x": x });
  expect(Array.from(new Float32Array(used.blobs!.result.slice().buffer))).toEqual(clean);
  const evaluated = await ask({ kind: "evaluate" }, { "test x": x, "test label": label });
  expect(evaluated.body).toMatchObject({ test: { loss: told } });
});
