import type { Dataset } from "../data/dataset.ts";
import type { DigitsOptions } from "../data/digits.ts";
import type { ExpressionOptions } from "../data/expression.ts";
import type { RingOptions } from "../data/ring.ts";
import type { ShapesOptions } from "../data/shapes.ts";
import type { ErrorCode } from "../errors.ts";
import type { AdapterDescription } from "../gpu/device.ts";
import type { Compiling } from "../gpu/pipelines.ts";
import type { FitOptions, Run } from "../train/fit.ts";
import type { Epoch, LoopStatus } from "../train/loop.ts";
import type { LiveScatter, ScatterChoice } from "./live-scatter.ts";

/**
 * The words that a page and the worker that trains for it speak. Everything survives a structured clone: no functions, and
 * numbers in typed arrays, whose memory moves with what is made for one message alone.
 */

/** A family by its name and some of its options, which make the model where the GPU is. */
export type ModelChoice = { readonly family: string; readonly [option: string]: unknown };

/** A data set; or a built-in one, which is then drawn in the worker. */
export type DataChoice =
  | Dataset
  | ({ readonly name: "digits" } & DigitsOptions)
  | ({ readonly name: "shapes" } & ShapesOptions)
  | ({ readonly name: "ring" } & RingOptions)
  | ({ readonly name: "expression" } & ExpressionOptions);

/** What of `FitOptions` can travel. */
export type SentOptions = Omit<
  FitOptions,
  "signal" | "onCompiling" | "onStep" | "onCheckpoint" | "onRecovery" | "onNonFinite"
>;

export type StartMessage = {
  readonly run: number;
  readonly start: {
    readonly model: ModelChoice;
    readonly data: DataChoice;
    readonly options: SentOptions;
    /** Whether checkpoints are sent as they come. */
    readonly checkpoints: boolean;
  };
};

/** What a page can call of a run. */
export interface RunCalls
  extends Pick<
    Run,
    | "use"
    | "encode"
    | "decode"
    | "reconstruct"
    | "logLikelihood"
    | "evaluate"
    | "checkpoint"
    | "best"
    | "pause"
    | "resume"
    | "change"
    | "setSubmitMilliseconds"
    | "dispose"
  > {
  abort(): void;
}

type ParametersOf<Method> = Method extends (...values: infer Values) => unknown ? Values : never;
type ResultOf<Method> = Method extends (...values: never[]) => infer Result ? Awaited<Result> : never;

/** A call of one of the methods of `Calls`, as data. */
export type Call<Calls> = {
  [Name in keyof Calls]: { readonly method: Name; readonly values: ParametersOf<Calls[Name]> };
}[keyof Calls];

/** A function that makes such calls, each answered with what its method gives. */
export type Caller<Calls> = <Name extends keyof Calls>(
  method: Name,
  ...values: ParametersOf<Calls[Name]>
) => Promise<ResultOf<Calls[Name]>>;

/** What is asked of a run: a call of its own, a scatter of it to be opened under a number, or a call of that scatter. */
export type Question =
  | { readonly call: Call<RunCalls> }
  | { readonly scatter: number; readonly open: { readonly canvas: OffscreenCanvas; readonly choice: ScatterChoice } }
  | { readonly scatter: number; readonly call: Call<LiveScatter> };

export type AskMessage = { readonly run: number; readonly ask: number } & Question;

export type ToWorker = StartMessage | AskMessage;

/** An error as data. */
export type Failure = { readonly code: ErrorCode; readonly message: string };

/** The losses of steps one after another, the last of which is `step`. */
export type StepsNews = { readonly news: "steps"; readonly step: number; readonly losses: Float32Array };

export type News =
  | StepsNews
  | { readonly news: "compiling"; readonly state: Compiling }
  | { readonly news: "epoch"; readonly epoch: Epoch }
  | {
      readonly news: "checkpoint";
      readonly step: number;
      readonly epoch: number;
      readonly best: boolean;
      readonly bytes: Uint8Array<ArrayBuffer>;
    }
  | { readonly news: "recovery"; readonly step: number; readonly reason: Failure; readonly adapter: AdapterDescription }
  | {
      readonly news: "nonfinite";
      readonly step: number;
      readonly reason: Failure;
      readonly action: "skip" | "halve";
      readonly from: number;
    }
  | { readonly news: "finished"; readonly status: LoopStatus }
  | { readonly news: "failed"; readonly failure: Failure };

export type FromWorker =
  /** The first message, once the worker has a device or knows that there is none. */
  | { readonly ready: AdapterDescription }
  | { readonly unready: Failure }
  | ({ readonly run: number } & News)
  /** What the method of that question gave. */
  | { readonly answer: number; readonly result: unknown }
  | { readonly answer: number; readonly failure: Failure };

/** Where messages go and come from: a `Worker`, the scope of one, or an end of a `MessageChannel`. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(kind: "message", listener: (event: MessageEvent) => void): void;
  addEventListener(kind: "error", listener: (event: Event) => void): void;
}
