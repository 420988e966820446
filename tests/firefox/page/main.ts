import { requestDevice } from "../../../src/index.ts";
import { computeKernels, trainSmall } from "../work.ts";

/** What the page posts to the server that it comes from. */
export type Report =
  | {
      readonly agent: string;
      readonly losses: readonly number[];
      readonly kernels: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
    }
  | { readonly agent: string; readonly error: string };

async function report(): Promise<Report> {
  const agent = navigator.userAgent;
  try {
    const device = await requestDevice();
    const kernels = await computeKernels(device);
    return { agent, losses: await trainSmall(device), kernels };
  } catch (error) {
    return { agent, error: String(error) };
  }
}

await fetch("/report", { method: "POST", body: JSON.stringify(await report()) });
