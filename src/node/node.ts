import { ReparamError } from "../errors.ts";
import type { Attributes, Node, Op, Shape } from "./op.ts";

export type { Attributes, Node, Shape } from "./op.ts";

/** Applies an op: the shape rule runs, and refuses what does not fit. */
export function createNode(op: Op, inputs: readonly Node[], attributes: Attributes = {}, name?: string): Node {
  if (op.arity !== undefined && inputs.length !== op.arity) {
    throw new ReparamError("config", `${op.name} takes ${op.arity} inputs, and was given ${inputs.length}.`);
  }
  const shape = op.shape(
    inputs.map((input) => input.shape),
    attributes,
  );
  return name === undefined ? { op, inputs, attributes, shape } : { op, inputs, attributes, shape, name };
}

/** An attribute that has to be a shape. Throws where it is not one. */
export function checkedShape(value: unknown): Shape {
  if (!Array.isArray(value) || !value.every((extent) => Number.isSafeInteger(extent) && extent > 0)) {
    throw new ReparamError(
      "config",
      `A tensor cannot have the shape [${value}]: every extent is a whole number above 0.`,
    );
  }
  return value;
}

/** An attribute that has to be a number. Throws where it is not one, or NaN. */
export function checkedNumber(value: unknown, what: string): number {
  if (typeof value !== "number" || Number.isNaN(value))
    throw new ReparamError("config", `${what} has to be a number, not ${value}.`);
  return value;
}

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const extent of shape) size *= extent;
  return size;
}

/** Row-major strides in elements: `[2, 3, 4]` → `[12, 4, 1]`. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** The shape that both broadcast to by NumPy's rule: aligned at the right, extents equal or 1. */
export function broadcastShapes(op: string, ...shapes: Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let axis = 0; axis < shape.length; axis++) {
      const target = rank - shape.length + axis;
      if (shape[axis] === 1) continue;
      if (result[target] !== 1 && result[target] !== shape[axis]) throw shapeError(op, shapes, "do not broadcast");
      result[target] = shape[axis];
    }
  }
  return result;
}

export function shapeError(op: string, shapes: readonly Shape[], problem: string): ReparamError {
  return new ReparamError("config", `${op}: shapes ${shapes.map((shape) => `[${shape}]`).join(" and ")} ${problem}.`);
}

/** An axis counted from the front; negative ones count from the back. */
export function resolveAxis(axis: number, shape: Shape): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(resolved) || resolved < 0 || resolved >= shape.length) {
    throw new ReparamError("config", `Axis ${axis} does not exist in a tensor of shape [${shape}].`);
  }
  return resolved;
}
