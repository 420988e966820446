import { expect, test } from "@playwright/test";
import { builtInNames } from "../../src/data/built-in-names.ts";
import { ReparamError } from "../../src/errors.ts";
import { requestDevice } from "../../src/gpu/device.ts";
import { vae } from "../../src/models/index.ts";
import { fit } from "../../src/train/fit.ts";
import { createTrainer, type Port, type ServeOptions, serve, type Trainer } from "../../src/worker/index.ts";
import { shallowAe } from "../models/own-family.ts";
import { patterns, sharedDevice, sharedGpu } from "../support/training.ts";

// Both ends in this process, over a channel that clones and moves what it carries, as a worker's does.

const data = patterns(37, 9, [4, 4, 1]); // 5 steps an epoch
const model = { family: "vae", hidden: [], latent: 2 };
const options = { epochs: 4, batchSize: 8, seed: 5 };

/** A trainer over a channel; ended by `dispose`. */
async function trainerHere(given: ServeOptions = {}): Promise<Trainer> {
  const { settle } = await sharedDevice();
  const { port1, port2 } = new MessageChannel();
  for (const port of [port1, port2]) port.start();
  void serve(port2 as unknown as Port, { gpu: await sharedGpu(), settle, ...given });
  const terminate = () => port1.close();
  return createTrainer({ worker: Object.assign(port1, { terminate }) as unknown as Port });
}

test("a run in a worker is the run that it is here, with the same calls", async () => {
  const trainer = await trainerHere();
  expect(trainer.adapter.fallback).toBe(true);
  const steps: number[] = [];
  const saved: number[] = [];
  const run = trainer.fit(model, data, {
    ...options,
    onStep: (step, loss) => {
      expect(Number.isFinite(loss)).toBe(true);
      steps.push(step);
    },
    onCheckpoint: ({ step, bytes }) => {
      expect(bytes.byteLength).toBeGreaterThan(1000);
      saved.push(step);
    },
  });
  const epochs: number[] = [];
  for await (const { epoch } of run) epochs.push(epoch);
  expect(await run.finished).toBe("ok");
  expect(epochs).toEqual([1, 2, 3, 4]);
  expect(steps).toEqual(Array.from({ length: 20 }, (_, k) => k + 1));
  expect(saved).toEqual([5, 10, 15, 20]);

  const { settle } = await sharedDevice();
  const device = await requestDevice({ gpu: await sharedGpu(), settle }); // with the tiles that the worker's has
  const here = fit(device, vae({ data, hidden: [], latent: 2 }), data, options);
  await here.finished;
  const losses = ({ history }: Pick<typeof here, "history">) =>
    history.map(({ train, test, best }) => ({ train, test, best }));
  expect(losses(run)).toEqual(losses(here));
  expect(Buffer.compare(await run.checkpoint(), await here.checkpoint())).toBe(0);
  expect(Buffer.compare((await run.best())!, (await here.best())!)).toBe(0);
  const x = data.test.values.x as Uint8Array;
  expect(await run.sample(3, { seed: 9 })).toEqual(await here.sample(3, { seed: 9 }));
  expect(await run.encode(x)).toEqual(await here.encode(x));
  expect(await run.reconstruct(x)).toEqual(await here.reconstruct(x));
  expect(await run.decode([0.5, -1])).toEqual(await here.decode([0.5, -1]));
  expect(await run.evaluate()).toEqual(await here.evaluate());
  expect(x.length).toBe(9 * 16); // the page's data are still its own
  for (const one of [run, here]) await one.dispose();
  trainer.dispose();
  device.dispose();
});

test("it pauses, takes a step, changes a weight, is aborted and resumed", async () => {
  const trainer = await trainerHere();
  const run = trainer.fit(model, data, options);
  const at = await run.pause();
  expect(await run.change({ klWeight: 2 })).toBe(at);
  run.resume(1);
  await expect.poll(async () => run.pause()).toBe(at + 1);
  const checkpoint = await run.checkpoint();
  run.resume();
  await run.finished;

  const stop = new AbortController();
  const again = trainer.fit(model, data, { ...options, resume: checkpoint, signal: stop.signal });
  await again.pause();
  stop.abort();
  expect(await again.finished).toBe("interrupted");
  const last = trainer.fit(model, data, { ...options, resume: await again.checkpoint() });
  await last.finished;
  expect(Buffer.compare(await last.checkpoint(), await run.checkpoint())).toBe(0);
  for (const one of [run, again, last]) await one.dispose();
  trainer.dispose();
});

