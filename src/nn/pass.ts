import type { Node } from "../node/node.ts";
import type { Parameter } from "./parameter.ts";

/** What a model or a layer is applied for: a step of training, or anything else (evaluation, encoding, sampling). */
export interface Pass {
  readonly training: boolean;
  /** Rows of the batch. */
  readonly rows: number;
  /** [rows]: 1 for each example, and 0 for the rows past the end of a ragged last batch. */
  readonly weight: Node;
  /**
   * The name to draw noise under: `name` within the pass's scope. Asked for again it is another one, so that a layer
   * applied twice draws other numbers.
   */
  noise(name: string): string;
  /**
   * In training, says what a running statistic becomes with this step: a function of its value so far, which is that of
   * the update before where there was one. Throws ReparamError "config" for what is no running statistic of the model.
   */
  update(statistic: Parameter, next: (current: Node) => Node): void;
}

/** The same pass with a scope that goes before the names of its noise. */
export const scoped = (pass: Pass, scope: string): Pass => ({
  ...pass,
  noise: (name) => pass.noise(`${scope}.${name}`),
});

/** The same pass, but running statistics stay what they are. */
export const held = (pass: Pass): Pass => ({ ...pass, update: () => {} });
