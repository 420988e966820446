import { expect, test } from "@playwright/test";
import { labels } from "../../src/data/dataset.ts";
import {
  autoencoder,
  cvae,
  digits,
  type Epoch,
  fit,
  input,
  type Model,
  ReparamError,
  sum,
  vae,
} from "../../src/index.ts";
import { openCheckpoint, readCheckpoint } from "../../src/train/read-checkpoint.ts";
import { countLiveBuffers } from "../support/gpu-calls.ts";
import { long, onlyLong } from "../support/long.ts";
import { freshDevice, patterns, relativeError, sharedDevice, tinyVae } from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]);
const options = { epochs: 3, batchSize: 8, learningRate: 1e-2, seed: 1 };

const unheard: unknown[] = [];
test.beforeAll(() => void process.on("unhandledRejection", (reason) => unheard.push(reason)));
test.afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(unheard.splice(0)).toEqual([]);
});

async function epochsOf(run: AsyncIterable<Epoch>): Promise<Epoch[]> {
  const epochs: Epoch[] = [];
  for await (const epoch of run) epochs.push(epoch);
  return epochs;
}

test("ten lines train a VAE on the digits and sample from it", async () => {
  const device = await sharedDevice();
  const model = vae({ input: [28, 28, 1], hidden: [16], latent: 4, likelihood: "bernoulli" });
  const data = digits({ trainCount: 200, testCount: 50 });
  const run = fit(device, model, data, { epochs: 3, batchSize: 16, learningRate: 1e-2, seed: 1 });
  const losses: number[] = [];
  for await (const epoch of run) losses.push(epoch.test.loss);
  const images = await run.sample(5);
  expect(losses.length).toBe(3);
  expect(losses[2]).toBeLessThan(losses[0]);
  expect(images.length).toBe(5 * 784);
  await run.dispose();
});

test("how many kernels are compiled is told before the first step, and of a second run, which has them, nothing", async () => {
  const device = await freshDevice();
  const told: string[] = [];
  const following = {
    ...options,
    epochs: 1,
    onCompiling: ({ done, total }: { readonly done: number; readonly total: number }) =>
      told.push(`${done} of ${total}`),
    onStep: () => told.push("step"),
  };
  const first = fit(device, tinyVae(), dataset, following);
  await first.finished;
  const total = told.filter((words) => words.startsWith("0 of ")).length;
  expect(total).toBeGreaterThan(5);
  const counted = (count: number, words: (k: number) => string) =>
    Array.from({ length: count }, (_, k) => words(k + 1));
  expect(told.slice(0, 2 * total)).toEqual([
    ...counted(total, (k) => `0 of ${k}`),
    ...counted(total, (k) => `${k} of ${total}`),
  ]);
  expect(new Set(told.slice(2 * total))).toEqual(new Set(["step"]));
  told.length = 0;
  const second = fit(device, tinyVae(), dataset, following);
  await second.finished;
  expect(new Set(told)).toEqual(new Set(["step"]));
  await first.dispose();
  await second.dispose();
});

test("epochs come one by one, stay in the history, and can be iterated again", async () => {
  const steps: number[] = [];
  const run = fit(await sharedDevice(), tinyVae(), dataset, { ...options, onStep: (step) => steps.push(step) });
  const epochs = await epochsOf(run);
  expect(epochs.map(({ epoch, step, steps: own }) => [epoch, step, own])).toEqual([
    [1, 5, 5],
    [2, 10, 5],
    [3, 15, 5],
  ]);
  expect(run.history).toEqual(epochs);
  expect(await epochsOf(run)).toEqual(epochs);
  expect(await run.finished).toBe("ok");
  expect(steps).toEqual(Array.from({ length: 15 }, (_, k) => k + 1));
  for (const { train, test: evaluated } of epochs) {
    for (const { loss, reconstruction, kl } of [train, evaluated]) {
      expect(kl).toBeGreaterThan(0);
      expect(Math.abs(loss / (reconstruction + kl) - 1)).toBeLessThan(1e-5);
    }
  }
  await run.dispose();
});

