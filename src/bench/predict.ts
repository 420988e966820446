import { buildModel, presetConfig } from "../config/config.ts";
import { SOME_GPU } from "../gpu/profile.ts";
import { isProduct, type Plan } from "../plan/plan.ts";
import { plansOf } from "../train/stage-plan.ts";
import { busiestStage } from "./noise-trainer.ts";
import { IMAGE_DATA } from "./preset-trainer.ts";
import { totalOf, type Work } from "./report.ts";

/** A GPU that need not be here: what it does a second, and what a launch costs beside its work. */
export interface GpuFigures {
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Seconds from the end of one launch's work to the begin of the next one's. */
  readonly launchSeconds: number;
}

/** What a launch waits for longest. */
export type Bound = "launch" | "arithmetic" | "memory";

export interface PredictedLaunch extends Work {
  readonly kernel: string;
  readonly label: string;
  readonly shape: string;
  readonly seconds: number;
  readonly bound: Bound;
}

export interface PredictedStep extends Work {
  readonly preset: string;
  readonly batchSize: number;
  readonly launches: readonly PredictedLaunch[];
  /** Of a step. */
  readonly seconds: number;
  /** Parts of the step: work of matmuls and convolutions, work of all else, and what launches cost beside their work. */
  readonly shares: Readonly<Record<"products" | "rest" | "launches", number>>;
}

/**
 * What a training step of a preset takes on a GPU of some figures, on images of 28x28: launches follow each other, and each
 * costs its start and the larger of arithmetic and memory traffic, where every operand moves once. No GPU is needed.
 */
export function predictStep(preset: string, gpu: GpuFigures): PredictedStep {
  const { training, model: config } = presetConfig(preset);
  const model = buildModel(config, IMAGE_DATA);
  const plans = plansOf(model, { ...IMAGE_DATA, shardBytes: Number.MAX_SAFE_INTEGER }, SOME_GPU, training);
  return { preset, batchSize: training.batchSize, ...predictPlan(plans[busiestStage(model)].plan, gpu) };
}

/** As `predictStep`, of a plan that is there. */
export function predictPlan(plan: Plan, gpu: GpuFigures): Omit<PredictedStep, "preset" | "batchSize"> {
  const { dispatches } = plan;
  const launches = dispatches.map((dispatch): PredictedLaunch => {
    const { kernel, label, shape, flops, bytes } = dispatch;
    const work = workSeconds(dispatch, gpu);
    const bound = gpu.launchSeconds >= work ? "launch" : flops / gpu.flopsPerSecond >= work ? "arithmetic" : "memory";
    return { kernel, label, shape, flops, bytes, seconds: gpu.launchSeconds + work, bound };
  });
  const seconds = launches.reduce((sum, launch) => sum + launch.seconds, 0);
  const share = (some: readonly Work[]) => some.reduce((sum, part) => sum + workSeconds(part, gpu), 0) / seconds;
  return {
    launches,
    seconds,
    ...totalOf(dispatches),
    shares: {
      products: share(dispatches.filter(isProduct)),
      rest: share(dispatches.filter((dispatch) => !isProduct(dispatch))),
      launches: (dispatches.length * gpu.launchSeconds) / seconds,
    },
  };
}

const workSeconds = ({ flops, bytes }: Work, { flopsPerSecond, bytesPerSecond }: GpuFigures): number =>
  Math.max(flops / flopsPerSecond, bytes / bytesPerSecond);
