import { requestDevice } from "../gpu/device.ts";
import type { JobContext, RunJob } from "../host/job.ts";
import { adapterNameOf } from "./adapter-name.ts";
import { families } from "./catalog.ts";
import { timePresets } from "./end-to-end.ts";
import { defineKernel } from "./kernel.ts";
import type { BenchEvent, BenchJob } from "./messages.ts";
import { ownCase } from "./own-kernel.ts";
import { timePlan } from "./plan.ts";
import { runCases } from "./run.ts";

/** The job `bench`: checks and times kernels, and sends the report. */
export const bench: RunJob = async ({ body }, context) => {
  const job = body as unknown as BenchJob;
  const { kernels, shapes, variants, large, presets, plan, own, rounds, timeoutSeconds } = job;
  const ownKernel = own && ownCase(await defineKernel(own));
  const open = () => requestDevice({ gpu: context.gpu, settle: context.settle });
  const device = await open();
  let hung = false;
  try {
    await send(context, { event: "start", adapterName: adapterNameOf(device.adapter) });
    const request = { shapes: shapes ?? undefined, variants, large, profile: device.profile };
    const cases = kernels.flatMap((name) => families[name].cases(request));
    const onProgress = (line: string) => void send(context, { event: "progress", line });
    const options = { rounds, timeoutSeconds, onProgress, signal: context.signal };
    const report = plan
      ? await timePlan(device, plan, options)
      : await runCases(device, ownKernel ? [ownKernel, ...cases] : cases, options);
    hung = report.hung;
    const steps = presets.length > 0 && !hung ? await timePresets(open, presets, report, options) : [];
    await send(context, { event: "end", report: { ...report, kernels: [...report.kernels, ...steps] } });
  } finally {
    // Dawn would wait for a kernel that never ends.
    if (!hung) device.dispose();
  }
};

/** A report is plain data, but for the fields that are undefined. */
const send = (context: JobContext, event: BenchEvent): Promise<void> =>
  context.emit({ body: JSON.parse(JSON.stringify(event)) });
