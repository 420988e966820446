import type { ReparamError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Compiling } from "../gpu/pipelines.ts";
import type { SavedCheckpoint } from "./keeper.ts";
import type { Epoch, LoopStatus, Steps } from "./loop.ts";
import type { MetricPlace } from "./metrics.ts";
import { initialProgress, type Progress } from "./progress.ts";
import type { NonFiniteStep } from "./remedies.ts";
import type { Trainer } from "./trainer.ts";

/** What a session tells. Nothing is told twice, also where a run goes back to a checkpoint after a lost device. */
export interface SessionEvents {
  /** Before the first step, once: what runs, and where it starts from. */
  onStart?(start: SessionStart): void | Promise<void>;
  /** While the kernels of a stage are compiled: how many are, and how many there are so far. */
  onCompiling?(state: Compiling): void;
  /** Another stage begins after `step`, and has so many steps. */
  onStage?(stage: { readonly name: string; readonly step: number; readonly steps: number }): void;
  /** After every step, some time later, with the loss of its batch. */
  onStep?(step: number, loss: number): void;
  onSteps?(steps: Steps): void;
  onEpoch?(epoch: Epoch, metrics: readonly MetricPlace[]): void | Promise<void>;
  /** The run goes on meanwhile, and waits before the next one. */
  onCheckpoint?(checkpoint: SavedCheckpoint): void | Promise<void>;
  /** A step was not finite and the run goes on: past it, or from the step `from` with half the learning rate. */
  onNonFinite?(event: NonFiniteStep): void | Promise<void>;
  /** The device was lost and replaced; the run goes on from the step. */
  onRecovery?(recovery: {
    readonly reason: ReparamError;
    readonly device: Device;
    readonly step: number;
  }): void | Promise<void>;
  /** Training has ended, and the trainer is still there to be used. */
  onEnd?(end: SessionEnd, trainer: Trainer): void | Promise<void>;
}

export interface SessionStart {
  readonly device: Device;
  readonly trainer: Trainer;
  readonly progress: Progress;
  readonly totalSteps: number;
}

export interface SessionEnd {
  readonly status: LoopStatus;
  readonly step: number;
  readonly epoch: number;
  readonly checkpoint: SavedCheckpoint;
}

/** The listener's face of a run that may take the same steps twice: what was told up to where it stands is not told again. */
export interface Telling {
  /** From here on everything is new: where a run begins, or steps are taken again that come out otherwise. */
  from(progress: Progress): void;
  start(start: SessionStart): Promise<void>;
  step(step: number, loss: number): void;
  steps(steps: Steps): void;
  /** The stage of this number. */
  stage(index: number, stage: Parameters<NonNullable<SessionEvents["onStage"]>>[0]): void;
  epoch(epoch: Epoch, metrics: readonly MetricPlace[]): Promise<void>;
  checkpoint(checkpoint: SavedCheckpoint): Promise<void>;
  /** A step that is passed over. */
  skipped(event: NonFiniteStep): Promise<void>;
}

export function createTelling(events: SessionEvents): Telling {
  let started = false;
  const toldBy = ({ stage, step, evaluatedStep }: Progress) => ({
    stage,
    step,
    steps: step,
    epoch: evaluatedStep,
    checkpoint: step,
  });
  let told = toldBy(initialProgress);
  /** Whether a number is beyond what was told of its kind, which it then is no more. */
  const isNew = (kind: keyof typeof told, number: number): boolean => {
    if (number <= told[kind]) return false;
    told[kind] = number;
    return true;
  };
  const from = (progress: Progress) => {
    told = toldBy(progress);
  };
  return {
    from,
    start: async (start) => {
      if (started) return;
      from(start.progress);
      await events.onStart?.(start);
      started = true;
    },
    step: (step, loss) => {
      if (isNew("step", step)) events.onStep?.(step, loss);
    },
    steps: (steps) => {
      if (isNew("steps", steps.step)) events.onSteps?.(steps);
    },
    stage: (index, stage) => {
      if (stage.steps > 0 && isNew("stage", index)) events.onStage?.(stage);
    },
    epoch: async (epoch, metrics) => {
      if (isNew("epoch", epoch.step)) await events.onEpoch?.(epoch, metrics);
    },
    checkpoint: async (checkpoint) => {
      if (isNew("checkpoint", checkpoint.step)) await events.onCheckpoint?.(checkpoint);
    },
    skipped: async (event) => {
      if (isNew("step", event.step)) await events.onNonFinite?.(event);
    },
  };
}
