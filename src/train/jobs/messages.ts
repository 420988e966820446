import type { JobContext, Json, Message } from "../../host/job.ts";
import type { Shape } from "../../node/node.ts";
import type { TrainConfig } from "../config.ts";
import type * as words from "../messages.ts";
import type { Losses } from "../objective.ts";

/** Sends one event of `src/train/messages.ts`. */
export function send(context: JobContext, event: { readonly event: string }, blobs?: Message["blobs"]): Promise<void> {
  return context.emit({ body: event as unknown as { [key: string]: Json }, ...(blobs && { blobs }) });
}

/** Losses as JSON can carry them. */
export function toLosses({ loss, reconstruction, kl }: Losses): words.Losses {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return { loss: finite(loss), reconstruction: finite(reconstruction), kl: finite(kl) };
}

export const bytesOf = (floats: Float32Array): Uint8Array =>
  new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);

/** What makes a checkpoint usable alone: the config, less where it ran, and the shape of an example. */
export function checkpointMetadata(config: TrainConfig, shape: Shape): Record<string, string> {
  const { host: _, data, ...rest } = config;
  const { directory: __, ...where } = data;
  return { config: JSON.stringify({ ...rest, data: where }), shape: JSON.stringify(shape) };
}