test("its methods take and give rows of the shapes that they say", async () => {
  const run = fit(await sharedDevice(), tinyVae({ latent: 3 }), dataset, options);
  // Nine rows are more than one run of a program takes; called while it trains, and all at once.
  const examples = Float32Array.from({ length: 9 * 16 }, (_, k) => (k % 17) / 16);
  const [samples, codes, reconstructions, none] = await Promise.all([
    run.sample(9),
    run.encode(examples),
    run.reconstruct(examples),
    run.encode(new Float32Array()),
  ]);
  expect([samples.length, codes.length, reconstructions.length, none.length]).toEqual([9 * 16, 9 * 3, 9 * 16, 0]);
  await run.finished;
  const after = await run.encode(examples);
  expect(await run.encode(examples.subarray(16))).toEqual(after.subarray(3));
  expect(await run.decode(after)).toEqual(await run.reconstruct(examples));
  expect(await run.sample(4, { seed: 5 })).toEqual((await run.sample(9, { seed: 5 })).subarray(0, 4 * 16));
  expect(samples.subarray(8 * 16)).not.toEqual(samples.subarray(0, 16)); // the second run of the program draws on
  expect(await run.sample(4, { seed: 6 })).not.toEqual(await run.sample(4, { seed: 5 }));
  expect(await run.sample(4)).toEqual(await run.sample(4, { seed: options.seed }));
  for (const images of [samples, reconstructions]) expect(images.every((value) => value >= 0 && value <= 1)).toBe(true);
  await expect(run.encode(examples.subarray(1))).rejects.toMatchObject({
    code: "data",
    message: "encode: 143 numbers are not rows of 16.",
  });
  await expect(run.decode(new Float32Array(4))).rejects.toMatchObject({ code: "data" });
  await run.dispose();
});

test("bytes are pixels, floats and plain numbers values, of whatever array they come in", async () => {
  const run = fit(await sharedDevice(), tinyVae(), dataset, { ...options, maxSteps: 1 });
  await run.finished;
  const bytes = Uint8Array.from({ length: 32 }, (_, k) => 8 * k);
  const values = Array.from(bytes, (byte) => Math.fround(byte / 255));
  const expected = await run.encode(bytes);
  for (const same of [
    Uint8ClampedArray.from(bytes),
    values,
    Float32Array.from(values),
    Float64Array.from(values),
    bytes.slice().subarray(0),
  ]) {
    expect(relativeError(await run.encode(same), expected)).toBeLessThan(1e-6);
  }
  const bad = Float32Array.from(values);
  bad[7] = Number.POSITIVE_INFINITY;
  await expect(run.encode(bad)).rejects.toMatchObject({
    code: "data",
    message: "encode: x: number 7 is Infinity, and has to be finite.",
  });
  await run.dispose();
});

test("a use of another name, or with what it does not take, is refused with the nearest", async () => {
  const run = fit(await sharedDevice(), tinyVae(), dataset, { ...options, maxSteps: 1 });
  await expect(run.use("incode", 1)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringMatching(
      /^This model cannot incode; did you mean encode\? It can sample, encode, decode, reconstruct, .*logLikelihood\.$/,
    ),
  });
  await expect(run.sample(1, { label: 3 })).rejects.toMatchObject({
    code: "config",
    message: expect.stringMatching(/^sample: there is no option label/),
  });
  await expect(run.use("decode", 1)).rejects.toMatchObject({
    code: "data",
    message: "decode takes code: give it as { code: … }.",
  });
  await run.dispose();
});

