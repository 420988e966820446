import type { Device } from "../gpu/device.ts";
import type { Model } from "../models/model.ts";
import type { Cadence } from "./cadence.ts";
import { type Checkpoint, encodeCheckpoint, fieldsMetadata, type RunIdentity } from "./checkpoint.ts";
import { pinsMetadata } from "./pins.ts";
import type { Progress } from "./progress.ts";
import type { Trainer } from "./trainer.ts";
import type { Clock } from "./watch.ts";

export interface SavedCheckpoint {
  readonly step: number;
  readonly epoch: number;
  /** What the stage is watched by is the lowest so far. */
  readonly best: boolean;
  /** The file. */
  bytes(): Uint8Array<ArrayBuffer>;
}

export interface KeeperOptions {
  readonly model: Model;
  readonly cadence: Cadence;
  readonly clock: Clock;
  /** What checkpoints say beside what is needed to continue. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The run that they are of, as far as it is known. */
  readonly identity: () => RunIdentity;
  /** How its products were computed so far. */
  readonly choices: () => Readonly<Record<string, string>>;
  /** Is given each checkpoint; the steps that follow do not wait for it. */
  readonly handOut: (checkpoint: SavedCheckpoint, progress: Progress) => void | Promise<void>;
  /** Called when that, or reading one back, went wrong: `check` throws it. */
  readonly onFailure: () => void;
}

/** Takes the checkpoints of a run, one after the other, and has those that it may go back to. */
export interface Keeper {
  /** What a lost device goes back to. */
  readonly last: Checkpoint | undefined;
  readonly best: SavedCheckpoint | undefined;
  /** Where the run begins: a checkpoint of another process. */
  startFrom(checkpoint: Checkpoint): void;
  /** Whether the next one by time is due. */
  isOverdue(): boolean;
  /**
   * Takes one of now. The copies are in the GPU's queue when this resolves; that they are read back and handed out, the
   * steps that follow do not wait for.
   */
  keep(trainer: Trainer, on: Device, progress: Progress, isBest: boolean): Promise<void>;
  /** One of now that is not handed out. */
  takeNow(trainer: Trainer, on: Device, progress: Progress): Promise<SavedCheckpoint>;
  /** As `takeNow`, and the run goes back to it from now on. */
  takeLast(trainer: Trainer, on: Device, progress: Progress): Promise<SavedCheckpoint>;
  /** Waits until all were handed out, and throws what went wrong with that. */
  handedOut(): Promise<void>;
  /** Throws what went wrong with one that was to be handed out. */
  check(): void;
  /** Waits until nothing is under way any more, and forgets what went wrong: its trainer is gone. */
  abandon(): Promise<void>;
}

export function createKeeper(options: KeeperOptions): Keeper {
  const { model, cadence, clock, metadata, identity, choices, handOut, onFailure } = options;
  let last: Checkpoint | undefined;
  let best: SavedCheckpoint | undefined;
  /** The one that is being read back and handed out, and what went wrong with it. */
  let keeping: Promise<void> = Promise.resolve();
  let failed: { error: unknown } | undefined;
  let keptAt = clock.now();

  function saved(checkpoint: Checkpoint, trainer: Trainer, isBest: boolean, on: Device): SavedCheckpoint {
    const all = { ...fieldsMetadata(model.fields), ...metadata, ...pinsMetadata(on, choices()) };
    const { step } = checkpoint.progress;
    return {
      step,
      epoch: Math.ceil(step / trainer.stepsPerEpoch),
      best: isBest,
      bytes: () => encodeCheckpoint(model, checkpoint, all),
    };
  }

  const taken = async (trainer: Trainer, progress: Progress): Promise<Checkpoint> => ({
    snapshot: await trainer.snapshot(),
    progress,
    identity: identity(),
  });

  return {
    get last() {
      return last;
    },
    get best() {
      return best;
    },
    startFrom: (checkpoint) => {
      last = checkpoint;
    },
    isOverdue: () => clock.now() - keptAt >= cadence.milliseconds,
    keep: async (trainer, on, progress, isBest) => {
      await keeping;
      keptAt = clock.now();
      const snapshot = taken(trainer, progress);
      const handOver = async () => {
        last = await snapshot;
        const checkpoint = saved(last, trainer, isBest, on);
        if (isBest) best = checkpoint;
        await handOut(checkpoint, progress);
      };
      keeping = handOver();
      keeping.catch((error) => {
        failed ??= { error };
        onFailure();
      });
    },
    takeNow: async (trainer, on, progress) => saved(await taken(trainer, progress), trainer, false, on),
    takeLast: async (trainer, on, progress) => {
      last = await taken(trainer, progress);
      return saved(last, trainer, false, on);
    },
    handedOut: () => keeping,
    check: () => {
      if (failed) throw failed.error;
    },
    abandon: async () => {
      await keeping.catch(() => {}); // what it has to say was heard already
      keeping = Promise.resolve();
      failed = undefined;
    },
  };
}
