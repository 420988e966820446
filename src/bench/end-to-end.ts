import { presetConfig } from "../config/config.ts";
import { presets } from "../config/presets.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { spreadOf } from "../timing/statistics.ts";
import type { Trainer } from "../train/trainer.ts";
import { presetTrainer } from "./preset-trainer.ts";
import { type BenchReport, type KernelResult, timingOf, totalOf } from "./report.ts";
import type { BenchmarkOptions } from "./run.ts";

/** Training and waiting for its end costs a few milliseconds beside the steps. */
const SAMPLE_SECONDS = 0.4;
const MAX_ROUNDS = 7;

/**
 * Times training steps of every preset on random images, by the wall clock, as `reparam train` runs them: several a
 * submit. A step's work is that of its plan, and its ceiling the sum of its launches' ceilings.
 */
export async function timePresets(
  device: Device,
  { ceilings }: BenchReport,
  { rounds = MAX_ROUNDS, onProgress = () => {}, signal }: BenchmarkOptions,
): Promise<KernelResult[]> {
  const runs: { name: string; trainer?: Trainer; problem?: string; steps: number; samples: number[] }[] = [];
  try {
    for (const name of Object.keys(presets)) {
      onProgress(`compiling the preset ${name}`);
      const run = { name, steps: 1, samples: [] as number[] };
      try {
        runs.push({ ...run, trainer: await presetTrainer(device, name) });
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
      const parts = trainer?.stage().program.plan.dispatches ?? [];
      return {
        kernel: "training step",
        variant: name,
        shape: `batch ${presetConfig(name).training.batchSize}`,
        ...(trainer ? { status: "ok" } : { status: "failed", problem }),
        notes: ["By the wall clock, on images of 28x28. Its gradients are checked by the tests, not here."],
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
  await secondsOf(trainer, 1); // some adapters compile at the first launch
  for (let steps = 1; ; steps *= 2) {
    if ((await secondsOf(trainer, steps)) >= SAMPLE_SECONDS || steps >= 4096) return steps;
  }
}
