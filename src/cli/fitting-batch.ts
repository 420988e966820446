import type { RunConfig } from "../config/config.ts";
import { ReparamError } from "../errors.ts";
import type { RunPlan } from "./train-options.ts";

/**
 * The config of a run on so many training examples. A batch that nobody asked for is no larger than the data, and `say`
 * is told. Throws ReparamError "config" for one that somebody did ask for.
 */
export function withFittingBatch(
  { config, batchAsked }: RunPlan,
  { name, count }: { readonly name: string; readonly count: number },
  say: (line: string) => void,
): RunConfig {
  const { batchSize } = config.training;
  if (batchSize <= count) return config;
  const found = `${name} has only ${count} training examples`;
  if (batchAsked) {
    throw new ReparamError("config", `training.batchSize is ${batchSize}, but ${found}: choose a smaller batch.`);
  }
  say(`batch    ${count} instead of ${batchSize}: ${found}`);
  return { ...config, training: { ...config.training, batchSize: count } };
}
