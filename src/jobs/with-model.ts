import { buildModel, type RunConfig } from "../config/config.ts";
import type { Dataset } from "../data/dataset.ts";
import { storageBuffer, upload } from "../gpu/buffers.ts";
import { type Device, requestDevice } from "../gpu/device.ts";
import { type Owner, withOwner } from "../gpu/owner.ts";
import type { JobContext, Message } from "../host/job.ts";
import type { Model } from "../models/model.ts";
import { arenaLayout, packArena } from "../runtime/arena.ts";
import { createSlotPool } from "../runtime/slots.ts";
import { pinned, pinsOf } from "../train/pins.ts";
import { examplesOf, type OpenCheckpoint, openCheckpoint, progressOf, readWeights } from "../train/read-checkpoint.ts";
import { seenSchedules } from "../train/stage-schedules.ts";
import type { UsesContext } from "../train/uses.ts";

/** A trained model on a device. */
interface Opened {
  readonly device: Device;
  readonly model: Model;
  readonly weights: UsesContext;
  readonly checkpoint: OpenCheckpoint;
  readonly own: Owner["own"];
}

/** Opens a device and puts a checkpoint's weights on it; the device and all that is on it go when `call` ends. */
export async function withModel(
  context: JobContext,
  config: RunConfig,
  data: { readonly fields: Dataset["fields"] },
  message: Message,
  call: (opened: Opened) => Promise<void>,
): Promise<void> {
  const checkpoint = openCheckpoint(message.blobs!.checkpoint, "The checkpoint");
  const model = buildModel(config.model, { ...data, count: examplesOf(checkpoint) });
  const tensors = readWeights(checkpoint, model.parameters);
  const opened = await requestDevice({ gpu: context.gpu, settle: context.settle });
  const device = pinned(opened, pinsOf(checkpoint));
  try {
    await withOwner(async ({ own, dispose }) => {
      const layout = arenaLayout(model.parameters);
      const parameters = own(storageBuffer(device, layout.bytes, "parameters"));
      upload(
        device,
        parameters,
        packArena(layout, ({ name }) => tensors.get(name)!),
      );
      const slots = own(createSlotPool(device));
      const schedules = () => seenSchedules(model, progressOf(checkpoint)?.changes ?? []);
      const weights = { layout, parameters, slots, schedules, rows: config.training.batchSize };
      await call({ device, model, weights, checkpoint, own });
      dispose();
    });
  } finally {
    device.dispose();
  }
}
