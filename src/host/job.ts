/** A value that survives JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A message between the command line and the place where the GPU is: plain JSON, and named bulk data beside it.
 * Bulk data never travels as JSON.
 */
export interface Message {
  readonly body: { readonly [key: string]: Json };
  readonly blobs?: { readonly [name: string]: Uint8Array };
}

/**
 * Where a job runs: a worker of a headless Chromium page, or Dawn in this Node process.
 * The job function (`src/jobs/job.ts`, the same code for every host) receives one message, emits messages, and ends.
 */
export interface Host {
  readonly kind: "chromium" | "dawn";
  /** Browser or Dawn version, as it names itself. */
  readonly version: string;
  /**
   * Runs one job to its end. Messages arrive at `receive` in order, and the next one waits until the promise of the
   * last has settled. Aborting `signal` asks the job to stop at the next step: it then saves and ends by itself.
   * Rejects with the ReparamError (code kept) that the job ended with, or code "device" if the page or process died.
   */
  run(job: Message, receive: (message: Message) => void | Promise<void>, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What a job is given: a GPU, a place to send messages to, and a signal that asks it to stop. */
export interface JobContext {
  readonly gpu: GPU;
  /** Waits for a GPU promise in the way that is cheapest on this host. */
  readonly settle: <T>(promise: Promise<T>) => Promise<T>;
  readonly emit: (message: Message) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Runs a job; registered by kind in `src/jobs/job.ts`. */
export type RunJob = (job: Message, context: JobContext) => Promise<void>;
