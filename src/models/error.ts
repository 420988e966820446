import { ReparamError } from "../errors.ts";
import type { ScalingName } from "../nn/scaling.ts";
import type { Node } from "../node/node.ts";
import { sigmoid } from "../ops/activation.ts";
import { abs, sub } from "../ops/arithmetic.ts";
import { bceWithLogits, squaredError } from "../ops/loss.ts";
import type { Model, Range } from "./model.ts";
import { choice } from "./options.ts";

interface ReconstructionError {
  /** Of every number. */
  readonly error: (output: Node, x: Node) => Node;
  /** The example that an output stands for. */
  readonly decoded: (output: Node) => Node;
  readonly unit: string;
  /** Where examples have to lie. */
  readonly within?: Range;
}

/**
 * How far a redrawn example is from the original. `squared`: (output − x)², and `absolute`: |output − x|, for numbers of any
 * range. `bce`: the binary cross-entropy of x in 0..1 under the logit that is the output, which pixels learn faster from.
 */
export const reconstructionErrors: Readonly<Record<"squared" | "absolute" | "bce", ReconstructionError>> = {
  squared: { error: squaredError, decoded: (output) => output, unit: "squared error" },
  absolute: { error: (output, x) => abs(sub(output, x)), decoded: (output) => output, unit: "absolute error" },
  bce: { error: bceWithLogits, decoded: sigmoid, unit: "nats", within: [0, 1] },
};

export type ReconstructionErrorName = keyof typeof reconstructionErrors;

/**
 * Where the data of a model have to lie whose loss is of numbers in a range, unless it scales them to that itself. Throws
 * ReparamError "config" where it scales them to other numbers.
 */
export function rangeOfData(
  { within }: { readonly within?: Range },
  scaling: ScalingName = "none",
): Pick<Model, "within"> {
  if (!within || scaling === "range") return {};
  if (scaling === "none") return { within: { x: within } };
  throw new ReparamError(
    "config",
    `The loss takes numbers from ${within.join(" to ")}, and scaling "${scaling}" makes others: take scaling "range", or another loss or likelihood.`,
  );
}

export const errorOption = (fallback: ReconstructionErrorName) =>
  choice(
    reconstructionErrors,
    fallback,
    "error of a redrawn number: squared, absolute, or binary cross-entropy (values 0..1)",
  );
