import type { Dataset } from "../data/dataset.ts";
import type { ReparamError } from "../errors.ts";
import { epochStream } from "../train/epoch-stream.ts";
import type { FitOptions, Run } from "../train/fit.ts";
import type { LoopStatus } from "../train/loop.ts";
import type { LiveScatter, ScatterChoice } from "./live-scatter.ts";
import type { DataChoice, ModelChoice, News, RunCalls } from "./messages.ts";
import { callerOf, errorOf, type Wire } from "./wire.ts";

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

export type CheckpointNews = Omit<Extract<News, { news: "checkpoint" }>, "news">;
export type RecoveryNews = Omit<Extract<News, { news: "recovery" }>, "news" | "reason"> & {
  readonly reason: ReparamError;
};

export type NonFiniteNews = Omit<Extract<News, { news: "nonfinite" }>, "news" | "reason"> & {
  readonly reason: ReparamError;
};

/** Starts a run at the other end of a wire. */
export function remoteRun(wire: Wire, model: ModelChoice, data: DataChoice, options: TrainerFitOptions): RemoteRun {
  const { signal, onCompiling, onStep, onCheckpoint, onRecovery, onNonFinite, transfer = false, ...sent } = options;
  const id = wire.unused();
  const epochs = epochStream();
  const start = { model, data, options: sent, checkpoints: onCheckpoint !== undefined };
  const finished = new Promise<LoopStatus>((resolve, reject) => {
    const listen = (news: News) => {
      switch (news.news) {
        case "steps":
          news.losses.forEach((loss, k) => {
            onStep?.(news.step - news.losses.length + 1 + k, loss);
          });
          break;
        case "compiling":
          onCompiling?.(news.state);
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
    };
    wire.start({ run: id, start }, listen, transfer ? memoryOf(data) : []);
  });
  const iterated = epochs.until(finished);
  const call = callerOf<RunCalls>((made) => wire.ask(id, { call: made }));
  const abort = () => void call("abort").catch(() => {}); // of an ended run there is nothing to abort
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return {
    finished,
    history: epochs.history,
    [Symbol.asyncIterator]: () => iterated[Symbol.asyncIterator](),
    use: (name, count, given) => call("use", name, count, given),
    sample: (count, given) => call("use", "sample", count, given),
    encode: (examples, given) => call("encode", examples, given),
    decode: (codes, given) => call("decode", codes, given),
    reconstruct: (examples, given) => call("reconstruct", examples, given),
    logLikelihood: (examples, given) => call("logLikelihood", examples, given),
    evaluate: () => call("evaluate"),
    checkpoint: () => call("checkpoint"),
    best: () => call("best"),
    pause: () => call("pause"),
    resume: (steps) => void call("resume", steps).catch(() => {}), // `finished` tells what is wrong
    change: (values) => call("change", values),
    setSubmitMilliseconds: (milliseconds) => call("setSubmitMilliseconds", milliseconds),
    scatter: (canvas, choice) => remoteScatter(wire, id, canvas, choice),
    dispose: async () => {
      signal?.removeEventListener("abort", abort);
      if (!wire.ended()) await call("dispose");
    },
  };
}

async function remoteScatter(
  wire: Wire,
  run: number,
  canvas: OffscreenCanvas,
  choice: ScatterChoice,
): Promise<LiveScatter> {
  const scatter = wire.unused();
  await wire.ask(run, { scatter, open: { canvas, choice } }, [canvas]);
  const call = callerOf<LiveScatter>((made) => wire.ask(run, { scatter, call: made }));
  return {
    update: (plane) => call("update", plane),
    move: (plane) => call("move", plane),
    show: (sight) => call("show", sight),
    dispose: () => call("dispose"),
  };
}

/** The memory of a data set's values, each piece once. */
function memoryOf(data: DataChoice): Transferable[] {
  if (!("fields" in data)) return [];
  const { train, test } = data as Dataset;
  const arrays = [train, test].flatMap(({ values }) => Object.values(values));
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))];
}
