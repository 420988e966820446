import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { AdapterDescription } from "../gpu/device.ts";
import { epochStream } from "../train/epoch-stream.ts";
import type { FitOptions, Run } from "../train/fit.ts";
import type { LoopStatus } from "../train/loop.ts";
import type { LiveScatter, ScatterChoice } from "./live-scatter.ts";
import type { AskMessage, DataChoice, Failure, FromWorker, ModelChoice, News, Port, ToWorker } from "./messages.ts";

/** A worker that trains, so that the page stays free. */
export interface Trainer {
  readonly adapter: AdapterDescription;
  /** As `fit` on this thread: the same run to the same bytes, with the model and the data made in the worker. */
  fit(model: ModelChoice, data: DataChoice, options?: TrainerFitOptions): RemoteRun;
  /** Ends the worker and all of its runs. */
  dispose(): void;
}

/** A run in the worker. */
export interface RemoteRun extends Run {
  /**
   * Shows codes of examples as dots on a canvas, which the worker draws from the run's own buffers, gliding, without a read-back.
   * `canvas` is what `transferControlToOffscreen` of one of the page gives; it goes to the worker. Rejects, as its methods do, with ReparamError
   * "device" where the browser draws on none by WebGPU there.
   */
  scatter(canvas: OffscreenCanvas, choice: ScatterChoice): Promise<LiveScatter>;
}

export interface TrainerFitOptions extends Omit<FitOptions, "onCheckpoint" | "onRecovery" | "onNonFinite"> {
  /** Called as `fit` calls it, with the file. */
  readonly onCheckpoint?: (checkpoint: CheckpointNews) => void;
  /** Called when a lost device was replaced; the run goes on from the step that it names. */
  readonly onRecovery?: (recovery: RecoveryNews) => void;
  /** Called with a step that was not finite, where `nonFinite` says that the run goes on. */
  readonly onNonFinite?: (step: NonFiniteNews) => void;
  /** Gives the worker the data's memory instead of a copy: the page can then read them no more. */
  readonly transfer?: boolean;
}

const NOT_LOADED =
  "it could not be loaded; where the page has a content policy, let that allow `worker-src blob:`, or give createTrainer a `worker` " +
  "of the page's own";

export type CheckpointNews = Omit<Extract<News, { news: "checkpoint" }>, "news">;
export type RecoveryNews = Omit<Extract<News, { news: "recovery" }>, "news" | "reason"> & {
  readonly reason: ReparamError;
};

export type NonFiniteNews = Omit<Extract<News, { news: "nonfinite" }>, "news" | "reason"> & {
  readonly reason: ReparamError;
};

export interface TrainerOptions {
  /**
   * A worker whose script calls `serve(self)`, or another port to where that is called: for a page whose policy allows only
   * workers of its own, or for families of one's own. By default the library's own worker is started, from another origin, too.
   */
  readonly worker?: Port & { terminate?(): void };
}