test("a conditional model samples the class that it is told, for each row or for all", async () => {
  const model = cvae({ data: dataset, hidden: [8], latent: 2 });
  const run = fit(await sharedDevice(), model, dataset, options);
  await run.finished;
  const zeros = await run.sample(3, { label: 0, seed: 7 });
  const mixed = await run.sample(3, { label: [0, 1, 2], seed: 7 });
  expect(mixed.subarray(0, 16)).toEqual(zeros.subarray(0, 16));
  expect(mixed.subarray(16)).not.toEqual(zeros.subarray(16));
  await expect(run.sample(3)).rejects.toMatchObject({ code: "data", message: /^sample takes label/ });
  await expect(run.sample(3, { label: [0, 1] })).rejects.toMatchObject({
    code: "data",
    message: "sample takes 3 x [] of label, and was given 2 numbers.",
  });
  await expect(run.sample(1, { label: 3 })).rejects.toMatchObject({
    code: "data",
    message: "sample: label: number 0 is 3, and there are classes 0 to 2.",
  });
  await run.dispose();

  const two = { ...dataset, fields: { ...dataset.fields, label: labels(2) } };
  const refused = fit(await sharedDevice(), cvae({ data: two, hidden: [8], latent: 2 }), two, options);
  await expect(refused.finished).rejects.toMatchObject({
    code: "data",
    message: "The training values of label: number 2 is 2, and there are classes 0 to 1.",
  });
});

test("evaluations give the same losses each time, one after the other or at once", async () => {
  const run = fit(await sharedDevice(), tinyVae(), dataset, {
    ...options,
    optimizer: { name: "sgd" },
    learningRate: 1e-30,
  });
  const [first, second] = await Promise.all([run.evaluate(), run.evaluate()]);
  expect(first).toEqual(second);
  expect(await run.evaluate()).toEqual(first);
  // The weights stood still, so only the noise differs from the epochs' evaluations: each draws its own.
  expect(new Set([first, ...run.history.map(({ test: evaluated }) => evaluated)].map(({ loss }) => loss)).size).toBe(4);
  expect(first.kl).toBe(run.history[2].test.kl);
  await run.dispose();
});

test("a run continues from a checkpoint to the same bytes", async () => {
  const device = await sharedDevice();
  const whole = fit(device, tinyVae(), dataset, options);
  await whole.finished;
  const expected = await whole.checkpoint();
  const stopped = fit(device, tinyVae(), dataset, { ...options, maxSteps: 10 });
  await stopped.finished;
  const half = await stopped.checkpoint();
  const { seed: _, ...others } = options;
  const resumed = fit(device, tinyVae(), dataset, { ...others, resume: half }); // with the seed of its checkpoint
  await resumed.finished;
  expect(Buffer.compare(await resumed.checkpoint(), expected)).toBe(0);
  expect(resumed.history.map(({ epoch, test: evaluated }) => [epoch, evaluated])).toEqual([[3, whole.history[2].test]]);
  for (const run of [whole, stopped, resumed]) await run.dispose();
});

test("a checkpoint of a run under way continues to the same bytes, and does not disturb it", async () => {
  const device = await sharedDevice();
  const ended = async (run: ReturnType<typeof fit>) => {
    await run.finished;
    const bytes = await run.checkpoint();
    await run.dispose();
    return bytes;
  };
  const longer = { ...options, epochs: 8 };
  const expected = await ended(fit(device, tinyVae(), dataset, longer));
  const taken: Promise<Uint8Array>[] = [];
  const watched = fit(device, tinyVae(), dataset, {
    ...longer,
    onStep: (step) => {
      if (step === 1 || step === 12) taken.push(watched.checkpoint());
    },
  });
  expect(Buffer.compare(await ended(watched), expected)).toBe(0);
  expect(taken.length).toBe(2);
  for (const bytes of await Promise.all(taken)) {
    const resumed = fit(device, tinyVae(), dataset, { ...longer, resume: bytes });
    expect(Buffer.compare(await ended(resumed), expected)).toBe(0);
  }
});

test("checkpoints come at the end of epochs and of the best one, which is kept", async () => {
  const saved: { step: number; best: boolean; bytes: Uint8Array }[] = [];
  const run = fit(await sharedDevice(), tinyVae(), dataset, {
    ...options,
    epochs: 4,
    checkpointEvery: 3,
    onCheckpoint: ({ step, best, bytes }) => void saved.push({ step, best, bytes: bytes() }),
  });
  expect(await run.best()).toBeUndefined();
  await run.finished;
  const due = run.history.filter(({ epoch, best }) => best || epoch === 3);
  expect(saved.map(({ step, best }) => [step, best])).toEqual(due.map(({ step, best }) => [step, best]));
  const lowest = saved.findLast(({ best }) => best)!;
  expect(Buffer.compare((await run.best())!, lowest.bytes)).toBe(0);
  await run.dispose();
});

