import { presetConfig } from "../config/config.ts";
import { presets } from "../config/presets.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { spreadOf } from "../timing/statistics.ts";
import type { Trainer } from "../train/trainer.ts";
import { presetTrainer } from "./preset-trainer.ts";
import { type BenchReport, type KernelResult, type StepStart, timingOf, totalOf } from "./report.ts";
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
  const runs: Run[] = [];
  try {
    for (const name of Object.keys(presets)) {
      onProgress(`compiling the preset ${name}`);
      const run = { name, steps: 1, samples: [] as number[] };
      try {
        runs.push({ ...run, ...(await started(device, name)) });
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
    return runs.map(({ name, trainer, start, problem, steps, samples }): KernelResult => {
      const parts = trainer?.stage().program.plan.dispatches ?? [];
      return {
        kernel: "training step",
        variant: name,
        shape: `batch ${presetConfig(name).training.batchSize}`,
        ...(trainer ? { status: "ok" } : { status: "failed", problem }),
        notes: [
          "By the wall clock, on images of 28x28. Its gradients are checked by the tests, not here.",
          ...(start ? [describeStart(start)] : []),
        ],
        ...(start && { start }),
        maxRelativeError: null,
        ...totalOf(parts),
        ...(trainer && ceilings && { time: timingOf(spreadOf(samples), steps, parts, ceilings) }),
      };
    });
  } finally {
    for (const { trainer } of runs) trainer?.dispose();
  }
}

interface Run {
  readonly name: string;
  readonly trainer?: Trainer;
  readonly start?: StepStart;
  readonly problem?: string;
  steps: number;
  readonly samples: number[];
}

/** A preset's trainer after its first ten steps. */
async function started(device: Device, name: string): Promise<{ trainer: Trainer; start: StepStart }> {
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1000;
  const trainer = await presetTrainer(device, name);
  try {
    await trainer.train(1, () => {});
    const firstStep = elapsed();
    await trainer.train(9, () => {});
    const { dispatches } = trainer.stage().program.plan;
    const pipelines = new Set(dispatches.map(({ code, constants }) => JSON.stringify([code, constants]))).size;
    return { trainer, start: { launches: dispatches.length, pipelines, firstStep, tenthStep: elapsed() } };
  } catch (error) {
    trainer.dispose();
    throw error;
  }
}

const describeStart = ({ launches, pipelines, firstStep, tenthStep }: StepStart): string =>
  `A step is ${launches} launches of ${pipelines} pipelines; the first was done ${firstStep.toFixed(2)} s after the model was ` +
  `asked for, the tenth after ${tenthStep.toFixed(2)} s.`;

async function secondsOf(trainer: Trainer, steps: number): Promise<number> {
  const start = performance.now();
  await trainer.train(steps, () => {});
  return (performance.now() - start) / 1000;
}

async function stepsPerSample(trainer: Trainer): Promise<number> {
  for (let steps = 1; ; steps *= 2) {
    if ((await secondsOf(trainer, steps)) >= SAMPLE_SECONDS || steps >= 4096) return steps;
  }
}
