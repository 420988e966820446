import { requestDevice } from "../../../src/index.ts";
import { computeKernels, type InWorker, testKernels, trainInWorker, trainSmall } from "../work.ts";

/** What the page posts to the server that it comes from. */
export type Report =
  | {
      readonly agent: string;
      readonly losses: readonly number[];
      readonly kernels: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
      /** At the address `?long`. */
      readonly long?: { readonly worker: InWorker; readonly selfTest: Awaited<ReturnType<typeof testKernels>> };
    }
  | { readonly agent: string; readonly error: string };

async function report(): Promise<Report> {
  const agent = navigator.userAgent;
  try {
    const device = await requestDevice();
    const kernels = await computeKernels(device);
    const losses = await trainSmall(device);
    if (location.search !== "?long") return { agent, losses, kernels };
    return { agent, losses, kernels, long: { worker: await trainInWorker(), selfTest: await testKernels(device) } };
  } catch (error) {
    return { agent, error: String(error) };
  }
}

await fetch("/report", { method: "POST", body: JSON.stringify(await report()) });
