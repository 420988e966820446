import { builtIn } from "../data/built-in.ts";
import type { Dataset } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { type Device, type DeviceOptions, requestDevice } from "../gpu/device.ts";
import { buildFamily, type Family } from "../models/family.ts";
import { statementOf } from "../models/family-by-name.ts";
import type { Model } from "../models/model.ts";
import { type FitOptions, fit, type LocalRun } from "../train/fit.ts";
import { disposedRun } from "../train/session.ts";
import type { LiveScatter } from "./live-scatter.ts";
import type {
  AskMessage,
  Call,
  DataChoice,
  Failure,
  FromWorker,
  ModelChoice,
  News,
  Port,
  Question,
  RunCalls,
  StartMessage,
  ToWorker,
} from "./messages.ts";

/** Losses are sent at most so often, all steps of the time between in one message. */
const STEPS_MILLISECONDS = 100;

export interface ServeOptions extends DeviceOptions {
  /** Families of one's own, beside the built-in ones. */
  readonly families?: readonly Family[];
}

type ScatterQuestion = Extract<Question, { readonly scatter: number }>;

/** A run, and what it takes to stop it. */
interface Served {
  readonly run: Promise<LocalRun>;
  readonly stop: AbortController;
  /** The device that it is on now. */
  readonly device: () => Device;
  readonly scatters: Map<number, LiveScatter>;
}

/** Trains for whoever is at the other end of a port: what a worker's script calls, with its `self`. */
export async function serve(port: Port, { families = [], ...options }: ServeOptions = {}): Promise<void> {
  const own = new Map(families.map((family) => [family.statement.name, family.statement]));
  const runs = new Map<number, Served>();
  const post = (message: FromWorker, transfer: Transferable[] = []) => port.postMessage(message, transfer);
  let device = open();
  port.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
    if ("start" in data) runs.set(data.run, start(data));
    else void answer(data);
  });
  await device.then(
    ({ adapter }) => post({ ready: adapter }),
    (error) => post({ unready: failureOf(error) }),
  );

  /** A device; when it is lost, another one for the runs to come. */
  function open(): Promise<Device> {
    const opened = requestDevice(options);
    opened.then(
      ({ lost }) =>
        void lost.then(() => {
          device = open();
        }),
      () => {}, // whoever needs it gets the error
    );
    return opened;
  }

  async function modelOf({ family, ...options }: ModelChoice, { fields, train }: Dataset): Promise<Model> {
    const statement = own.get(family) ?? (await statementOf(family));
    return buildFamily(statement, options, { fields, count: train.count });
  }

  function start({ run: id, start: { model, data, options, checkpoints } }: StartMessage): Served {
    const stop = new AbortController();
    const tell = (news: News, transfer?: Transferable[]) => post({ run: id, ...news }, transfer);
    const losses = gathered((step, losses) => tell({ news: "steps", step, losses }, [losses.buffer]));
    const events: FitOptions = {
      onCompiling: (state) => tell({ news: "compiling", state }),
      onStep: losses.add,
      onRecovery: ({ step, reason, device }) => {
        runsOn = device;
        tell({ news: "recovery", step, reason: failureOf(reason), adapter: device.adapter });
      },
      onNonFinite: ({ reason, ...step }) => tell({ news: "nonfinite", reason: failureOf(reason), ...step }),
      ...(checkpoints && {
        onCheckpoint: ({ step, epoch, best, bytes }) => {
          const file = bytes();
          tell({ news: "checkpoint", step, epoch, best, bytes: file }, [file.buffer]);
        },
      }),
    };
    let runsOn: Device;
    const begin = async () => {
      const on = await device;
      runsOn = on;
      const dataset = datasetOf(data);
      return fit(on, await modelOf(model, dataset), dataset, { ...options, ...events, signal: stop.signal });
    };
    const run = begin();
    const follow = async () => {
      for await (const epoch of await run) {
        losses.send();
        tell({ news: "epoch", epoch });
      }
      return (await run).finished;
    };
    follow().then(
      (status) => {
        losses.send();
        tell({ news: "finished", status });
      },
      (error) => tell({ news: "failed", failure: failureOf(error) }),
    );
    return { run, stop, device: () => runsOn, scatters: new Map() };
  }

  async function answer(message: AskMessage): Promise<void> {
    const { ask } = message;
    try {
      const result = await resultOf(message);
      // What a run hands out was made for this message alone.
      post({ answer: ask, result }, ArrayBuffer.isView(result) ? [result.buffer as ArrayBuffer] : []);
    } catch (error) {
      post({ answer: ask, failure: failureOf(error) });
    }
  }

  async function resultOf(message: AskMessage): Promise<unknown> {
    const served = runs.get(message.run);
    if (!served) {
      if ("call" in message && message.call.method === "dispose") return undefined;
      throw disposedRun();
    }
    if ("scatter" in message) return askScatter(served, message);
    const { run, stop, scatters } = served;
    const { call } = message;
    if (call.method === "abort") return stop.abort();
    if (call.method !== "dispose") return made<Omit<RunCalls, "abort">>(await run, call);
    runs.delete(message.run);
    stop.abort();
    for (const scatter of scatters.values()) void scatter.dispose();
    await run.then(
      (opened) => opened.dispose(),
      () => {}, // it never began
    );
  }
}

async function askScatter({ run, device, scatters }: Served, question: ScatterQuestion): Promise<unknown> {
  const { scatter: id } = question;
  if ("open" in question) {
    const { canvas, choice } = question.open;
    const { liveScatter } = await import("./live-scatter.ts");
    return void scatters.set(id, liveScatter(await run, device, canvas, choice));
  }
  const { call } = question;
  const scatter = scatters.get(id);
  if (call.method === "dispose") scatters.delete(id);
  else if (!scatter) throw new ReparamError("usage", "This scatter was disposed: nothing is drawn any more.");
  return scatter && made<LiveScatter>(scatter, call);
}

/** Makes a call. */
const made = <Calls>(on: Calls, { method, values }: Call<Calls>): unknown =>
  (on[method] as (...values: readonly unknown[]) => unknown)(...values);

/** Losses of steps one after another, sent together. */
function gathered(send: (step: number, losses: Float32Array<ArrayBuffer>) => void) {
  let waiting: number[] = [];
  let last = 0;
  let sent = Number.NEGATIVE_INFINITY;
  const sendNow = () => {
    if (waiting.length === 0) return;
    sent = performance.now();
    send(last, Float32Array.from(waiting));
    waiting = [];
  };
  return {
    add: (step: number, loss: number) => {
      waiting.push(loss);
      last = step;
      if (performance.now() - sent >= STEPS_MILLISECONDS) sendNow();
    },
    send: sendNow,
  };
}

function datasetOf(data: DataChoice): Dataset {
  if (!isChosen(data)) return data;
  const { name, ...options } = data;
  if (Object.hasOwn(builtIn, name)) return builtIn[name].draw(options);
  const known = Object.keys(builtIn).join(", ");
  throw new ReparamError("usage", `There is no built-in data set "${name}"; there are ${known}, and your own Dataset.`);
}

const isChosen = (data: DataChoice): data is Exclude<DataChoice, Dataset> => !Object.hasOwn(data, "fields");

const failureOf = (error: unknown): Failure => ({
  code: error instanceof ReparamError ? error.code : "internal",
  message: error instanceof Error ? error.message : String(error),
});
