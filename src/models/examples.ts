import type { Field } from "../data/dataset.ts";
import { type Node, sizeOf } from "../node/node.ts";
import { div, mul } from "../ops/arithmetic.ts";
import { oneHot } from "../ops/indexing.ts";
import { sum } from "../ops/reduce.ts";
import { broadcastTo, concat, reshape } from "../ops/shape.ts";

/** [rows, ...shape] → [rows, features] */
export const flat = (x: Node): Node => reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]);

/** The sum over each example: [rows, ...shape] → [rows]. */
export const perExample = (values: Node): Node => sum(flat(values), { axes: [1] });

/** Numbers of each example in the shape of a field: [rows, ...field.shape]. */
export const shapedAs = (values: Node, { shape }: Field): Node => reshape(values, [values.shape[0], ...shape]);

/** Each example beside its class as ones and zeros: [rows, features + classes]. */
export const withClass = (x: Node, label: Node, classes: number): Node => concat([flat(x), oneHot(label, classes)], 1);

/** Every row so many times, one after another: [rows, ...] → [rows · times, ...]. */
export function repeatRows(x: Node, times: number): Node {
  const [rows, ...rest] = x.shape;
  return reshape(broadcastTo(reshape(x, [rows, 1, ...rest]), [rows, times, ...rest]), [rows * times, ...rest]);
}

/** The mean over the examples of a batch: [rows, features] and their weight, [rows] → [features]. */
export const meanOverExamples = (values: Node, weight: Node): Node =>
  div(sum(mul(values, reshape(weight, [weight.shape[0], 1])), { axes: [0] }), sum(weight));
