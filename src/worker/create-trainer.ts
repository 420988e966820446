import { connect, type Trainer, type TrainerOptions } from "./connect.ts";
import { startWorker } from "./start-worker.ts";

/**
 * Starts a worker and waits until it has a GPU. Rejects with ReparamError "device" where there is none, or where the
 * worker cannot start.
 */
export async function createTrainer({ worker = startWorker() }: TrainerOptions = {}): Promise<Trainer> {
  return connect(worker);
}
