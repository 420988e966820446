import { ReparamError } from "../errors.ts";
import type { AdapterDescription } from "../gpu/device.ts";
import type { DataChoice, ModelChoice, Port } from "./messages.ts";
import { type RemoteRun, remoteRun, type TrainerFitOptions } from "./remote-run.ts";
import { createWire } from "./wire.ts";

/** A worker that trains, so that the page stays free. */
export interface Trainer {
  readonly adapter: AdapterDescription;
  /** As `fit` on this thread: the same run to the same bytes, with the model and the data made in the worker. */
  fit(model: ModelChoice, data: DataChoice, options?: TrainerFitOptions): RemoteRun;
  /** Ends the worker and all of its runs. */
  dispose(): void;
}

export interface TrainerOptions {
  /**
   * A worker whose script calls `serve(self)`, or another port to where that is called: for a page whose policy allows only
   * workers of its own, or for families of one's own. By default the library's own worker is started, from another origin, too.
   */
  readonly worker?: Port & { terminate?(): void };
}

/** The trainer whose runs a worker trains: waits until that has a GPU. Rejects with ReparamError "device" as `createTrainer`. */
export async function connect(worker: NonNullable<TrainerOptions["worker"]>): Promise<Trainer> {
  const wire = createWire(worker);
  return {
    adapter: await wire.ready,
    fit: (model, data, options = {}) => remoteRun(wire, model, data, options),
    dispose: () => {
      worker.terminate?.();
      wire.end(new ReparamError("usage", "This trainer was disposed: its worker has ended."));
    },
  };
}