/** The trainer whose runs a worker trains: waits until that has a GPU. Rejects with ReparamError "device" as `createTrainer`. */
export async function connect(worker: NonNullable<TrainerOptions["worker"]>): Promise<Trainer> {
  const asked = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const listeners = new Map<number, (news: News) => void>();
  let ended: ReparamError | undefined;
  let count = 0;
  const post = (message: ToWorker, transfer: Transferable[] = []) => {
    if (ended) throw ended;
    worker.postMessage(message, transfer);
  };
  const end = (error: ReparamError) => {
    ended ??= error;
    const failure = { code: error.code, message: error.message };
    for (const { reject } of asked.values()) reject(error);
    for (const listener of listeners.values()) listener({ news: "failed", failure });
    asked.clear();
    listeners.clear();
  };

  const adapter = await new Promise<AdapterDescription>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if ("ready" in data) resolve(data.ready);
      else if ("unready" in data) reject(errorOf(data.unready));
      else if ("run" in data) listeners.get(data.run)?.(data);
      else settle(data);
    });
    worker.addEventListener("error", (event) => {
      const { message } = event as ErrorEvent;
      const error = new ReparamError("device", `The worker that trains failed: ${message || NOT_LOADED}.`);
      end(error);
      reject(error);
    });
  });

  function settle(data: Extract<FromWorker, { answer: number }>): void {
    const waiting = asked.get(data.answer);
    asked.delete(data.answer);
    if ("failure" in data) waiting?.reject(errorOf(data.failure));
    else waiting?.resolve(data.result);
  }

  const ask = <T>(run: number, method: AskMessage["method"], ...values: unknown[]): Promise<T> =>
    askGiving<T>([], run, method, ...values);

  /** As `ask`, and gives the worker some of the values instead of a copy. */
  function askGiving<T>(
    transfer: Transferable[],
    run: number,
    method: AskMessage["method"],
    ...values: unknown[]
  ): Promise<T> {
    const id = count++;
    return new Promise<T>((resolve, reject) => {
      asked.set(id, { resolve: resolve as (value: unknown) => void, reject });
      post({ run, ask: id, method, values }, transfer);
    });
  }

  return {
    adapter,
    fit: (model, data, options = {}) => remoteRun(model, data, options),
    dispose: () => {
      worker.terminate?.();
      end(new ReparamError("usage", "This trainer was disposed: its worker has ended."));
    },
  };

  function remoteRun(model: ModelChoice, data: DataChoice, options: TrainerFitOptions): RemoteRun {
    const { signal, onStep, onCheckpoint, onRecovery, onNonFinite, transfer = false, ...sent } = options;
    const run = count++;
    const epochs = epochStream();
    const finished = new Promise<LoopStatus>((resolve, reject) => {
      listeners.set(run, (news) => {
        switch (news.news) {
          case "steps":
            news.losses.forEach((loss, k) => {
              onStep?.(news.step - news.losses.length + 1 + k, loss);
            });
            break;
          case "epoch":
            epochs.push(news.epoch);
            break;
          case "checkpoint":
            onCheckpoint?.(news);
            break;
          case "recovery":
            onRecovery?.({ ...news, reason: errorOf(news.reason) });
            break;
          case "nonfinite":
            onNonFinite?.({ ...news, reason: errorOf(news.reason) });
            break;
          case "finished":
            resolve(news.status);
            break;
          case "failed":
            reject(errorOf(news.failure));
        }
      });
    });
    const iterated = epochs.until(finished);
    const start = { model, data, options: sent, checkpoints: onCheckpoint !== undefined };
    post({ run, start }, transfer ? memoryOf(data) : []);
    const abort = () => void ask(run, "abort").catch(() => {}); // of an ended run there is nothing to abort
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    const use: Run["use"] = (name, count, given) => ask(run, "use", name, count, given);
    return {
      finished,
      history: epochs.history,
      [Symbol.asyncIterator]: () => iterated[Symbol.asyncIterator](),
      use,
      sample: (count, given) => use("sample", count, given),
      encode: (examples, given) => ask(run, "encode", examples, given),
      decode: (codes, given) => ask(run, "decode", codes, given),
      reconstruct: (examples, given) => ask(run, "reconstruct", examples, given),
      logLikelihood: (examples, given) => ask(run, "logLikelihood", examples, given),
      evaluate: () => ask(run, "evaluate"),
      checkpoint: () => ask(run, "checkpoint"),
      best: () => ask(run, "best"),
      pause: () => ask(run, "pause"),
      resume: (steps) => void ask(run, "resume", steps).catch(() => {}), // `finished` tells what is wrong
      change: (values) => ask(run, "change", values),
      scatter: async (canvas, choice) => {
        const scatter = count++;
        await askGiving([canvas], run, "scatter", scatter, canvas, choice);
        return {
          update: (plane) => ask(run, "scatter.update", scatter, plane),
          move: (plane) => ask(run, "scatter.move", scatter, plane),
          show: (sight) => ask(run, "scatter.show", scatter, sight),
          dispose: () => ask(run, "scatter.dispose", scatter),
        };
      },
      dispose: async () => {
        signal?.removeEventListener("abort", abort);
        if (!ended) await ask(run, "dispose");
      },
    };
  }
}

const errorOf = ({ code, message }: Failure): ReparamError => new ReparamError(code as ReparamError["code"], message);

/** The memory of a data set's values, each piece once. */
function memoryOf(data: DataChoice): Transferable[] {
  if (!("fields" in data)) return [];
  const { train, test } = data as Dataset;
  const arrays = [train, test].flatMap(({ values }) => Object.values(values));
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}
