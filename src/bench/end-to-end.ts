import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { buildModel } from "../models/index.ts";
import { presets } from "../train/presets.ts";
import { createTrainer, type Trainer } from "../train/trainer.ts";
import { randomBytes } from "./data.ts";
import { type BenchReport, type KernelResult, timingOf, totalOf } from "./report.ts";
import type { BenchmarkOptions } from "./run.ts";
import { spreadOf } from "./statistics.ts";

/** Training and waiting for its end costs a few milliseconds beside the steps. */
const SAMPLE_SECONDS = 0.4;
const MAX_ROUNDS = 7;

/** Random pixels: what a step costs does not depend on them. */
function noiseImages(): Dataset {
  const split = (count: number, salt: number) => ({ count, examples: randomBytes(count * 784, salt) });
  return { name: "random pixels", shape: [28, 28, 1], train: split(1280, 1), test: split(128, 2) };
}

/**
 * Times training steps of every preset on random images, by the wall clock, as `reparam train` runs them: several a
 * submit. A step's work is that of its plan, and its ceiling the sum of its launches' ceilings.
 */
export async function timePresets(
  device: Device,
  { ceilings }: BenchReport,
  { rounds = MAX_ROUNDS, onProgress = () => {}, signal }: BenchmarkOptions,
): Promise<KernelResult[]> {
  const dataset = noiseImages();
  const runs: { name: string; trainer?: Trainer; problem?: string; steps: number; samples: number[] }[] = [];
  try {
    for (const [name, { config }] of Object.entries(presets)) {
      onProgress(`compiling the preset ${name}`);
      const run = { name, steps: 1, samples: [] as number[] };
      try {
        const { training, model, seed } = config;
        const trainer = await createTrainer(device, buildModel(model, dataset.shape), {
          ...training,
          dataset,
          totalSteps: 100_000,
          seed,
        });
        runs.push({ ...run, trainer });
      } catch (error) {
        if (!(error instanceof ReparamError)) throw error;
        runs.push({ ...run, problem: error.message });
      }
    }
    for (const run of runs) if (run.trainer) run.steps = await stepsPerSample(run.trainer);
    const turns = Math.min(rounds, MAX_ROUNDS);
    for (let round = 1; round <= turns; round++) {
      onProgress(`training steps, round ${round} of ${turns}`);
      for (const { trainer, steps, samples } of runs) {
        if (signal?.aborted) throw new ReparamError("aborted", "The benchmark was interrupted.");
        if (trainer) samples.push((await secondsOf(trainer, steps)) / steps);
      }
    }
    return runs.map(({ name, trainer, problem, steps, samples }): KernelResult => {
      const parts = trainer?.plan.dispatches ?? [];
      return {
        kernel: "training step",
        variant: name,
        shape: `batch ${presets[name].config.training.batchSize}`,
        ...(trainer ? { status: "ok" } : { status: "failed", problem }),
        notes: ["By the wall clock. Its gradients are checked by the tests, not here."],
        maxRelativeError: null,
        ...totalOf(parts),
        ...(trainer && ceilings && { time: timingOf(spreadOf(samples), steps, parts, ceilings) }),
      };
    });
  } finally {
    for (const { trainer } of runs) trainer?.dispose();
  }
}

async function secondsOf(trainer: Trainer, steps: number): Promise<number> {
  const start = performance.now();
  await trainer.train(steps, () => {});
  return (performance.now() - start) / 1000;
}

async function stepsPerSample(trainer: Trainer): Promise<number> {
  await secondsOf(trainer, 2); // some adapters compile at the first launch
  for (let steps = 2; ; steps *= 2) {
    if ((await secondsOf(trainer, steps)) >= SAMPLE_SECONDS || steps >= 4096) return steps;
  }
}
