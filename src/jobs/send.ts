import type { RunConfig } from "../config/config.ts";
import { type Dataset, type FieldValues, fieldSize, type Split, storeArrays } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import type { JobContext, Json, Message } from "../host/job.ts";
import type { Losses } from "../train/metrics.ts";
import type * as words from "./messages.ts";

type SplitName = "train" | "test" | "fitted";

/** Sends one event of `messages.ts`. */
export function send(context: JobContext, event: { readonly event: string }, blobs?: Message["blobs"]): Promise<void> {
  return context.emit({ body: event as unknown as { [key: string]: Json }, ...(blobs && { blobs }) });
}

/** Terms as JSON can carry them. */
export const toLosses = (losses: Losses): words.Losses =>
  Object.fromEntries(Object.entries(losses).map(([name, value]) => [name, Number.isFinite(value) ? value : null]));

export const bytesOf = (values: FieldValues): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** What makes a checkpoint usable alone, beside its fields. */
export function configMetadata(config: RunConfig): { config: string } {
  const { host: _, keep: __, data, ...rest } = config;
  const { directory: ___, ...where } = data;
  return { config: JSON.stringify({ ...rest, data: where }) };
}

/** The values of a split as blobs: `train x`, `test label`; those that statistics are fitted to as `fitted x`. */
export const splitBlobs = (name: SplitName, { values, fitted }: Split): Record<string, Uint8Array> => ({
  ...Object.fromEntries(Object.entries(values).map(([field, array]) => [`${name} ${field}`, bytesOf(array)])),
  ...(fitted && splitBlobs("fitted", fitted)),
});

/** The first `count` examples of a split that came as blobs. Throws ReparamError "data" where a field is missing. */
export function splitOf(
  name: SplitName,
  fields: Dataset["fields"],
  count: number,
  blobs: NonNullable<Message["blobs"]>,
): Split {
  const values = Object.entries(fields).map(([key, field]) => {
    const blob = blobs[`${name} ${key}`];
    if (!blob) throw new ReparamError("data", `The job was sent no values of ${key} for its ${name} split.`);
    return [key, valuesIn(blob, field).subarray(0, count * fieldSize(field))] as const;
  });
  return { count, values: Object.fromEntries(values) };
}

/** A blob as its field's typed array. */
export function valuesIn(blob: Uint8Array, { store }: Pick<Dataset["fields"][string], "store">): FieldValues {
  if (store === "u8") return blob;
  const array = storeArrays[store];
  const size = array.BYTES_PER_ELEMENT;
  const aligned = blob.byteOffset % size === 0 ? blob : blob.slice();
  return new array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size);
}
