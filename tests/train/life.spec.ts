import { expect, test } from "@playwright/test";
import { trainingWith } from "../../src/config/defaults.ts";
import type { TrainingConfig } from "../../src/config/training.ts";
import type { Dataset } from "../../src/data/dataset.ts";
import { vae } from "../../src/models/index.ts";
import { createPatience, type Wait } from "../../src/train/patience.ts";
import { openCheckpoint, readCheckpoint } from "../../src/train/read-checkpoint.ts";
import type { NonFiniteStep } from "../../src/train/remedies.ts";
import { type SessionOptions, startSession } from "../../src/train/session.ts";
import type { SessionEvents } from "../../src/train/session-events.ts";
import { machineClock } from "../../src/train/watch.ts";
import { type Driver, drivers } from "../support/dawn.ts";
import { long, onlyLong } from "../support/long.ts";
import { freshDevice, patterns, sharedDevice, tinyVae } from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]); // 5 steps an epoch
const trainingOf = (change: Partial<TrainingConfig> = {}): TrainingConfig => ({
  ...trainingWith({ epochs: 4, batchSize: 8, optimizer: { learningRate: 1e-2 } }),
  ...change,
});

type Made = Omit<Partial<SessionOptions>, "training"> & { training?: Partial<TrainingConfig> };

/** A run to its end, and the file that it ends with. */
async function finished({ training, ...options }: Made = {}) {
  const session = startSession({
    device: options.device ?? (await sharedDevice()),
    model: tinyVae(),
    dataset,
    seed: 3,
    ...options,
    training: trainingOf(training),
  });
  try {
    const { checkpoint, status } = await session.finished;
    return { status, bytes: checkpoint.bytes() };
  } finally {
    await session.dispose();
  }
}

const read = (bytes: Uint8Array, model = tinyVae()) => readCheckpoint(openCheckpoint(bytes, "saved"), model);

