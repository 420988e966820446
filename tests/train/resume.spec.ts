import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { type Model, stackedDenoisingAe } from "../../src/models/index.ts";
import { encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { batchesOf } from "../../src/train/data.ts";
import { type Epoch, type LoopOptions, type Steps, trainLoop } from "../../src/train/loop.ts";
import { initialProgress, type Progress, stageLengths } from "../../src/train/progress.ts";
import { openCheckpoint, readCheckpoint } from "../../src/train/read-checkpoint.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../../src/train/trainer.ts";
import { long as isLong } from "../support/long.ts";
import { patterns, sharedDevice, tinyOptions, tinyVae, withTrainer } from "../support/training.ts";

const dataset = patterns(37, 11, [4, 4, 1]);
const loop: LoopOptions = { totalSteps: 23, metricsEvery: 3, earlyStopping: null }; // 5 steps an epoch, and the last unfinished
const options = tinyOptions(dataset, {
  optimizer: { name: "adamw", learningRate: 0.02, weightDecay: 0.01, clipNorm: 3 },
  learningRateSchedule: { name: "cosine", warmupSteps: 4, final: 0 },
});
const vae = tinyVae({ klWeight: { name: "cyclical", cycles: 3 } });

interface Told {
  readonly epochs: Omit<Epoch, "steps" | "seconds" | "stepsPerSecond">[];
  readonly windows: Steps[];
}

/** Trains on from `start` and notes what the loop tells, less how long it took. */
function run(trainer: Trainer, start: Progress, told: Told, loopOptions = loop, signal?: AbortSignal) {
  const hooks = {
    onSteps: (steps: Steps) => void told.windows.push(steps),
    onEpoch: ({ steps: _, seconds: __, stepsPerSecond: ___, ...epoch }: Epoch) => void told.epochs.push(epoch),
  };
  return trainLoop(trainer, loopOptions, start, hooks, signal);
}

const checkpointOf = async (trainer: Trainer, progress: Progress, seed = options.seed) =>
  encodeCheckpoint(
    trainer.model,
    {
      snapshot: await trainer.snapshot(),
      progress,
      identity: { seed, examples: 37, batches: batchesOf(dataset.train, 8) },
    },
    { config: "{}" },
  );

/** Puts a trainer where a checkpoint was made. */
async function restored(trainer: Trainer, bytes: Uint8Array, { totalSteps } = loop): Promise<Progress> {
  const { snapshot, progress } = readCheckpoint(openCheckpoint(bytes, "saved"), trainer.model);
  const lengths = stageLengths(trainer.model.stages, totalSteps, trainer.stepsPerEpoch);
  await trainer.enter(progress.stage, progress.stageStart, lengths[progress.stage]);
  trainer.restore(snapshot);
  return progress;
}

/** A trainer that is interrupted after so many steps, or in the evaluation that would come after them. */
function interruptedAfter(trainer: Trainer, steps: number, inEvaluation: boolean, stop: AbortController): Trainer {
  let left = steps;
  return {
    ...trainer,
    train: async (wanted, onRow, signal) => {
      const done = await trainer.train(Math.min(wanted, left), onRow, signal);
      left -= done;
      if (done < wanted) stop.abort();
      return done;
    },
    evaluate: async (index, signal) => {
      if (left === 0 && inEvaluation) return undefined;
      return trainer.evaluate(index, signal);
    },
  };
}

/** A run without a pause, from the first stage to the last. */
async function uninterrupted(model: Model, change: Partial<TrainerOptions> = {}, loopOptions = loop) {
  const trainer = await createTrainer(await sharedDevice(), model, { ...options, ...change });
  const { stages } = model;
  await trainer.enter(0, 0, stageLengths(stages, loopOptions.totalSteps, trainer.stepsPerEpoch)[0]);
  const told: Told = { epochs: [], windows: [] };
  const { status, progress } = await run(trainer, initialProgress, told, loopOptions);
  expect(status).toBe("ok");
  const bytes = await checkpointOf(trainer, progress, change.seed);
  trainer.dispose();
  return { told, bytes };
}

test("two equal runs leave the same bytes, and another seed leaves others", async () => {
  const first = await uninterrupted(vae);
  const second = await uninterrupted(vae);
  expect(second.told).toEqual(first.told);
  expect(Buffer.compare(second.bytes, first.bytes)).toBe(0);
  const other = await uninterrupted(vae, { seed: 4 });
  expect(other.told.epochs[0].train.loss).not.toBe(first.told.epochs[0].train.loss);
  expect(Buffer.compare(other.bytes, first.bytes)).not.toBe(0);
});

for (const [what, model, steps, numRuns] of [
  ["a run", vae, [5, 10, 15, 20, 23], isLong ? 25 : 6],
  // Two layers alone, and then together: stages of 5, 5 and 13 steps.
  ["a run of stages", stackedDenoisingAe({ input: [4, 4, 1], layers: [6, 3] }), [5, 10, 15, 20, 23], isLong ? 12 : 3],
] as const) {
  test(`${what}, interrupted at any step or in any evaluation and resumed, ends in the same bytes and tells the same`, async () => {
    const whole = await uninterrupted(model);
    expect(whole.told.epochs.map(({ step }) => step)).toEqual(steps);
    const device = await sharedDevice();
    const [before, after] = [await createTrainer(device, model, options), await createTrainer(device, model, options)];
    await before.enter(0, 0, 1);
    const beginning = await checkpointOf(before, initialProgress);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(23), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (pieces, inEvaluation) => {
          const told: Told = { epochs: [], windows: [] };
          let bytes = beginning;
          for (const [k, steps] of [...pieces, Number.POSITIVE_INFINITY].entries()) {
            const trainer = k % 2 === 0 ? before : after;
            const start = await restored(trainer, bytes);
            const stop = new AbortController();
            const interrupted = interruptedAfter(trainer, steps, inEvaluation, stop);
            const { progress } = await run(interrupted, start, told, loop, stop.signal);
            bytes = await checkpointOf(trainer, progress);
          }
          expect(told).toEqual(whole.told);
          expect(Buffer.compare(bytes, whole.bytes)).toBe(0);
        },
      ),
      {
        numRuns,
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
}

test("a run that is extended continues where it stopped", async () => {
  const constant = { learningRateSchedule: { name: "constant" } } as const;
  const [short, long] = [10, 20].map((totalSteps) => ({ ...loop, totalSteps }));
  const expected = await uninterrupted(tinyVae(), constant, long);
  const { bytes } = await uninterrupted(tinyVae(), constant, short);
  const trainer = await createTrainer(await sharedDevice(), tinyVae(), { ...options, ...constant });
  const start = await restored(trainer, bytes, long);
  const { progress } = await run(trainer, start, { epochs: [], windows: [] }, long);
  const { snapshot } = readCheckpoint(openCheckpoint(expected.bytes, "expected"), trainer.model);
  expect(await trainer.snapshot()).toEqual(snapshot);
  expect(progress.step).toBe(20);
  trainer.dispose();
});

test("the losses of a batch do not depend on the order of its rows, to rounding", async () => {
  // One batch an epoch: another epoch is the same batch in another order. Without noise in it, the KL tells.
  const still = tinyOptions(patterns(32, 4, [4, 4, 1]), {
    batchSize: 32,
    optimizer: { name: "sgd", learningRate: 1e-30 },
  });
  await withTrainer(await sharedDevice(), tinyVae(), still, async (trainer) => {
    const losses: number[] = [];
    await trainer.train(6, ({ metrics }) => losses.push(metrics[2]));
    for (const kl of losses) expect(Math.abs(kl / losses[0] - 1)).toBeLessThan(1e-6);
  });
});

test.describe("early stopping", () => {
  /** A trainer of five steps an epoch whose test losses are given. */
  function withTestLosses(losses: readonly number[]): Trainer {
    const metrics = [{ name: "loss", unit: "nats", at: 0, kind: "mean" }];
    const trainer = {
      model: tinyVae(),
      stepsPerEpoch: 5,
      stage: () => ({ metrics, schedulesAt: () => ({}) }),
      train: async (steps: number) => steps,
      evaluate: async (index: number) => ({ loss: losses[index] }),
    };
    return trainer as unknown as Trainer;
  }
  const until = async (
    losses: readonly number[],
    stopping: { patience: number; minDelta?: number } | null,
    from: Progress = initialProgress,
  ) => {
    const trainer = withTestLosses(losses);
    const epochs: Epoch[] = [];
    const earlyStopping = stopping && { minDelta: 0, ...stopping };
    const options = { totalSteps: 5 * losses.length, earlyStopping, metricsEvery: null };
    const end = await trainLoop(trainer, options, from, {
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