test("an AbortSignal stops a run, which can be used and continued afterwards", async () => {
  const device = await sharedDevice();
  const stop = new AbortController();
  const run = fit(device, tinyVae(), dataset, {
    ...options,
    epochs: 100_000,
    signal: stop.signal,
    onStep: (step) => {
      if (step === 12) stop.abort();
    },
  });
  const epochs = await epochsOf(run);
  expect(await run.finished).toBe("interrupted");
  expect(epochs.length).toBeGreaterThanOrEqual(2);
  expect((await run.sample(2)).length).toBe(32);
  const resumed = fit(device, tinyVae(), dataset, {
    ...options,
    epochs: 100_000,
    resume: await run.checkpoint(),
    maxSteps: 100,
  });
  expect(await resumed.finished).toBe("ok");
  await run.dispose();
  await resumed.dispose();
});

test("a signal that was aborted before leaves the initial weights", async () => {
  const run = fit(await sharedDevice(), tinyVae(), dataset, { ...options, signal: AbortSignal.abort() });
  expect(await run.finished).toBe("interrupted");
  expect(await epochsOf(run)).toEqual([]);
  await run.dispose();
});

test("early stopping ends a run that no longer learns", async () => {
  const run = fit(await sharedDevice(), tinyVae(), dataset, {
    ...options,
    epochs: 50,
    optimizer: { name: "sgd" },
    learningRate: 1e-30,
    earlyStopping: { patience: 3, minDelta: 1 },
  });
  expect(await run.finished).toBe("stopped-early");
  expect(run.history.length).toBe(4);
  await run.dispose();
});

test("dispose stops training and frees every buffer, after any use and in any state", async () => {
  const device = await sharedDevice();
  const { alive, end } = countLiveBuffers(device.gpu);
  const used = fit(device, tinyVae(), dataset, options);
  await Promise.all([
    used.sample(3),
    used.encode(new Float32Array(16)),
    used.decode(new Float32Array(2)),
    used.evaluate(),
    used.checkpoint(),
  ]);
  expect(alive()).toBeGreaterThan(10);
  await used.dispose();
  expect(alive()).toBe(0);

  const training = fit(device, tinyVae(), dataset, { ...options, epochs: 100_000 });
  await training[Symbol.asyncIterator]().next();
  const sampled = training.sample(3); // in flight
  await training.dispose();
  expect((await sampled).length).toBe(48);
  expect(alive()).toBe(0);
  expect(await training.finished).toBe("interrupted");
  await training.dispose(); // again

  const opening = fit(device, tinyVae(), dataset, options);
  await opening.dispose();
  expect(alive()).toBe(0);
  for (const call of [() => training.sample(1), () => training.evaluate(), () => training.checkpoint()]) {
    await expect(call()).rejects.toMatchObject({ code: "usage", message: /disposed/ });
  }
  // Nothing of this has harmed the device.
  const next = fit(device, tinyVae(), dataset, options);
  expect(await next.finished).toBe("ok");
  await next.dispose();
  device.check();
  end();
});

test("a run that cannot be made leaves no buffer behind", async () => {
  const device = await sharedDevice();
  const { alive, end } = countLiveBuffers(device.gpu);
  const failing = fit(device, tinyVae(), { ...dataset, test: { count: 2, values: { x: new Uint8Array(3) } } }, options);
  await expect(failing.finished).rejects.toMatchObject({ code: "data" });
  expect(alive()).toBe(0);
  // What no field holds is found when the first buffers are there.
  const model = tinyVae();
  const mistaken: Model = {
    ...model,
    stages: model.stages.map((stage) => ({ ...stage, monitor: { term: "elbo", split: "test" } })),
  };
  const unwatched = fit(device, mistaken, dataset, options);
  await expect(unwatched.finished).rejects.toMatchObject({
    code: "config",
    message: 'The stage "training" is watched by "elbo", and its terms are loss, reconstruction, kl.',
  });
  await unwatched.dispose();
  const { fields, parameters, uses } = model;
  const terms = () => ({ loss: sum(input("nothing", [8])) });
  const unfilled = autoencoder({ fields, parameters, uses, unit: "", terms });
  const empty = fit(device, unfilled, dataset, options);
  await expect(empty.finished).rejects.toMatchObject({ code: "config", message: /Nothing fills the input "nothing"/ });
  await empty.dispose();
  await failing.dispose();
  expect(alive()).toBe(0);
  end();
});

