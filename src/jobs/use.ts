import { ReparamError } from "../errors.ts";
import type { RunJob } from "../host/job.ts";
import { useNamed } from "../train/use-named.ts";
import { createUses } from "../train/uses.ts";
import type { ResultEvent, UseJob } from "./messages.ts";
import { bytesOf, send, valuesIn } from "./send.ts";
import { withModel } from "./with-model.ts";

/** The job `use`: runs one use of a trained model. */
export const use: RunJob = async (message, context) => {
  const { config, fields, use: name, count, seed } = message.body as unknown as UseJob;
  await withModel(context, config, { fields }, message, async ({ device, model, weights, own }) => {
    const { from, to } = useNamed(model, name);
    const inputs = Object.entries(from).map(([key, field]) => {
      const blob = message.blobs?.[`input ${key}`];
      if (!blob) throw new ReparamError("data", `${name} takes ${key}, and the job was sent none.`);
      return [key, valuesIn(blob, field)] as const;
    });
    const uses = own(createUses(device, model, weights));
    const { signal } = context;
    const result = await uses.run(name, count, Object.fromEntries(inputs), { seed, signal });
    const event: ResultEvent = { event: "result", shape: [count, ...to.shape] };
    await send(context, event, { result: bytesOf(result) });
  });
};
