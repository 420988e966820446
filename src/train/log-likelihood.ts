import type { FieldValues } from "../data/dataset.ts";
import { ReparamError } from "../errors.ts";
import { IMPORTANCE_SAMPLES } from "../models/importance.ts";
import type { Model } from "../models/model.ts";
import type { Uses } from "./uses.ts";

export interface LogLikelihoodOptions {
  /** Codes that are drawn for each example, rounded up to whole calls of the use: see `wholeCalls`. */
  readonly samples: number;
  /** Selects the noise; 0 unless given. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
}

/** So many codes, or as many more as make whole calls of the use `logLikelihood`: a multiple of 16. */
export const wholeCalls = (samples: number): number => Math.ceil(samples / IMPORTANCE_SAMPLES) * IMPORTANCE_SAMPLES;

/**
 * ln p(x) of each of `count` examples in nats, by importance sampling: ln of the mean of p(x, z) / q(z | x) over codes z drawn
 * from q (Burda et al. 2016, https://arxiv.org/abs/1509.00519). The GPU adds up sixteen codes of an example at a time; what comes
 * back is one number for these, and is added up here in float64, where thousands of codes lose nothing. In the mean it is too small, and the
 * less so the more codes there are. A model that sees its examples as zeros and ones is asked about one such draw of them.
 * inputs: as `Uses.run` takes them. Throws ReparamError "usage" for a model that has no likelihood.
 */
export async function logLikelihood(
  uses: Pick<Uses, "run">,
  model: Pick<Model, "uses">,
  count: number,
  inputs: Readonly<Record<string, FieldValues>>,
  { samples, seed, signal }: LogLikelihoodOptions,
): Promise<Float64Array<ArrayBuffer>> {
  checkLikelihood(model);
  const { x } = inputs;
  const seen = model.uses.binarise
    ? { ...inputs, x: await uses.run("binarise", count, { x }, { seed, signal }) }
    : inputs;
  const calls = wholeCalls(samples) / IMPORTANCE_SAMPLES;
  const largest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const total = new Float64Array(count);
  for (let index = 0; index < calls; index++) {
    const estimates = await uses.run("logLikelihood", count, seen, { seed, index, signal });
    // Σ e^estimate is total · e^largest.
    estimates.forEach((estimate, row) => {
      const most = Math.max(largest[row], estimate);
      total[row] = total[row] * Math.exp(largest[row] - most) + Math.exp(estimate - most);
      largest[row] = most;
    });
  }
  return total.map((sum, row) => largest[row] + Math.log(sum / calls));
}

/** Throws ReparamError "usage" for a model that does not say how likely an example is. */
export function checkLikelihood({ uses }: Pick<Model, "uses">): void {
  if (uses.logLikelihood) return;
  throw new ReparamError("usage", "This model does not say how likely an example is: variational ones do.");
}
