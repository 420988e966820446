import { requestDevice } from "../gpu/device.ts";
import type { JobContext, RunJob } from "../host/job.ts";
import type { SelfTestEvent } from "./messages.ts";
import { selfTest } from "./self-test.ts";

/** The job `selftest`: runs every kernel against its reference, and sends the report. */
export const selftest: RunJob = async (_, context) => {
  const device = await requestDevice({ gpu: context.gpu, settle: context.settle });
  let hung = false;
  try {
    const report = await selfTest(device, {
      signal: context.signal,
      onProgress: ({ done, total, row }) => {
        const line = `${row.kernel} ${row.variant} ${row.shape} (${done} of ${total})`;
        void send(context, { event: "progress", line });
      },
    });
    hung = report.hung;
    await send(context, { event: "end", report });
  } finally {
    // Dawn would wait for a kernel that never ends.
    if (!hung) device.dispose();
  }
};

/** A report is plain data. */
const send = (context: JobContext, event: SelfTestEvent): Promise<void> =>
  context.emit({ body: JSON.parse(JSON.stringify(event)) });
