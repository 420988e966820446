import { columnsOf } from "../metrics/rows.ts";
import { above, checked, finite, whole } from "../schema/constraints.ts";

export interface TraversalOptions {
  /** Codes of each way; 11 unless given. */
  readonly steps?: number;
  /** Where each number begins and ends: −3 and 3 unless given, which is nearly all that a standard normal prior has. */
  readonly low?: number;
  readonly high?: number;
}

/**
 * A code with one of its numbers moved, each in its turn: what a number stands for is what changes when they are decoded.
 *
 * @param code [latent]: that of an example, or zeros, which are the mean of a standard normal prior
 * @returns [latent, steps, latent]: number k goes from `low` to `high` in row k, and the others stay
 * @throws ReparamError "data" where the code is none, or not finite; "config" for the options.
 */
export function traversedCodes(
  code: ArrayLike<number>,
  { steps = 11, low = -3, high = 3 }: TraversalOptions = {},
): Float32Array<ArrayBuffer> {
  checked("traversedCodes", "steps", steps, whole(2));
  checked("traversedCodes", "low", low, finite());
  checked("traversedCodes", "high", high, above(low));
  const latent = columnsOf("traversedCodes: code", code, 1);
  const codes = new Float32Array(latent * steps * latent);
  for (let k = 0; k < latent; k++) {
    for (let step = 0; step < steps; step++) {
      const at = (k * steps + step) * latent;
      codes.set(code, at);
      codes[at + k] = low + ((high - low) * step) / (steps - 1);
    }
  }
  return codes;
}
