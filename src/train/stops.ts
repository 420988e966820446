import { type Deferred, deferred } from "./deferred.ts";

/** Where a run stands still: between two submits, for those who have something to do there, and as long as it is paused. */
export interface Stops {
  /** Calls something when the run next stands still. */
  during<T>(call: () => T | Promise<T>): Promise<T>;
  /** Has the run stand still as soon as it can. */
  interrupt(): void;
  /** Aborts when somebody wants the run to stand still. */
  interrupted(): AbortSignal;
  /** The step at which it is paused. */
  pausedAt(): number;
  /** Pauses it at a step, and ends a pause at an earlier one. */
  pauseAt(step: number): void;
  /** Stands still: calls what waits, then gives `step` its turn, and again as long as the run is paused at the step that it gives. */
  stand(step: () => number): Promise<void>;
  /** The run has ended: calls what still waits. */
  end(): void;
}

/** `signal` ends the run, paused or not. */
export function createStops(signal: AbortSignal): Stops {
  let waiting = { calls: [] as (() => Promise<void>)[], interrupt: new AbortController() };
  let paused = Number.POSITIVE_INFINITY;
  let wake: Deferred<void> = deferred();
  signal.addEventListener("abort", () => wake.resolve());

  return {
    during: <T>(call: () => T | Promise<T>) => {
      const served = deferred<T>();
      waiting.calls.push(async () => {
        try {
          served.resolve(await call());
        } catch (error) {
          served.reject(error);
        }
      });
      waiting.interrupt.abort();
      wake.resolve();
      return served.promise;
    },
    interrupt: () => waiting.interrupt.abort(),
    interrupted: () => waiting.interrupt.signal,
    pausedAt: () => paused,
    pauseAt: (step) => {
      paused = step;
      wake.resolve();
    },
    stand: async (step) => {
      for (;;) {
        const { calls } = waiting;
        wake = deferred();
        if (signal.aborted) wake.resolve();
        waiting = { calls: [], interrupt: new AbortController() };
        for (const call of calls) await call();
        if (step() < paused || signal.aborted) return;
        if (waiting.calls.length === 0) await wake.promise;
      }
    },
    end: () => {
      for (const call of waiting.calls.splice(0)) void call();
    },
  };
}
