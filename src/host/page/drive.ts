import { failedWith, type Outcome } from "../outcome.ts";
import type { WorkerOrder } from "./serve-job.ts";

/** What the page offers to the process that drives it. Control only: data goes over HTTP. */
export interface PageFace {
  /** Runs the job that `url` (relative to the page) holds, in a worker of its own, to its end. */
  run(url: string, aborted: boolean): Promise<Outcome>;
  abort(url: string): void;
}

declare global {
  var reparam: PageFace;
}

/** A fresh worker for every job: when it is terminated, everything it held on the GPU goes with it. */
export function driveWorkers(createWorker: () => Worker): void {
  const workers = new Map<string, Worker>();
  const order = (worker: Worker, message: WorkerOrder) => worker.postMessage(message);

  globalThis.reparam = {
    async run(url, aborted) {
      const worker = createWorker();
      workers.set(url, worker);
      try {
        return await new Promise<Outcome>((resolve) => {
          worker.addEventListener("message", ({ data }: MessageEvent<Outcome>) => resolve(data));
          worker.addEventListener("error", ({ message }) => {
            resolve(failedWith(`The worker stopped: ${message || "its script did not load"}.`));
          });
          order(worker, { run: new URL(url, document.baseURI).href, aborted });
        });
      } finally {
        workers.delete(url);
        worker.terminate();
      }
    },
    abort(url) {
      const worker = workers.get(url);
      if (worker) order(worker, { abort: true });
    },
  };
}