/** Every way in which a run's error can be met gives the same error. */
async function expectError(run: ReturnType<typeof fit>, code: string, message: RegExp) {
  const error = { name: "ReparamError", code, message: expect.stringMatching(message) };
  await expect(epochsOf(run)).rejects.toMatchObject(error);
  await expect(run.finished).rejects.toMatchObject(error);
  await expect(run.checkpoint()).rejects.toMatchObject(error);
  await expect(run.evaluate()).rejects.toMatchObject(error);
}

test("what is wrong with the options is told by the run: iteration, promise and methods", async () => {
  const device = await sharedDevice();
  const wrong = async (change: Partial<Parameters<typeof fit>[3]>, code: string, message: RegExp) => {
    const run = fit(device, tinyVae(), dataset, { ...options, ...change });
    await expectError(run, code, message);
    await expect(run.sample(1)).rejects.toBeInstanceOf(ReparamError);
    await run.dispose();
  };
  await wrong({ epochs: 0 }, "config", /^fit: epochs must be a whole number from 1 to 1000000, but it is 0\.$/);
  await wrong({ epochs: Number.NaN }, "config", /epochs must be a whole number.*, but it is NaN/);
  await wrong({ batchSize: 2.5 }, "config", /batchSize must be a whole number.*, but it is 2.5/);
  await wrong({ maxSteps: 0 }, "config", /maxSteps must be .*, but it is 0/);
  await wrong({ learningRate: -1 }, "config", /^fit: learningRate must be a number above 0, but it is -1\.$/);
  await wrong({ optimizer: { beta1: 1 } }, "config", /^fit: optimizer\.beta1 must be .*, but it is 1\.$/);
  await wrong({ seed: -1 }, "config", /seed must be a whole number from 0 to 4294967295, but it is -1/);
  await wrong({ epoch: 3 } as object, "config", /^fit: there is no option epoch; did you mean epochs\?$/);
  await wrong({ klWeight: 3 } as object, "config", /^fit: there is no option klWeight/);
  await wrong({ optimizer: { learningrate: 3 } } as object, "config", /there is no option optimizer\.learningrate/);
  await wrong({ epochs: "3" } as object, "config", /^fit: epochs must be a whole number.*, but it is "3"\.$/);
  await wrong({ optimizers: { player: {} } }, "config", /optimizers\.player: this model has no optimizer of that name/);
  await wrong({ batchSize: 38 }, "data", /batch of 38 is larger than the 37 training examples/);
  await wrong({ resume: new Uint8Array(20) }, "checkpoint", /The checkpoint is not a usable safetensors file/);
});