test("a family of one's own is served beside the built-in ones, and built-in data are drawn where they are used", async () => {
  const trainer = await trainerHere({ families: [shallowAe as never] });
  const digits = { name: "digits", trainCount: 40, testCount: 8 } as const;
  const run = trainer.fit({ family: "shallow-ae", latent: 3 }, digits, { epochs: 1, batchSize: 8 });
  await run.finished;
  expect((await run.encode(new Float32Array(784))).length).toBe(3);
  const shapes = { name: "shapes", trainCount: 16, testCount: 8, size: 32 } as const;
  const other = trainer.fit({ family: "shallow-ae", latent: 3 }, shapes, { epochs: 1, batchSize: 8 });
  await other.finished;
  expect((await other.encode(new Float32Array(1024))).length).toBe(3);
  const unknown = trainer.fit({ family: "shallow-ae" }, { name: "shpes" } as never, {});
  await expect(unknown.finished).rejects.toThrow(
    `There is no built-in data set "shpes"; there are ${builtInNames.join(", ")}, and your own Dataset.`,
  );
  for (const one of [run, other]) await one.dispose();
  trainer.dispose();
});

test("what is wrong comes back as the library's own error: from the run, its calls and a trainer that has ended", async () => {
  const trainer = await trainerHere();
  const refused = trainer.fit({ family: "vea" }, data, options);
  await expect(refused.finished).rejects.toThrow(/There is no family "vea"/);
  await expect(refused.sample(1)).rejects.toBeInstanceOf(ReparamError);
  await refused.dispose();
  const run = trainer.fit({ ...model, latnet: 2 }, data, options);
  await expect(run.finished).rejects.toMatchObject({ code: "config", message: /did you mean latent/ });
  const good = trainer.fit(model, data, options);
  await expect(good.use("incode", 1)).rejects.toThrow("did you mean encode?");
  trainer.dispose();
  await expect(good.finished).rejects.toThrow("This trainer was disposed");
  await expect(good.sample(1)).rejects.toThrow("This trainer was disposed");
  await good.dispose();
});

test("a run that was disposed of says so, may be disposed of again, and leaves the others alone", async () => {
  const trainer = await trainerHere();
  const [gone, other] = [trainer.fit(model, data, options), trainer.fit(model, data, options)];
  await gone.dispose();
  await gone.dispose();
  const disposed = {
    name: "ReparamError",
    code: "usage",
    message: "This run was disposed: nothing is left on the GPU.",
  };
  await expect(gone.sample(1)).rejects.toMatchObject(disposed);
  await expect(gone.checkpoint()).rejects.toMatchObject(disposed);
  expect((await other.sample(1)).length).toBe(16);
  await other.dispose();
  trainer.dispose();
});

test("a fault of the code in the worker, which is no error of the library's, is told as one", async () => {
  const { statement } = shallowAe;
  const build = () => {
    throw new TypeError("nothing here");
  };
  const trainer = await trainerHere({ families: [{ ...shallowAe, statement: { ...statement, build } } as never] });
  const run = trainer.fit({ family: "shallow-ae", latent: 3 }, data, options);
  await expect(run.finished).rejects.toMatchObject({ name: "ReparamError", code: "internal", message: "nothing here" });
  trainer.dispose();
});

test("where there is no WebGPU, the trainer says so", async () => {
  const gpu = { requestAdapter: async () => null } as unknown as GPU;
  await expect(trainerHere({ gpu })).rejects.toMatchObject({ code: "device", message: /no adapter/ });
});

test("memory that is given away is the worker's", async () => {
  const trainer = await trainerHere();
  const own = patterns(16, 8, [4, 4, 1]);
  const run = trainer.fit(model, own, { epochs: 1, batchSize: 8, transfer: true });
  expect(own.train.values.x.length).toBe(0);
  expect(await run.finished).toBe("ok");
  await run.dispose();
  trainer.dispose();
});
