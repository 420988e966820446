import type { Dataset } from "../data/dataset.ts";
import type { JobContext } from "../host/job.ts";
import { type Model, placesOf } from "../models/model.ts";
import { drawers } from "../report/drawers/index.ts";
import type { Uses } from "../train/uses.ts";
import { send } from "./send.ts";

/** Sends every picture that the model's uses and the data's kinds allow; an abort ends it between two. */
export async function sendPictures(
  context: JobContext,
  model: Model,
  uses: Uses,
  { fields, train, test }: Dataset,
  fast: boolean,
): Promise<void> {
  const { signal } = context;
  const known = placesOf(model) !== undefined;
  const subject = {
    uses: model.uses,
    fields,
    examples: known ? train : test,
    split: known ? ("training" as const) : ("test" as const),
    fast,
    use: (name: string, count: number, inputs?: Parameters<Uses["run"]>[2], seed?: number) =>
      uses.run(name, count, inputs, { seed, signal }),
  };
  for (const drawer of drawers) {
    if (signal.aborted) return;
    const picture = await drawer.draw(subject);
    if (!picture) continue;
    const { png, ...event } = picture;
    await send(context, { event: "picture", ...event }, { png });
  }
}
