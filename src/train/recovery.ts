import { ReparamError } from "../errors.ts";
import { type Device, requestDevice } from "../gpu/device.ts";
import type { Watch } from "./watch.ts";

/** The loss of a device may become known so much later than the failure of what ran on it. */
const LOSS_MILLISECONDS = 1000;

/** A device that is lost more often than this, and no new checkpoint between, is broken. */
const MAX_VAIN_RECOVERIES = 3;

/** The device of a run, and another one in its place when it is lost. */
export interface Recovery {
  device(): Device;
  /**
   * The loss of the device that an error came of; `gained`: the run has a newer checkpoint than before the last one. Throws the error
   * where it was none, and the loss where there were too many in vain.
   */
  lossBehind(error: unknown, gained: boolean): Promise<ReparamError>;
  /** Opens another device, whose products are computed as before. */
  replace(): Promise<void>;
  /** Frees what was opened; the first device stays its owner's. */
  dispose(): void;
}

export function createRecovery(first: Device, watch: Watch): Recovery {
  let device = first;
  let vain = 0;
  const dispose = () => {
    if (device !== first) device.dispose();
  };

  async function lossOf(error: unknown): Promise<ReparamError | undefined> {
    if (watch.found(error)) return error as ReparamError;
    // On a device that is gone no shader compiles either.
    if (error instanceof ReparamError && error.code !== "device" && error.code !== "compile") return undefined;
    // Dawn in Node tells of a loss only while somebody waits for something.
    device.settle(device.gpu.queue.onSubmittedWorkDone()).catch(() => {});
    return Promise.race([device.lost, waited(LOSS_MILLISECONDS)]);
  }

  return {
    device: () => device,
    lossBehind: async (error, gained) => {
      const lost = await lossOf(error);
      if (!lost) throw error;
      vain = gained ? 0 : vain + 1;
      if (vain > MAX_VAIN_RECOVERIES) throw lost;
      return lost;
    },
    replace: async () => {
      const { entry, settle, profile } = device;
      const fresh = await watch.during(requestDevice({ gpu: entry, settle }));
      dispose();
      device = { ...fresh, profile: { ...fresh.profile, ...(profile.choices && { choices: profile.choices }) } };
    },
    dispose,
  };
}

const waited = (milliseconds: number) => new Promise<undefined>((resolve) => setTimeout(resolve, milliseconds));
