import { adapterNameOf } from "../bench/adapter-name.ts";
import { families } from "../bench/catalog.ts";
import { IMAGE_DATA } from "../bench/preset-trainer.ts";
import { buildModel, presetConfig } from "../config/config.ts";
import { requestDevice } from "../gpu/device.ts";
import type { DeviceProfile } from "../gpu/profile.ts";
import type { JobContext, RunJob } from "../host/job.ts";
import { Patience } from "../timing/patience.ts";
import type { TuneEvent, TuneJob } from "./messages.ts";
import { type Subject, subjectsOf, subjectsOfModel } from "./products.ts";
import { tuneProducts } from "./tune.ts";

/** The job `tune`: measures how products are computed best, and sends the report. */
export const tune: RunJob = async ({ body }, context) => {
  const job = body as unknown as TuneJob;
  const device = await requestDevice({ gpu: context.gpu, settle: context.settle });
  const patience = new Patience(device, 1000 * job.timeoutSeconds);
  const adapterName = adapterNameOf(device.adapter);
  try {
    await send(context, { event: "start", adapterName });
    const onProgress = (line: string) => void send(context, { event: "progress", line });
    const { rounds, exhaustive } = job;
    const options = { rounds, exhaustive, onProgress, signal: context.signal };
    const found = await tuneProducts(device, patience, subjectsOfJob(job, device.profile), options);
    const report = { version: 1, adapter: device.adapter, adapterName, rounds, ...found } as const;
    await send(context, { event: "end", report });
  } finally {
    // Dawn would wait for a kernel that never ends.
    if (!patience.hung) device.dispose();
  }
};

/** One subject a class, whichever preset or shape it came from. */
function subjectsOfJob({ presets: names, kernels, shapes }: TuneJob, profile: DeviceProfile): Subject[] {
  const ofPresets = names.flatMap((name) => {
    const { model, training } = presetConfig(name);
    return subjectsOfModel(buildModel(model, IMAGE_DATA), training.batchSize, profile);
  });
  const ofKernels = subjectsOf(
    kernels.flatMap((name) => families[name].graphs!(shapes ?? undefined)),
    profile,
  );
  const all = [...ofPresets, ...ofKernels];
  return all.filter((subject, k) => all.findIndex((other) => other.class === subject.class) === k);
}

/** A report is plain data, but for the fields that are undefined. */
const send = (context: JobContext, event: TuneEvent): Promise<void> =>
  context.emit({ body: JSON.parse(JSON.stringify(event)) });
