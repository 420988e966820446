// All that training takes in one file without imports, reparam.min.js, for a page that has it from a CDN.
import { connect, type Trainer, type TrainerOptions } from "./worker/connect.ts";
import { startImporting } from "./worker/start-importing.ts";

export { openDecoder } from "./decode/index.ts";
export * from "./index.ts";
export { serve } from "./worker/serve.ts";

/** As `createTrainer` of `reparam/worker`: the worker imports this file. */
export async function createTrainer({ worker = startOwnWorker() }: TrainerOptions = {}): Promise<Trainer> {
  return connect(worker);
}

const startOwnWorker = (): Worker => startImporting(import.meta.url, "serve");
