import { ReparamError } from "../errors.ts";
import type { Bench } from "./case.ts";

/** The loss of a device may become known so much later than the failure of what ran on it. */
const LOSS_MILLISECONDS = 100;

/** What went wrong with a kernel, in words, and whether the device is of no more use. Throws what is no fault of a kernel's. */
export async function failureOf(
  { device, patience }: Bench,
  error: unknown,
): Promise<{ problem: string; gone: boolean }> {
  const pause = new Promise<undefined>((resolve) => setTimeout(resolve, LOSS_MILLISECONDS));
  const lost = await Promise.race([device.lost, pause]);
  // With a device go all promises and mapped buffers, each with an error of its own kind.
  if (lost) return { problem: lost.message, gone: true };
  if (!(error instanceof ReparamError)) throw error;
  return { problem: error.message, gone: patience.hung };
}
