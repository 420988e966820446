import { type Dataset, type Field, fieldSize, type Split, valuesOf } from "../data/dataset.ts";
import type { Layer } from "../nn/layers.ts";
import type { Parameter } from "../nn/parameter.ts";
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
    fit: (examples, fields) => meanOf(examples, fields.x),
  };
  return { parameters: [mean], apply: (x) => sub(flat(x), mean.node) };
}

function meanOf({ count, values }: Split, field: Dataset["fields"][string]): Float32Array {
  const size = fieldSize(field);
  const sums = new Float64Array(size);
  for (let row = 0; row < count; row++) {
    const example = valuesOf(values.x.subarray(row * size, (row + 1) * size), field);
    for (let k = 0; k < size; k++) sums[k] += example[k];
  }
  return Float32Array.from(sums, (sum) => sum / count);
}
