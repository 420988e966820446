import { columnsOf, type RowsOption } from "../metrics/rows.ts";
import { checked, oneOf } from "../schema/constraints.ts";

/** Codes as whole numbers of 8 or 16 bits. */
export interface QuantisedCodes {
  /** [rows, latent]: 0 stands for the column's lowest code, 2^bits − 1 for its highest, and those between lie evenly. */
  readonly steps: Uint8Array | Uint16Array;
  /** [latent] */
  readonly low: Float32Array;
  /** [latent] */
  readonly high: Float32Array;
}

const arrays = { 8: Uint8Array, 16: Uint16Array } as const;

export interface QuantisationOptions extends RowsOption {
  /** Of a number. */
  readonly bits: keyof typeof arrays;
}

/**
 * Uniform quantisation between the least and the largest of each column: no code moves by more than half a step.
 *
 * @param codes [rows, latent]
 * @throws ReparamError "data" where these are no rows of equal length, or a code is not finite; "config" for `bits`.
 */
export function quantisedCodes(codes: ArrayLike<number>, { rows, bits }: QuantisationOptions): QuantisedCodes {
  checked("quantisedCodes", "bits", `${bits}`, oneOf(["8", "16"]));
  const values = Float32Array.from(codes);
  const latent = columnsOf("quantisedCodes", values, rows);
  const low = new Float32Array(latent).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(latent).fill(Number.NEGATIVE_INFINITY);
  values.forEach((value, at) => {
    const k = at % latent;
    low[k] = Math.min(low[k], value);
    high[k] = Math.max(high[k], value);
  });
  const steps = new arrays[bits](values.length);
  values.forEach((value, at) => {
    const k = at % latent;
    if (high[k] > low[k]) steps[at] = Math.round((highest(steps) * (value - low[k])) / (high[k] - low[k]));
  });
  return { steps, low, high };
}

/** The codes that steps stand for: [rows, latent]. */
export function dequantisedCodes({ steps, low, high }: QuantisedCodes): Float32Array<ArrayBuffer> {
  const latent = low.length;
  const codes = new Float32Array(steps.length);
  for (let at = 0; at < steps.length; at++) {
    const k = at % latent;
    codes[at] = low[k] + ((high[k] - low[k]) * steps[at]) / highest(steps);
  }
  return codes;
}

const highest = (steps: QuantisedCodes["steps"]): number => 2 ** (8 * steps.BYTES_PER_ELEMENT) - 1;
