import { ReparamError } from "../../errors.ts";
import { decodeMessages } from "../frame.ts";
import type { RunJob } from "../job.ts";
import { failedWith, type Outcome } from "../outcome.ts";
import { createOutbox } from "./outbox.ts";

/** What the page tells its worker: first which job to run, later perhaps that it should stop. */
export type WorkerOrder = { readonly run: string; readonly aborted: boolean } | { readonly abort: true };

declare const self: DedicatedWorkerGlobalScope;

/** Makes this worker run one job: fetches it from the server, posts its messages there, and tells the page how it ended. */
export function serveJob(runJob: RunJob): void {
  const stop = new AbortController();
  self.addEventListener("message", ({ data }: MessageEvent<WorkerOrder>) => {
    if ("abort" in data || data.aborted) stop.abort();
    if ("run" in data) runFetched(runJob, data.run, stop.signal).then((outcome) => self.postMessage(outcome));
  });
}

async function runFetched(runJob: RunJob, url: string, signal: AbortSignal): Promise<Outcome> {
  try {
    const job = await fetchOk(url);
    const [message] = decodeMessages(new Uint8Array(await job.arrayBuffer()));
    if (!navigator.gpu) throw new ReparamError("device", "This browser has no WebGPU (navigator.gpu is missing).");
    const outbox = createOutbox(async (batch) => {
      await fetchOk(url, { method: "POST", body: batch });
    });
    // A browser waits for the GPU in another process, so there is nothing cheaper than the promise itself.
    await runJob(message, { gpu: navigator.gpu, settle: (promise) => promise, emit: outbox.emit, signal });
    await outbox.drain();
    return {};
  } catch (error) {
    return failedWith(error);
  }
}

async function fetchOk(url: string, request?: RequestInit): Promise<Response> {
  const response = await fetch(url, request);
  if (!response.ok) throw new ReparamError("io", `The command line answered ${response.status} to a message.`);
  return response;
}
