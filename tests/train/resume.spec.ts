import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { type Epoch, initialProgress, type LoopOptions, type Progress, trainLoop } from "../../src/train/loop.ts";
import type { Losses } from "../../src/train/objective.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../../src/train/trainer.ts";
import { patterns, sharedDevice, tinyOptions, tinyVae, withTrainer } from "../support/training.ts";

const model = tinyVae();
const dataset = patterns(37, 11, [4, 4, 1]);
const loop: LoopOptions = { totalSteps: 23, metricsEvery: 3 }; // 5 steps an epoch, and the last epoch unfinished
const options = tinyOptions(dataset, {
  totalSteps: loop.totalSteps,
  optimizer: { name: "adamw", learningRate: 0.02, weightDecay: 0.01, clipNorm: 3 },
  learningRateSchedule: { name: "cosine", warmupSteps: 4 },
  klWeight: { name: "cyclical", cycles: 3 },
});

interface Told {
  readonly epochs: Omit<Epoch, "steps" | "seconds" | "stepsPerSecond">[];
  readonly windows: { step: number; epoch: number; losses: Losses }[];
}

/** Trains on from `start` and notes what the loop tells, less how long it took. */
async function run(trainer: Trainer, start: Progress, told: Told, loopOptions = loop) {
  return trainLoop(trainer, loopOptions, start, {
    onSteps: (step, epoch, losses) => told.windows.push({ step, epoch, losses }),
    onEpoch: ({ steps: _, seconds: __, stepsPerSecond: ___, ...epoch }) => void told.epochs.push(epoch),
  });
}

const checkpointOf = async (trainer: Trainer, progress: Progress) =>
  encodeCheckpoint(model.parameters, await trainer.snapshot(), progress, { config: "{}" });

/** A trainer that is interrupted after so many steps, or in the evaluation that would come after them. */
function interruptedAfter(trainer: Trainer, steps: number, inEvaluation: boolean): Trainer {
  let left = steps;
  return {
    ...trainer,
    train: async (wanted, onRow, signal) => {
      const done = await trainer.train(Math.min(wanted, left), onRow, signal);
      left -= done;
      return done;
    },
    evaluate: async (index, signal) => {
      if (left === 0 && inEvaluation) return undefined;
      return trainer.evaluate(index, signal);
    },
  };
}

async function uninterrupted(change: Partial<TrainerOptions> = {}) {
  return withTrainer(await sharedDevice(), model, { ...options, ...change }, async (trainer) => {
    const told: Told = { epochs: [], windows: [] };
    const { status, progress } = await run(trainer, initialProgress(trainer), told);
    expect(status).toBe("ok");
    return { told, bytes: await checkpointOf(trainer, progress) };
  });
}

test("two equal runs leave the same bytes, and another seed leaves others", async () => {
  const first = await uninterrupted();
  const second = await uninterrupted();
  expect(second.told).toEqual(first.told);
  expect(Buffer.compare(second.bytes, first.bytes)).toBe(0);
  const other = await uninterrupted({ seed: 4 });
  expect(other.told.epochs[0].train.loss).not.toBe(first.told.epochs[0].train.loss);
  expect(Buffer.compare(other.bytes, first.bytes)).not.toBe(0);
});

test("interrupted at any step, or in any evaluation, and resumed, a run ends in the same bytes and tells the same", async () => {
  const whole = await uninterrupted();
  expect(whole.told.epochs.map(({ step }) => step)).toEqual([5, 10, 15, 20, 23]);
  const device = await sharedDevice();
  const [before, after] = [await createTrainer(device, model, options), await createTrainer(device, model, options)];
  const beginning = await before.snapshot();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(23), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (pieces, inEvaluation) => {
        const told: Told = { epochs: [], windows: [] };
        let progress = initialProgress(before);
        let bytes = encodeCheckpoint(model.parameters, beginning, progress, { config: "{}" });
        for (const [k, steps] of [...pieces, Number.POSITIVE_INFINITY].entries()) {
          const trainer = k % 2 === 0 ? before : after;
          const saved = decodeCheckpoint(bytes, model.parameters, "saved");
          trainer.restore(saved.snapshot);
          const end = await run(interruptedAfter(trainer, steps, inEvaluation), saved.progress, told);
          progress = end.progress;
          bytes = await checkpointOf(trainer, progress);
        }
        expect(told).toEqual(whole.told);
        expect(Buffer.compare(bytes, whole.bytes)).toBe(0);
      },
    ),
    {
      numRuns: 25,
      examples: [
        [[0], false],
        [[5], true], // an epoch's end, before its evaluation
        [[5], false],
        [[23], true], // the last evaluation
        [[23], false],
        [[7, 0, 3], true],
      ],
    },
  );
  before.dispose();
  after.dispose();
});

