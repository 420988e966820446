import type { Host, Message } from "../host/job.ts";

/** Runs a job; an error of `receive` (a full disk, say) stops it, and is thrown once it has ended. */
export async function runJob(
  host: Host,
  job: Message,
  receive: (message: Message) => Promise<void>,
  interrupted: AbortSignal,
): Promise<void> {
  const broken = new AbortController();
  const guarded = async (message: Message) => {
    if (broken.signal.aborted) return;
    await receive(message).catch((error) => broken.abort(error));
  };
  try {
    await host.run(job, guarded, AbortSignal.any([interrupted, broken.signal]));
  } catch (error) {
    if (!broken.signal.aborted) throw error;
  }
  if (broken.signal.aborted) throw broken.signal.reason;
}
