import type { Node } from "../node/node.ts";
import { sigmoid } from "../ops/activation.ts";
import { abs, sub } from "../ops/arithmetic.ts";
import { bceWithLogits, squaredError } from "../ops/loss.ts";
import { choice } from "./options.ts";

interface ReconstructionError {
  /** Of every number. */
  readonly error: (output: Node, x: Node) => Node;
  /** The example that an output stands for. */
  readonly decoded: (output: Node) => Node;
  readonly unit: string;
}

/**
 * How far a redrawn example is from the original. `squared`: (output − x)², and `absolute`: |output − x|, for numbers of any
 * range. `bce`: the binary cross-entropy of x in 0..1 under the logit that is the output, which pixels learn faster from.
 */
export const reconstructionErrors = {
  squared: { error: squaredError, decoded: (output) => output, unit: "squared error" },
  absolute: { error: (output, x) => abs(sub(output, x)), decoded: (output) => output, unit: "absolute error" },
  bce: { error: bceWithLogits, decoded: sigmoid, unit: "nats" },
} as const satisfies Record<string, ReconstructionError>;

export type ReconstructionErrorName = keyof typeof reconstructionErrors;

export const errorOption = (fallback: ReconstructionErrorName) =>
  choice(
    reconstructionErrors,
    fallback,
    "error of a redrawn number: squared, absolute, or binary cross-entropy (values 0..1)",
  );
