import { presetConfig } from "../config/config.ts";
import { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { spreadOf } from "../timing/statistics.ts";
import type { Trainer } from "../train/trainer.ts";
import { presetTrainer } from "./preset-trainer.ts";
import { type BenchReport, type Ceilings, type KernelResult, type StepStart, timingOf, totalOf } from "./report.ts";
import type { BenchmarkOptions } from "./run.ts";

/** Training and waiting for its end costs a few milliseconds beside the steps. */
const SAMPLE_SECONDS = 0.4;
const MAX_ROUNDS = 7;

/**
 * Times training steps of presets on random images, by the wall clock, as `reparam train` runs them: several a
 * submit. A step's work is that of its plan, and its ceiling the sum of its launches' ceilings. One preset comes after
 * another, each on a device of its own, which is closed before the next: fifty models at once are more than an adapter holds.
 */
export async function timePresets(
  open: () => Promise<Device>,
  presets: readonly string[],
  { ceilings }: BenchReport,
  options: BenchmarkOptions,
): Promise<KernelResult[]> {
  const results: KernelResult[] = [];
  for (const name of presets) {
    options.onProgress?.(`training steps of the preset ${name}`);
    const device = await open();
    try {
      results.push(await timePreset(device, name, ceilings, options));
    } catch (error) {
      if (!(error instanceof ReparamError) || error.code === "aborted") throw error;
      results.push(resultOf(name, { status: "failed", problem: error.message, notes: [] }));
    } finally {
      device.dispose();
    }
  }
  return results;
}

async function timePreset(
  device: Device,
  name: string,
  ceilings: Ceilings | undefined,
  { rounds = MAX_ROUNDS, signal }: BenchmarkOptions,
): Promise<KernelResult> {
  const { trainer, start } = await started(device, name);
  try {
    const steps = await stepsPerSample(trainer);
    const samples: number[] = [];
    while (samples.length < Math.min(rounds, MAX_ROUNDS)) {
      if (signal?.aborted) throw new ReparamError("aborted", "The benchmark was interrupted.");
      samples.push((await secondsOf(trainer, steps)) / steps);
    }
    const parts = trainer.stage().program.plan.dispatches;
    return resultOf(name, {
      status: "ok",
      notes: [describeStart(start)],
      start,
      ...totalOf(parts),
      ...(ceilings && { time: timingOf(spreadOf(samples), steps, parts, ceilings) }),
    });
  } finally {
    trainer.dispose();
  }
}

/** A preset among the results of kernels. */
const resultOf = (
  name: string,
  found: Pick<KernelResult, "status" | "notes"> & Partial<KernelResult>,
): KernelResult => ({
  kernel: "training step",
  variant: name,
  shape: `batch ${presetConfig(name).training.batchSize}`,
  maxRelativeError: null,
  ...totalOf([]),
  ...found,
  notes: ["By the wall clock, on images of 28x28. Its gradients are checked by the tests, not here.", ...found.notes],
});

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
