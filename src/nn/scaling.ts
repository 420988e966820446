import { type Dataset, type Field, fieldSize, type Split, valuesOf } from "../data/dataset.ts";
import type { Node } from "../node/node.ts";
import { add, div, log, mul, sub } from "../ops/arithmetic.ts";
import { parameter } from "../ops/leaf.ts";
import { sum } from "../ops/reduce.ts";
import type { Parameter } from "./parameter.ts";

/** How the numbers of an example are brought to one size before a network sees them, and how they are brought back. */
export interface Scaling {
  /** Statistics of the training examples, fitted before the first step. */
  readonly parameters: readonly Parameter[];
  /** [rows, ...shape] → the same, scaled */
  apply(x: Node): Node;
  /** [rows, ...shape], scaled → as the data have them */
  undo(y: Node): Node;
  /** Σ ln of what the numbers of an example are divided by, []: so much larger is ln p of scaled ones. None where none are. */
  readonly logScale?: Node;
}

/** What is taken from every number, and what the rest is divided by. */
interface Statistics {
  readonly shift: Float32Array;
  readonly scale: Float32Array;
}

/** A scaling of the field `x` by statistics of a shape; they lie in checkpoints as `scaling.shift` and `scaling.scale`. */
function fitted(x: Field, shape: readonly number[], statisticsOf: (values: Float32Array) => Statistics): Scaling {
  const of = (part: keyof Statistics, start: number): Parameter => {
    const name = `scaling.${part}`;
    return {
      name,
      shape,
      node: parameter(name, shape),
      trained: false,
      initialize: () => new Float32Array(fieldSize({ shape })).fill(start),
      fit: (examples: Split, fields: Dataset["fields"]) => statisticsOf(valuesOf(examples.values.x, fields.x))[part],
    };
  };
  const shift = of("shift", 0);
  const scale = of("scale", 1);
  return {
    parameters: [shift, scale],
    apply: (x) => div(sub(x, shift.node), scale.node),
    undo: (y) => add(mul(y, scale.node), shift.node),
    logScale: mul(fieldSize(x) / fieldSize({ shape }), sum(log(scale.node))),
  };
}

/** Numbers that are all the same become 0. */
const orOne = (scale: number): number => (scale > 0 ? scale : 1);

/** From the smallest number of all to the largest. */
function rangeOf(values: Float32Array): Statistics {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { shift: Float32Array.of(low), scale: Float32Array.of(orOne(high - low)) };
}

/** Mean and standard deviation of each of `size` columns, the squares divided by the count. */
export function momentsOf(values: Float32Array, size: number): Statistics {
  const count = values.length / size;
  const mean = new Float64Array(size);
  values.forEach((value, k) => {
    mean[k % size] += value / count;
  });
  const variance = new Float64Array(size);
  values.forEach((value, k) => {
    variance[k % size] += (value - mean[k % size]) ** 2 / count;
  });
  return { shift: Float32Array.from(mean), scale: Float32Array.from(variance, (value) => orOne(Math.sqrt(value))) };
}

/**
 * By what statistics of the training examples a network's numbers are scaled. `range`: from the smallest number of all to the
 * largest becomes 0..1; `standard`: each number of an example gets mean 0 and variance 1. New examples may lie outside: nothing
 * is cut off.
 */
export const scalings = {
  none: (): Scaling => ({ parameters: [], apply: (x) => x, undo: (y) => y }),
  range: (x) => fitted(x, [1], rangeOf),
  standard: (x) => fitted(x, x.shape, (values) => momentsOf(values, fieldSize(x))),
} as const satisfies Record<string, (x: Field) => Scaling>;

export type ScalingName = keyof typeof scalings;
