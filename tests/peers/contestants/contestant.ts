import { PARAMETERS, type ParameterName, type Weights } from "../problem.ts";

/** One engine on one backend, training the VAE of problem.ts. */
export interface Contestant {
  /** As printed, for instance "jax-js webgpu". */
  name: string;
  /** Puts weights and images ([IMAGES, PIXELS] bytes) on the device; called once, before `run`. */
  prepare(weights: Weights, images: Uint8Array): Promise<void>;
  /**
   * Trains `steps` steps, each on a fresh random batch with fresh noise, and resolves to the last step's loss (nats an
   * image) once every update has really been computed. Throws when a parameter did not change.
   */
  run(steps: number): Promise<number>;
  dispose(): void;
}

/** A few values of each parameter, as read back from the device after a run. */
export type Probe = Record<ParameterName, Float32Array>;

/**
 * Throws if some parameter is just as it was: an engine that skips results nobody reads would look fast otherwise.
 * Parameters are compared as a whole, because single weights may have no gradient (dead units, empty pixels).
 */
export function assertAllMoved(name: string, before: Probe, after: Probe): void {
  for (const parameter of PARAMETERS) {
    if (after[parameter].every((value, index) => value === before[parameter][index])) {
      throw new Error(`${name} left ${parameter} unchanged: it did not do the work of its steps`);
    }
    if (!after[parameter].every(Number.isFinite)) throw new Error(`${name} has non-finite values in ${parameter}`);
  }
}
