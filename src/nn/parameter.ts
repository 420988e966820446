import type { Dataset, Split } from "../data/dataset.ts";
import { type Node, type Shape, sizeOf } from "../node/node.ts";
import { parameter } from "../ops/leaf.ts";
import { drawFor, type Initializer } from "./initializers.ts";

/** A tensor that a model keeps: its node, and its values before training. */
export interface Parameter {
  readonly name: string;
  readonly shape: Shape;
  readonly node: Node;
  /** Moved by an optimizer; otherwise a statistic: what a training step makes of it itself, or what was fitted before. */
  readonly trained: boolean;
  /** f32 of `shape`, a function of the seed alone. */
  initialize(seed: number): Float32Array;
  /** Where there is one, its values before training are not drawn but computed from the training examples. */
  readonly fit?: (examples: Split, fields: Dataset["fields"]) => Float32Array;
}

/** A parameter that an initializer draws. */
export function trained(
  name: string,
  shape: Shape,
  initializer: Initializer,
  fans: { fanIn: number; fanOut: number },
): Parameter {
  return {
    name,
    shape,
    node: parameter(name, shape),
    trained: true,
    initialize: (seed) => initializer(drawFor(name, seed, { shape, ...fans })),
  };
}

/** The numbers that are trained. */
export const parameterCount = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, { shape, trained }) => sum + (trained ? sizeOf(shape) : 0), 0);
