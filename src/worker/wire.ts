import { ReparamError } from "../errors.ts";
import type { AdapterDescription } from "../gpu/device.ts";
import type { Call, Caller, Failure, FromWorker, News, Port, Question, StartMessage, ToWorker } from "./messages.ts";

/** The page's end of what connects it with a worker that trains. */
export interface Wire {
  /** The adapter of the worker, once it has one. Rejects with ReparamError "device" where it has none or does not start. */
  readonly ready: Promise<AdapterDescription>;
  /** A number that nothing on this wire has yet. */
  unused(): number;
  /** Starts a run, and gives the listener what it tells. Throws where the wire has ended. */
  start(message: StartMessage, listener: (news: News) => void, transfer: Transferable[]): void;
  /** Asks something of a run, and gives the worker what is in `transfer` instead of a copy. */
  ask(run: number, question: Question, transfer?: Transferable[]): Promise<unknown>;
  /** From now on every question, open ones too, is answered by this error, and every run has failed by it. */
  end(error: ReparamError): void;
  ended(): boolean;
}

const NOT_LOADED =
  "it could not be loaded; where the page has a content policy, let that allow `worker-src blob:`, or give createTrainer a `worker` " +
  "of the page's own";

export function createWire(worker: Port): Wire {
  const asked = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const listeners = new Map<number, (news: News) => void>();
  let over: ReparamError | undefined;
  let count = 0;

  const unused = () => count++;

  function post(message: ToWorker, transfer: Transferable[]): void {
    if (over) throw over;
    worker.postMessage(message, transfer);
  }

  function end(error: ReparamError): void {
    over ??= error;
    const failure = { code: error.code, message: error.message };
    for (const { reject } of asked.values()) reject(error);
    for (const listener of listeners.values()) listener({ news: "failed", failure });
    asked.clear();
    listeners.clear();
  }

  function settle(data: Extract<FromWorker, { answer: number }>): void {
    const waiting = asked.get(data.answer);
    asked.delete(data.answer);
    if ("failure" in data) waiting?.reject(errorOf(data.failure));
    else waiting?.resolve(data.result);
  }

  const ready = new Promise<AdapterDescription>((resolve, reject) => {
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

  return {
    ready,
    unused,
    start: (message, listener, transfer) => {
      listeners.set(message.run, listener);
      post(message, transfer);
    },
    ask: (run, question, transfer = []) =>
      new Promise((resolve, reject) => {
        const ask = unused();
        asked.set(ask, { resolve, reject });
        post({ run, ask, ...question }, transfer);
      }),
    end,
    ended: () => over !== undefined,
  };
}

/** What makes calls by asking: a call's answer is what its method gives, by `Wire`'s other end. */
export const callerOf =
  <Calls>(ask: (call: Call<Calls>) => Promise<unknown>): Caller<Calls> =>
  (method, ...values) =>
    ask({ method, values }) as ReturnType<Caller<Calls>>;

export const errorOf = ({ code, message }: Failure): ReparamError => new ReparamError(code, message);