/** Numbers below `below` that look random and are the same in every run. */
function randomFrom(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Trains until so many devices were taken away at random steps, three in a run, and compares every run's end. */
async function loseDevices(losses: number, seed: number, driver?: Driver) {
  const { entry } = await sharedDevice(driver);
  const calm = await finished({ device: await sharedDevice(driver) });
  const random = randomFrom(seed);
  for (let lost = 0; lost < losses; ) {
    const steps = [random(20) + 1, random(20) + 1, random(20) + 1].toSorted((a, b) => a - b);
    const first = await freshDevice({}, driver);
    let gpu = first.gpu;
    const told: number[] = [];
    const events: SessionEvents = {
      onStep: (step) => {
        told.push(step);
        if (!(step >= steps[0])) return; // also once none is left
        steps.shift();
        gpu.destroy();
      },
      onRecovery: ({ device }) => {
        lost++;
        gpu = device.gpu;
      },
    };
    const { bytes } = await finished({ device: { ...first, entry }, events });
    expect(told).toEqual(Array.from({ length: 20 }, (_, k) => k + 1));
    expect(Buffer.compare(bytes, calm.bytes)).toBe(0);
    first.dispose();
  }
}

test("a device that is lost at random steps, several times a run, changes no byte", async () => {
  await loseDevices(2, 11);
});

// Mesa keeps on disk what it compiled: a device of lavapipe is at work again in a second, one of SwiftShader in four.
const quickestAgain = drivers.includes("lavapipe") ? "lavapipe" : undefined;
for (let part = 1; part <= 20; part++) {
  test(`a thousand devices that are lost at random steps change no byte, part ${part} of 20`, async () => {
    test.skip(!long, onlyLong);
    await loseDevices(50, part, quickestAgain);
  });
}

test("a checkpoint by time comes within an epoch, and a run that goes on from it ends in the same bytes", async () => {
  // Longer than a submit: so many steps an epoch.
  const length = long ? 1000 : 300;
  const training = { checkpointEvery: "30s", batchSize: 1, epochs: 1 };
  const many = patterns(length, 3, [4, 4, 1]);
  const calm = await finished({ training, dataset: many });
  let now = 0;
  // Half a minute goes by with every look at the clock.
  const clock = { ...machineClock, now: () => (now += 30_000) };
  const kept: { step: number; bytes: Uint8Array }[] = [];
  const events: SessionEvents = {
    onCheckpoint: ({ step, bytes }) => void kept.push({ step, bytes: bytes() }),
  };
  const often = await finished({ training, dataset: many, clock, events });
  expect(Buffer.compare(often.bytes, calm.bytes)).toBe(0);
  const steps = kept.map(({ step }) => step);
  expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
  const within = kept.filter(({ step }) => step < length);
  expect(within.length).toBeGreaterThan(0);
  for (const { bytes } of [within[0], within.at(-1)!]) {
    const resumed = await finished({ training, dataset: many, resume: openCheckpoint(bytes, "within") });
    expect(Buffer.compare(resumed.bytes, calm.bytes)).toBe(0);
  }
});

test("what a checkpoint is handed to may take its time: the steps go on, and its error ends the run", async () => {
  let release = () => {};
  const slow = new Promise<void>((resolve) => (release = resolve));
  const steps: number[] = [];
  const calm = await finished();
  const { bytes } = await finished({
    events: {
      onCheckpoint: () => slow,
      onStep: (step) => {
        steps.push(step);
        if (step > 5) release(); // a step after the first checkpoint, which is still being handed out
      },
    },
  });
  expect(Buffer.compare(bytes, calm.bytes)).toBe(0);
  const full = new Error("full");
  const failing = finished({ training: { epochs: 1000 }, events: { onCheckpoint: () => Promise.reject(full) } });
  await expect(failing).rejects.toBe(full);
});

/** As long as a GPU may be silent that has answered at once so far. */
const PATIENCE_SECONDS = 300;

test("a GPU that hangs is replaced: the same bytes", async () => {
  const calm = await finished();
  const fresh = await freshDevice();
  const { entry } = await sharedDevice();
  let hung = false;
  let recoveries = 0;
  const device = {
    ...fresh,
    entry,
    settle: <T>(promise: Promise<T>): Promise<T> => (hung ? new Promise<T>(() => {}) : fresh.settle(promise)),
  };
  const clock = {
    ...machineClock,
    everySecond: (tick: () => void) => {
      // A wait that has seen the GPU hang sees it to its end, also where another ran out before it.
      let [seen, seconds] = [false, 0];
      const timer = setInterval(() => {
        seen ||= hung;
        for (let second = 0; seen && second < 60; second++) {
          seconds++;
          tick();
        }
      }, 1);
      return () => {
        clearInterval(timer);
        // What was answered just before the GPU hung may end a moment later.
        if (seconds >= PATIENCE_SECONDS) hung = false;
      };
    },
  };
  const events: SessionEvents = {
    onStep: (step) => {
      if (step === 7 && recoveries === 0) hung = true;
    },
    onRecovery: ({ reason }) => {
      recoveries++;
      expect(reason.message).toBe("The GPU device was lost (hung): it has not answered for minutes.");
    },
  };
  const { bytes } = await finished({ device, clock, events });
  expect(recoveries).toBe(1);
  expect(Buffer.compare(bytes, calm.bytes)).toBe(0);
  fresh.dispose();
});

test("patience is minutes at least, half an hour before the first step, and twenty times the longest wait so far", () => {
  const secondsOf = (wait: Wait) => {
    let seconds = 1;
    while (!wait.tick()) seconds++;
    return seconds;
  };
  expect(secondsOf(createPatience().wait())).toBe(30 * 60 + 1);
  const quick = createPatience();
  quick.wait().heard();
  expect(secondsOf(quick.wait())).toBe(5 * 60 + 1);
  const slow = createPatience();
  const step = slow.wait();
  for (let second = 0; second < 40; second++) step.tick();
  step.heard();
  expect(secondsOf(step)).toBe(20 * 40 + 1);
  expect(secondsOf(slow.wait(100))).toBe(220 * 40 + 1);
});

test.describe("steps that are not finite", () => {
  // One example overflows whatever batch it is in: one step an epoch.
  const values = Float32Array.from({ length: 37 * 4 }, (_, k) => Math.sin(k));
  values.fill(1e38, 20, 24);
  const field = { kind: "vector", shape: [4], store: "f32" } as const;
  const spoilt: Dataset = {
    name: "spoilt",
    fields: { x: field },
    train: { count: 37, values: { x: values } },
    test: { count: 3, values: { x: values.slice(0, 12) } },
  };
  const model = vae({ input: [4], hidden: [8], latent: 2, likelihood: "gaussian" });
  const on = { model, dataset: spoilt };

  interface Told {
    readonly steps: NonFiniteStep[];
    readonly kept: Uint8Array[];
    readonly bytes?: Uint8Array;
  }

  async function told(
    training: Partial<TrainingConfig>,
    more: Omit<Partial<SessionOptions>, "training"> = {},
  ): Promise<Told> {
    const steps: NonFiniteStep[] = [];
    const kept: Uint8Array[] = [];
    const events: SessionEvents = {
      onNonFinite: (step) => void steps.push(step),
      onCheckpoint: ({ bytes }) => void kept.push(bytes()),
    };
    const end = finished({ ...on, ...more, training, events });
    try {
      return { steps, kept, bytes: (await end).bytes };
    } catch (error) {
      expect(error).toMatchObject({ code: "nonfinite" });
      return { steps, kept };
    }
  }

  test("stop: the weights before the step are handed out, with where it was", async () => {
    const { steps, kept } = await told({ epochs: 1 });
    expect(steps).toEqual([]);
    const { snapshot, progress } = read(kept.at(-1)!, model);
    expect(snapshot.parameters.every(Number.isFinite)).toBe(true);
    const before = await told({ epochs: 1, maxSteps: progress.step });
    expect(read(before.bytes!, model).snapshot).toEqual(snapshot);
  });

  test("skip: one step an epoch is passed over, the rest is taken, and a resumed run does the same", async () => {
    const { steps, bytes } = await told({ epochs: 3, nonFinite: "skip" });
    expect(steps.map(({ step }) => Math.ceil(step / 5))).toEqual([1, 2, 3]);
    const { snapshot, progress } = read(bytes!, model);
    expect(progress).toMatchObject({ step: 15, skipped: 3 });
    expect(snapshot.parameters.every(Number.isFinite)).toBe(true);
    const short = await told({ epochs: 3, maxSteps: 8, nonFinite: "skip" });
    const resume = openCheckpoint(short.bytes!, "short");
    const resumed = await told({ epochs: 3, nonFinite: "skip" }, { resume });
    expect(read(resumed.bytes!, model).snapshot).toEqual(snapshot);
  });

  test("halve: the run goes back and on with half the rate, as one that had it from there", async () => {
    const calm: Dataset = { ...spoilt, train: { count: 37, values: { x: values.map((x) => Math.min(x, 1)) } } };
    const sgd = (learningRate: number) => ({ ...trainingOf().optimizer, name: "sgd" as const, learningRate });
    const wild = await told({ nonFinite: "halve", optimizer: sgd(40) }, { dataset: calm });
    expect(wild.steps.length).toBeGreaterThan(0);
    const { progress, snapshot } = read(wild.bytes!, model);
    expect(wild.steps.map(({ from }) => from)).toEqual(progress.changes.map(({ step }) => step));
    expect(progress.changes.every(({ step }) => step === 0)).toBe(true);
    const learningRate = progress.changes.at(-1)!.values.learningRate;
    expect(learningRate).toBe(40 / 2 ** wild.steps.length);
    const tame = await told({ optimizer: sgd(learningRate) }, { dataset: calm });
    expect(read(tame.bytes!, model).snapshot).toEqual(snapshot);
  });
});