test("a checkpoint of a run over other batches, or with another seed, is refused by the run that should continue it", async () => {
  const device = await sharedDevice();
  const short = fit(device, tinyVae(), dataset, { ...options, maxSteps: 2 });
  await short.finished;
  const resume = await short.checkpoint();
  const batches = fit(device, tinyVae(), dataset, { ...options, batchSize: 5, resume });
  await expectError(batches, "checkpoint", /37 training examples in 5 batches, and this one has 37 in 8/);
  const reseeded = fit(device, tinyVae(), dataset, { ...options, seed: 2, resume });
  await expectError(reseeded, "checkpoint", /The checkpoint's run has the seed 1, and this one 2/);
  for (const run of [short, batches, reseeded]) await run.dispose();
});

test("a loss that is not finite is the run's error, and its model can still be looked at", async () => {
  const handedOut: Uint8Array[] = [];
  const run = fit(await sharedDevice(), tinyVae(), dataset, {
    ...options,
    learningRate: 1e30,
    onCheckpoint: ({ bytes }) => void handedOut.push(bytes()),
  });
  const error = { name: "ReparamError", code: "nonfinite", message: expect.stringMatching(/not finite at step \d+/) };
  await expect(epochsOf(run)).rejects.toMatchObject(error);
  await expect(run.finished).rejects.toMatchObject(error);
  await expect(run.evaluate()).rejects.toMatchObject(error);
  const surviving = await run.checkpoint();
  expect(Buffer.compare(handedOut.at(-1)!, surviving)).toBe(0);
  const { snapshot, progress } = readCheckpoint(openCheckpoint(surviving, "surviving"), tinyVae());
  expect(snapshot.parameters.every(Number.isFinite)).toBe(true);
  expect(progress.step).toBe(snapshot.step);
  expect((await run.encode(new Float32Array(16))).length).toBe(2);
  await run.dispose();
});

for (const [what, lostAt, checkpointEvery] of [
  ["within the first epoch", 3, 1],
  ["within a later epoch, after an epoch without a checkpoint", 12, 5],
] as const) {
  test(`a device that is lost ${what} is replaced: the same bytes, and nothing told twice`, async () => {
    test.skip(lostAt > 3 && !long, onlyLong);
    const trained = async (lose: boolean) => {
      const device = lose ? await freshDevice() : await sharedDevice();
      const steps: number[] = [];
      const recoveries: number[] = [];
      const run = fit(device, tinyVae(), dataset, {
        ...options,
        epochs: 6,
        checkpointEvery,
        onStep: (step) => {
          steps.push(step);
          if (lose && recoveries.length === 0 && step === lostAt) device.gpu.destroy();
        },
        onRecovery: ({ step, reason }) => {
          expect(reason.message).toMatch(/lost/);
          recoveries.push(step);
        },
      });
      const epochs = await epochsOf(run);
      const bytes = await run.checkpoint();
      const samples = await run.sample(2);
      await run.dispose();
      if (lose) device.dispose();
      return { steps, recoveries, losses: epochs.map(({ train, test }) => ({ train, test })), bytes, samples };
    };
    const [calm, lost] = [await trained(false), await trained(true)];
    expect([calm.recoveries.length, lost.recoveries.length]).toEqual([0, 1]);
    expect(lost.recoveries[0]).toBeLessThanOrEqual(lostAt + 30);
    expect(lost.steps).toEqual(calm.steps);
    expect(lost.losses).toEqual(calm.losses);
    expect(lost.samples).toEqual(calm.samples);
    expect(Buffer.compare(lost.bytes, calm.bytes)).toBe(0);
  });
}

test("what was asked of a run whose device is lost while it opens is answered on the next device", async () => {
  const device = await freshDevice();
  const run = fit(device, tinyVae(), dataset, options);
  const sample = run.sample(2);
  device.gpu.destroy();
  expect(await sample).toHaveLength(2 * 16);
  await run.finished;
  await run.dispose();
  device.dispose();
});

test("a device that cannot be replaced is the run's error, in the library's words", async () => {
  const device = await freshDevice();
  const { entry } = device;
  const gone = { ...device, entry: { ...entry, requestAdapter: async () => null } as unknown as GPU };
  const run = fit(gone, tinyVae(), dataset, {
    ...options,
    epochs: 100_000,
    onStep: (step) => {
      if (step === 3) device.gpu.destroy();
    },
  });
  await expectError(run, "device", /./);
  await expect(run.sample(1)).rejects.toMatchObject({ code: "device" });
  await run.dispose();
});

test("two runs on one device do not disturb each other", async () => {
  const device = await sharedDevice();
  const alone = fit(device, tinyVae(), dataset, options);
  await alone.finished;
  const expected = await alone.checkpoint();
  const [first, second] = [
    fit(device, tinyVae(), dataset, options),
    fit(device, tinyVae(), dataset, { ...options, seed: 2 }),
  ];
  await Promise.all([first.finished, second.finished]);
  const [one, two] = await Promise.all([first.checkpoint(), second.checkpoint()]);
  expect(Buffer.compare(one, expected)).toBe(0);
  expect(Buffer.compare(two, expected)).not.toBe(0);
  for (const run of [alone, first, second]) await run.dispose();
});