test("a run that is extended continues where it stopped", async () => {
  const device = await sharedDevice();
  const constant = { ...options, learningRateSchedule: { name: "constant" }, klWeight: { name: "constant" } } as const;
  const long = await withTrainer(device, model, { ...constant, totalSteps: 20 }, async (trainer) => {
    const { progress } = await run(trainer, initialProgress(trainer), { epochs: [], windows: [] }, { totalSteps: 20 });
    return checkpointOf(trainer, progress);
  });
  const short = await withTrainer(device, model, { ...constant, totalSteps: 10 }, async (trainer) => {
    const { progress } = await run(trainer, initialProgress(trainer), { epochs: [], windows: [] }, { totalSteps: 10 });
    return checkpointOf(trainer, progress);
  });
  const extended = await withTrainer(device, model, { ...constant, totalSteps: 20 }, async (trainer) => {
    const { snapshot, progress: start } = decodeCheckpoint(short, model.parameters, "short");
    trainer.restore(snapshot);
    const { progress } = await run(trainer, start, { epochs: [], windows: [] }, { totalSteps: 20 });
    return checkpointOf(trainer, progress);
  });
  expect(Buffer.compare(extended, long)).toBe(0);
});

test("a checkpoint of a run over other data or other batches is refused", async () => {
  const device = await sharedDevice();
  const snapshot = await withTrainer(device, model, options, (trainer) => trainer.snapshot());
  await withTrainer(device, model, { ...options, batchSize: 7 }, async (trainer) => {
    expect(() => trainer.restore(snapshot)).toThrow(
      "The checkpoint's run had 37 training examples in 5 batches, and this one has 37 in 6: continue it with the same data and batchSize.",
    );
  });
});

test("the losses of a batch do not depend on the order of its rows, to rounding", async () => {
  // One batch an epoch: another epoch is the same batch in another order. Without noise in it, the KL tells.
  const still = tinyOptions(patterns(32, 4, [4, 4, 1]), {
    batchSize: 32,
    optimizer: { name: "sgd", learningRate: 1e-30 },
  });
  await withTrainer(await sharedDevice(), model, still, async (trainer) => {
    const losses: number[] = [];
    await trainer.train(6, ({ metrics }) => losses.push(metrics[2]));
    for (const kl of losses) expect(Math.abs(kl / losses[0] - 1)).toBeLessThan(1e-6);
  });
});

test.describe("early stopping", () => {
  /** A trainer of five steps an epoch whose test losses are given. */
  function withTestLosses(losses: readonly number[]): Trainer {
    const trainer = {
      stepsPerEpoch: 5,
      metricNames: ["loss"],
      train: async (steps: number) => steps,
      evaluate: async (index: number) => ({ loss: losses[index] }),
    };
    return trainer as unknown as Trainer;
  }
  const until = async (losses: readonly number[], earlyStopping: LoopOptions["earlyStopping"], from?: Progress) => {
    const trainer = withTestLosses(losses);
    const epochs: Epoch[] = [];
    const options = { totalSteps: 5 * losses.length, earlyStopping };
    const end = await trainLoop(trainer, options, from ?? initialProgress(trainer), {
      onEpoch: (epoch) => void epochs.push(epoch),
    });
    return { ...end, epochs };
  };

  test("ends a run when the test loss has not fallen for `patience` epochs", async () => {
    const { status, epochs } = await until([9, 8, 8.5, 8.2, 7, 7.5, 7.5, 7.5, 1], { patience: 3 });
    expect(status).toBe("stopped-early");
    expect(epochs.map(({ best }) => best)).toEqual([true, true, false, false, true, false, false, false]);
  });

  test("lets a loss pass that creeps down by more than minDelta within `patience` epochs", async () => {
    const creeping = [9, 8.94, 8.88, 8.82, 8.76, 8.7];
    expect((await until(creeping, { patience: 2, minDelta: 0.1 })).status).toBe("ok");
    const slower = [9, 8.96, 8.92, 8.88, 8.84];
    expect(await until(slower, { patience: 2, minDelta: 0.1 })).toMatchObject({
      status: "stopped-early",
      epochs: { length: 3 },
    });
  });

  test("is off unless asked for", async () => {
    expect((await until([1, 2, 3, 4, 5, 6, 7, 8], null)).status).toBe("ok");
  });

  test("a run that was stopped early and is resumed has nothing left to do", async () => {
    const losses = [1, 2, 3, 0];
    const { progress } = await until(losses, { patience: 2 });
    const again = await until(losses, { patience: 2 }, JSON.parse(JSON.stringify(progress)) as Progress);
    expect(again).toEqual({ status: "stopped-early", progress, epochs: [] });
  });

  test("a test loss that is not finite is not the best, before or after a resume", async () => {
    const losses = [Number.NaN, 5, Number.NaN, 6];
    const { epochs } = await until(losses, { patience: 9 });
    expect(epochs.map(({ best }) => best)).toEqual([false, true, false, false]);
  });
});
