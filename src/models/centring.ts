import { type Field, fieldSize, valuesOf } from "../data/dataset.ts";
import type { Layer } from "../nn/layers.ts";
import type { Parameter } from "../nn/parameter.ts";
import { momentsOf } from "../nn/scaling.ts";
import { sub } from "../ops/arithmetic.ts";
import { parameter } from "../ops/leaf.ts";
import { flat } from "./examples.ts";

/** Examples less the mean of the training examples, which the model keeps: [rows, ...x.shape] → [rows, features]. */
export function centring(name: string, x: Field): Layer {
  const size = fieldSize(x);
  const mean: Parameter = {
    name: `${name}.mean`,
    shape: [size],
    node: parameter(`${name}.mean`, [size]),
    trained: false,
    initialize: () => new Float32Array(size),
    fit: (examples, fields) => momentsOf(valuesOf(examples.values.x, fields.x), size).shift,
  };
  return { parameters: [mean], apply: (x) => sub(flat(x), mean.node) };
}
