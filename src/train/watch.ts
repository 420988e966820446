import { ReparamError } from "../errors.ts";
import { createPatience } from "./patience.ts";
import type { Trainer } from "./trainer.ts";

/** Where a run has its time from. Tests have it pass as they like. */
export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  /** Calls something every second until what it returns is called. */
  everySecond(tick: () => void): () => void;
}

export const machineClock: Clock = {
  now: () => performance.now(),
  everySecond: (tick) => {
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  },
};

/** Watches a GPU that may hang without being lost. */
export interface Watch {
  /** The work, or ReparamError "device" where it is silent for too long. */
  during<T>(work: Promise<T>): Promise<T>;
  /** A trainer whose steps, evaluations and snapshots are watched; an evaluation has so many batches. */
  over(trainer: Trainer, batches: number): Trainer;
  /** Whether this error is of a GPU that hung. */
  found(error: unknown): boolean;
}

export function createWatch({ everySecond }: Clock): Watch {
  const patience = createPatience();
  const hung = new WeakSet<object>();

  async function during<T>(work: Promise<T>, wait = patience.wait()): Promise<T> {
    let end = () => {};
    const silence = new Promise<never>((_, reject) => {
      end = everySecond(() => {
        if (!wait.tick()) return;
        const error = new ReparamError("device", "The GPU device was lost (hung): it has not answered for minutes.");
        hung.add(error);
        reject(error);
      });
    });
    silence.catch(() => {}); // it may come when the work has just ended
    work.catch(() => {}); // and the work may fail when nobody waits for it any more
    try {
      return await Promise.race([work, silence]);
    } finally {
      end();
    }
  }

  return {
    during: (work) => during(work),
    found: (error) => typeof error === "object" && error !== null && hung.has(error),
    over: (trainer, batches) => ({
      ...trainer,
      train: async (steps, onRow, signal) => {
        let over = false;
        const wait = patience.wait();
        const work = trainer.train(
          steps,
          (row) => {
            if (over) return; // a GPU that comes round after all is not listened to
            wait.heard();
            onRow(row);
          },
          signal,
        );
        try {
          return await during(work, wait);
        } finally {
          over = true;
        }
      },
      evaluate: (index, signal) => during(trainer.evaluate(index, signal), patience.wait(batches)),
      snapshot: () => during(trainer.snapshot()),
    }),
  };
}
