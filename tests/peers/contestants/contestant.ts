import type { Problem, Weights } from "../problems/problem.ts";

/** One engine on one backend. */
export interface Contestant {
  /** As printed, for instance "jax-js webgpu". */
  readonly name: string;
  /** Puts a problem's data on the device. Throws where the engine cannot run it. */
  prepare(problem: Problem): Promise<Run>;
}

/**
 * Trains so many steps, each on a fresh random batch with fresh noise, and resolves to the last step's loss (nats an
 * image) once every update has really been computed; throws when a parameter did not change. Or launches a kernel so often,
 * each to its end, and resolves to what `checkedSum` says of the result as it was read back.
 */
export type Run = (repeats: number) => Promise<number>;

/**
 * Throws if some parameter is just as it was: an engine that skips results nobody reads would look fast otherwise.
 * Parameters are compared as a whole, because single weights may have no gradient (dead units, empty pixels).
 */
export function assertAllMoved(name: string, before: Weights, after: Weights): void {
  for (const [parameter, values] of Object.entries(after)) {
    if (values.every((value, index) => value === before[parameter]?.[index])) {
      throw new Error(`${name} left ${parameter} unchanged: it did not do the work of its steps`);
    }
    if (!values.every(Number.isFinite)) throw new Error(`${name} has non-finite values in ${parameter}`);
  }
}
